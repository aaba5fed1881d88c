//! What differs from HEAD in a tree.

use std::path::Path;

use git2::{Repository, Status, StatusEntry, StatusOptions};

use super::error::Error;
use super::tree::In;
use super::{built, lfs, native};
use crate::sys::cancel::Cancel;

/// Paths that the user has changed: those of [`changes`] that are not as a build left
/// them.
pub(super) fn edits(repo: &Repository, cancel: &Cancel) -> Result<Vec<String>, Error> {
    Ok(built::without(repo, changes(repo, cancel)?))
}

/// Paths that differ from HEAD: edited, staged, deleted, untracked, in
/// conflict. What is ignored does not count.
pub(super) fn changes(repo: &Repository, cancel: &Cancel) -> Result<Vec<String>, Error> {
    if native::needs_git(repo, None)? {
        return native::edits(repo, cancel);
    }
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false);
    let statuses = match repo.statuses(Some(&mut options)) {
        Err(error) if native::is_extension(&error) => return native::edits(repo, cancel),
        statuses => statuses.in_repo("look at", repo)?,
    };
    let mut paths: Vec<String> = statuses
        .iter()
        .filter(|entry| entry.status() != Status::CURRENT && entry.status() != Status::IGNORED)
        // A checkout and its LFS content within one tick of the clock.
        .filter(|entry| entry.status() != Status::WT_MODIFIED || !is_lfs_content(repo, entry))
        .filter(|entry| !native::is_clean_submodule(repo, entry, cancel))
        .map(|entry| String::from_utf8_lossy(entry.path_bytes()).into_owned())
        .collect();
    paths.dedup();
    Ok(paths)
}

fn is_lfs_content(repo: &Repository, entry: &StatusEntry) -> bool {
    std::str::from_utf8(entry.path_bytes()).is_ok_and(|path| lfs::is_content(repo, Path::new(path)))
}
