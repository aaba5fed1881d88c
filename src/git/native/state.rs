//! What differs from HEAD, as git sees it.

use std::collections::BTreeSet;

use git2::{DiffDelta, FileMode, Repository, Status, StatusEntry, StatusOptions};

use super::super::error::Error;
use super::super::tree::{self, In};
use super::super::{built, lfs};
use super::{Native, is_extension, needs_git};
use crate::sys::cancel::Cancel;

/// One line of `git status`.
pub(crate) struct Change {
    /// How the index differs from HEAD; a space when it does not.
    pub(crate) staged: u8,
    /// How the file differs from the index.
    pub(crate) edited: u8,
    pub(crate) path: Vec<u8>,
}

impl Change {
    pub(crate) fn is_untracked(&self) -> bool {
        self.edited == b'?'
    }

    pub(crate) fn is_unmerged(&self) -> bool {
        self.staged == b'U'
            || self.edited == b'U'
            || matches!((self.staged, self.edited), (b'A', b'A') | (b'D', b'D'))
    }

    /// A repository of its own, in which nothing is tracked here.
    fn is_nested(&self) -> bool {
        self.path.ends_with(b"/")
    }
}

/// What git says of the files; of submodules too, if wanted.
pub(crate) fn changes(
    repo: &Repository,
    cancel: &Cancel,
    submodules: bool,
) -> Result<Vec<Change>, Error> {
    let ignore = if submodules { "--ignore-submodules=none" } else { "--ignore-submodules=all" };
    let args = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", ignore];
    let output = Native::looking(repo, cancel).run("look at", &args, Vec::new())?;
    let lines = output.split(|byte| *byte == 0);
    let parse = |line: &[u8]| match line {
        [staged, edited, b' ', path @ ..] => {
            Some(Change { staged: *staged, edited: *edited, path: path.to_vec() })
        }
        _ => None,
    };
    Ok(lines.filter_map(parse).collect())
}

/// Paths that differ from HEAD: files as git sees them, and repositories within this
/// one as libgit2 does for any other checkout.
pub(crate) fn edits(repo: &Repository, cancel: &Cancel) -> Result<Vec<String>, Error> {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false);
    let statuses = match repo.statuses(Some(&mut options)) {
        Ok(statuses) => statuses,
        // Its own, or that of a submodule: see `readable`.
        Err(error) if is_extension(&error) => {
            let all: BTreeSet<String> =
                changes(repo, cancel, true)?.iter().map(|change| lossy(&change.path)).collect();
            return Ok(all.into_iter().collect());
        }
        Err(error) => return Err(error).in_repo("look at", repo),
    };
    let others = statuses.iter().filter(is_repository);
    let others = others.filter(|entry| !is_clean_submodule(repo, entry, cancel));
    let others = others.map(|entry| lossy(entry.path_bytes()));
    let files = changes(repo, cancel, false)?;
    let files = files.iter().filter(|change| !change.is_nested() && !is_lfs_content(repo, change));
    let all: BTreeSet<String> = files.map(|change| lossy(&change.path)).chain(others).collect();
    Ok(all.into_iter().collect())
}

fn is_repository(entry: &StatusEntry) -> bool {
    let is_link = |delta: DiffDelta| {
        [delta.old_file().mode(), delta.new_file().mode()].contains(&FileMode::Commit)
    };
    entry.path_bytes().ends_with(b"/")
        || entry.head_to_index().is_some_and(is_link)
        || entry.index_to_workdir().is_some_and(is_link)
}

/// Whether libgit2 takes a submodule for an edited one only because it needs git's own
/// program.
pub(crate) fn is_clean_submodule(repo: &Repository, entry: &StatusEntry, cancel: &Cancel) -> bool {
    let path = super::path(entry.path_bytes());
    if entry.status() != Status::WT_MODIFIED || !is_repository(entry) {
        return false;
    }
    let wanted = entry.index_to_workdir().map(|delta| delta.old_file().id());
    let Ok(inner) = Repository::open(tree::root(repo).join(path)) else { return false };
    tree::head(&inner).is_ok_and(|head| head.commit == wanted)
        && needs_git(&inner, None).is_ok_and(|needs| needs)
        && edits(&inner, cancel).is_ok_and(|edits| built::without(&inner, edits).is_empty())
}

/// Whether the content behind a pointer lies in its place, where the user's git knows
/// nothing of LFS.
fn is_lfs_content(repo: &Repository, change: &Change) -> bool {
    (change.staged, change.edited) == (b' ', b'M')
        && lfs::is_content(repo, super::path(&change.path))
}
