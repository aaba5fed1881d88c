//! The revision that a service asks for.

use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::git::Reference;

/// The keys that name a revision, of which at most one is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Revision {
    /// A branch.
    pub(crate) branch: Option<String>,
    /// A tag.
    pub(crate) tag: Option<String>,
    /// A commit, by its hash.
    pub(crate) commit: Option<String>,
    /// A ref by its full name.
    #[serde(rename = "ref")]
    pub(crate) full_ref: Option<String>,
}

impl Revision {
    /// What is fetched: the remote's default branch where nothing is given.
    ///
    /// # Errors
    /// More than one given, or one that git would not accept.
    pub(crate) fn reference(&self) -> Result<Reference, Fault> {
        let all = [
            ("branch", &self.branch),
            ("tag", &self.tag),
            ("commit", &self.commit),
            ("ref", &self.full_ref),
        ];
        let given: Vec<_> =
            all.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect();
        Ok(match given.as_slice() {
            [] => Reference::Default,
            [("branch", name)] => Reference::branch(name)?,
            [("tag", name)] => Reference::tag(name)?,
            [("commit", hash)] => Reference::commit(hash)?,
            [(_, name)] => Reference::full(name)?,
            [_, .., (key, _)] => {
                let message = "only one of `branch`, `tag`, `commit` and `ref` can be given";
                return Err(Fault::script("wrong_option", message)
                    .option(*key)
                    .hint("keep the one that should be installed"));
            }
        })
    }
}
