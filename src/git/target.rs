//! The revision that a tree is moved to.

use git2::{Oid, Repository};

use super::error::Error;
use super::tree::In;

/// Where the tree should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(crate) commit: Oid,
    /// For people: branch, tag or abbreviated commit.
    pub(crate) label: String,
    /// The branch to be on; `None` for a tag or commit.
    pub(crate) branch: Option<String>,
    /// Where the upstream was when it was last fetched.
    pub(crate) previous: Vec<Oid>,
}

impl Target {
    /// A commit that is on no branch.
    pub(crate) fn commit(commit: Oid) -> Self {
        Self { commit, label: short(commit), branch: None, previous: Vec::new() }
    }

    /// Whether a commit was the upstream's when it was last fetched, so that losing
    /// it loses nothing of the user's.
    pub(crate) fn was_upstream(&self, repo: &Repository, commit: Oid) -> Result<bool, Error> {
        for previous in &self.previous {
            if *previous == commit {
                return Ok(true);
            }
            // A commit of the upstream's that is not here any more says nothing.
            if repo.find_commit(*previous).is_ok()
                && repo
                    .graph_descendant_of(*previous, commit)
                    .in_repo("compare the commits of", repo)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The first seven digits.
pub(super) fn short(commit: Oid) -> String {
    commit.to_string().chars().take(7).collect()
}
