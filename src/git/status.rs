//! How a checkout stands.

use std::path::Path;

use git2::Repository;
use serde::Serialize;

use super::error::Error;
use super::marker::Marker;
use super::reference::Reference;
use super::target::short;
use super::{built, edits, tree};
use crate::sys::cancel::Cancel;

/// The state of a checkout, without asking the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    /// The commit that is checked out.
    pub(crate) commit: Option<String>,
    /// The branch, unless HEAD is detached.
    pub(crate) branch: Option<String>,
    /// Branch, tag or abbreviated commit for people.
    pub(crate) reference: String,
    /// Whether there are local edits.
    pub(crate) dirty: bool,
    /// Their paths.
    pub(crate) edits: Vec<String>,
    /// Local commits that were not upstream when last fetched.
    pub(crate) ahead: usize,
    /// Upstream commits, when last fetched, that are not here.
    pub(crate) behind: usize,
    /// Where it comes from, without credentials.
    pub(crate) url: Option<String>,
}

/// Looks at the checkout at `path`.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn status(path: &Path) -> Result<Status, Error> {
    read(&tree::open(path)?, &Cancel::default())
}

pub(super) fn read(repo: &Repository, cancel: &Cancel) -> Result<Status, Error> {
    let head = tree::head(repo)?;
    let marker = Marker::read(repo);
    let upstream = head
        .branch
        .as_ref()
        .and_then(|branch| repo.refname_to_id(&format!("refs/remotes/origin/{branch}")).ok());
    let (ahead, behind) = match (head.commit, upstream) {
        (Some(local), Some(upstream)) => {
            use tree::In;
            repo.graph_ahead_behind(local, upstream).in_repo("compare the commits of", repo)?
        }
        _ => (0, 0),
    };
    let tag = marker.as_ref().and_then(|marker| match &marker.reference {
        Reference::Tag(name) if marker.commit() == head.commit => Some(name.clone()),
        _ => None,
    });
    let reference = head.branch.clone().or(tag).or(head.commit.map(short)).unwrap_or_default();
    let edits = edits::edits(repo, cancel)?;
    Ok(Status {
        commit: head.commit.map(|commit| commit.to_string()),
        branch: head.branch,
        reference,
        dirty: !edits.is_empty(),
        edits,
        ahead,
        behind,
        url: tree::origin(repo).map(|url| url.to_string()),
    })
}

/// Which files of a checkout count: not git's own, not those it ignores, and not those
/// that are as a build left them.
pub(crate) struct Tracked(Repository);

impl Tracked {
    /// Those of the checkout at `path`.
    ///
    /// # Errors
    /// When there is no checkout.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        tree::open(path).map(Self)
    }

    /// Whether a file, there or not, counts.
    pub(crate) fn counts(&self, file: &Path) -> bool {
        let git = self.0.path();
        let inside = self.0.workdir().is_some_and(|root| file.starts_with(root));
        inside
            && !file.starts_with(git)
            && !self.0.is_path_ignored(file).unwrap_or(false)
            && !built::is_left(&self.0, file)
    }
}
