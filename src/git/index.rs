//! Which files git tracks.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, IndexEntry, Repository};

use crate::sys::fs;

/// Set in an entry that the user has told git not to compare with the file.
const ASSUME_UNCHANGED: u16 = 1 << 15;
/// Likewise, among the flags added later.
const SKIP_WORKTREE: u16 = 1 << 14;
/// Where the flags have the side of a conflict; 0 without one.
const STAGE: u16 = 3 << 12;

/// Whether git does not look at the file of an entry (`git update-index --skip-worktree` or
/// `--assume-unchanged`).
pub(super) fn is_hidden(entry: &IndexEntry) -> bool {
    entry.flags & ASSUME_UNCHANGED != 0 || entry.flags_extended & SKIP_WORKTREE != 0
}

/// Returns whether the repository around a file tracks it, or `None` where there is no
/// repository.
pub(crate) fn is_tracked(file: &Path) -> Option<bool> {
    let repo = match Repository::discover(fs::parent(file)) {
        Ok(repo) => repo,
        Err(error) if error.code() == ErrorCode::NotFound => return None,
        // Somebody else's repository may not be opened; the file is most likely a part of it.
        Err(_) => return Some(true),
    };
    Some(has(&repo, file).unwrap_or(false))
}

fn has(repo: &Repository, file: &Path) -> Option<bool> {
    let root = fs::canonicalize(repo.workdir()?).ok()?;
    let file = fs::canonicalize(file).ok()?;
    let path = file.strip_prefix(root).ok()?;
    Some(repo.index().ok()?.get_path(path, 0).is_some())
}

/// Returns the tracked files of the checkout at `path` by their paths in it, each with whether
/// git compares it with its content. Returns `None` where there is no repository.
pub(crate) fn tracked_files(path: &Path) -> Option<BTreeMap<PathBuf, bool>> {
    let index = Repository::open(path).ok()?.index().ok()?;
    let file = |entry: IndexEntry| {
        let is_compared = entry.flags & STAGE == 0 && !is_hidden(&entry);
        (PathBuf::from(OsStr::from_bytes(&entry.path)), is_compared)
    };
    Some(index.iter().map(file).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_in_the_index_are_tracked() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sub/Cargo.lock");
        fs::write(&file, b"version = 4\n").unwrap();
        assert_eq!((is_tracked(&file), tracked_files(dir.path())), (None, None));
        let repo = Repository::init(dir.path()).unwrap();
        assert_eq!(is_tracked(&file), Some(false));
        fs::write(&dir.path().join("hidden"), b"").unwrap();
        let mut index = repo.index().unwrap();
        index.add_path(Path::new("sub/Cargo.lock")).unwrap();
        index.add_path(Path::new("hidden")).unwrap();
        let mut hidden = index.get_path(Path::new("hidden"), 0).unwrap();
        hidden.flags |= ASSUME_UNCHANGED;
        index.add(&hidden).unwrap();
        index.write().unwrap();
        assert_eq!(is_tracked(&file), Some(true));
        let files = [("hidden".into(), false), ("sub/Cargo.lock".into(), true)];
        assert_eq!(tracked_files(dir.path()), Some(BTreeMap::from(files)));
    }
}
