//! `.git/hero.json`: written last, so that a checkout with it is a whole one.

use git2::{Oid, Repository};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::reference::Reference;
use super::remote::oid;
use super::target::Target;
use super::url::RemoteUrl;
use crate::sys::fs;

const FORMAT: u32 = 1;

/// What hero last made of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    format: u32,
    /// Without credentials.
    pub(crate) url: String,
    /// What was asked for.
    pub(crate) reference: Reference,
    /// The local branch that was checked out, if one was.
    pub(crate) branch: Option<String>,
    /// Where the remote had it.
    pub(crate) commit: String,
    /// The remote's default branch, once it was asked for.
    #[serde(default)]
    pub(crate) default: Option<String>,
}

impl Marker {
    pub(crate) fn new(url: &RemoteUrl, reference: Reference, target: &Target) -> Self {
        let default = target.branch.clone().filter(|_| reference == Reference::Default);
        Self {
            default,
            format: FORMAT,
            url: url.as_str().to_owned(),
            reference,
            branch: target.branch.clone(),
            commit: target.commit.to_string(),
        }
    }

    /// The marker of a repository; a damaged one is none.
    pub(crate) fn read(repo: &Repository) -> Option<Self> {
        let bytes = fs::read(&repo.path().join("hero.json")).ok()?;
        let marker: Self = serde_json::from_slice(&bytes).ok()?;
        (marker.format == FORMAT).then_some(marker)
    }

    /// The same, with what an earlier marker knows of the remote's default branch.
    pub(crate) fn after(mut self, earlier: Option<&Self>) -> Self {
        let known = || earlier.filter(|earlier| earlier.url == self.url)?.default.clone();
        self.default = self.default.clone().or_else(known);
        self
    }

    pub(crate) fn write(&self, repo: &Repository) -> Result<(), Error> {
        write(repo, "hero.json", self)
    }

    pub(crate) fn url(&self) -> Option<RemoteUrl> {
        RemoteUrl::parse(&self.url).ok()
    }

    pub(crate) fn commit(&self) -> Option<Oid> {
        oid(&self.commit)
    }

    /// Whether this is what `wanted` asks for, as far as can be told without
    /// the remote.
    pub(crate) fn satisfies(&self, wanted: &Reference) -> bool {
        match (wanted, &self.reference) {
            (Reference::Branch(name), Reference::Default) => self.branch.as_ref() == Some(name),
            // Where it is not known which branch is the default, only the remote can tell.
            (Reference::Default, Reference::Branch(name)) => self.default.as_ref() == Some(name),
            (Reference::Commit(short), Reference::Commit(_)) => self.commit.starts_with(short),
            (wanted, recorded) => wanted == recorded,
        }
    }
}

/// Writes a file of hero's into the repository's folder, durably.
pub(super) fn write(repo: &Repository, name: &str, value: &impl Serialize) -> Result<(), Error> {
    let path = repo.path().join(name);
    let text = serde_json::to_vec_pretty(value).map_err(|error| Error::Git {
        action: "write",
        what: path.display().to_string(),
        reason: error.to_string(),
    })?;
    Ok(fs::write(&path, &text)?)
}
