//! What lies where a checkout should be.

use std::path::Path;

use git2::Repository;

use super::error::Error;
use super::marker::Marker;
use super::options::Mode;
use super::tree;
use super::url::RemoteUrl;
use crate::sys::fs;

/// A repository that hero may work on.
pub(super) struct Checkout {
    pub(crate) repo: Repository,
    pub(crate) marker: Option<Marker>,
}

pub(super) enum Found {
    /// Nothing, or an empty folder.
    Nothing,
    /// A clone of the same remote that was stopped before it held anything.
    Incomplete,
    /// A checkout.
    Checkout(Checkout),
}

/// Looks, and refuses what is not hero's to touch. A clone that somebody else
/// made of the same remote is as good as hero's own; one of another remote is
/// only taken over if hero made it.
pub(super) fn inspect(path: &Path, url: &RemoteUrl, mode: Mode) -> Result<Found, Error> {
    let foreign = |reason| Error::NotACheckout { path: path.to_owned(), reason };
    if !fs::exists(path) {
        return Ok(Found::Nothing);
    }
    if !path.is_dir() {
        return Err(foreign("it is not a folder"));
    }
    let entries = fs::list(path)?;
    if entries.is_empty() {
        return Ok(Found::Nothing);
    }
    let repo = tree::open(path)?;
    let marker = Marker::read(&repo);
    let origin = tree::origin(&repo);
    let recorded = marker.as_ref().and_then(Marker::url).or(origin);
    let same = recorded.as_ref().is_some_and(|recorded| recorded.is_same(url));
    if !same && marker.is_none() {
        return Err(foreign("it is a repository of another origin"));
    }
    if tree::head(&repo)?.commit.is_none() {
        let bare = entries.len() == 1 && repo.branches(None).is_ok_and(|all| all.count() == 0);
        return if bare { Ok(Found::Incomplete) } else { Err(foreign("it has no commit")) };
    }
    // git writes the index when the last file of a clone is there.
    if marker.is_none() && mode != Mode::Reset && !fs::exists(&repo.path().join("index")) {
        return Err(Error::Unfinished { path: path.to_owned() });
    }
    match recorded {
        Some(recorded) if !same && mode != Mode::Reset => Err(Error::RemoteChanged {
            service: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            recorded: recorded.to_string(),
            wanted: url.to_string(),
        }),
        _ => Ok(Found::Checkout(Checkout { repo, marker })),
    }
}
