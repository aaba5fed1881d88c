//! Which files of a checkout its commit determines.

use std::path::{Path, PathBuf};

use git2::{Index, Repository};

use crate::sys::fs;

/// Set in an index entry that git does not compare with the file.
const ASSUME_UNCHANGED: u16 = 0x8000;
/// Likewise, among the flags added later.
const SKIP_WORKTREE: u16 = 1 << 14;

/// The files that git tracks in a checkout.
pub(in crate::cargo) struct Tracked {
    root: PathBuf,
    index: Option<Index>,
}

impl Tracked {
    /// Those of the checkout at `path`; none where it is no git repository.
    pub(in crate::cargo) fn of(path: &Path) -> Self {
        let root = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let index = Repository::open(&root).ok().and_then(|repository| repository.index().ok());
        Self { root, index }
    }

    /// Whether an unedited checkout of the same commit has the same content at `path`.
    pub(super) fn covers(&self, path: &Path) -> bool {
        let Some(index) = &self.index else { return false };
        // A path through a link is as good as the link, which may be anybody's.
        let Ok(real) = fs::canonicalize(path) else { return false };
        let Ok(below) = real.strip_prefix(&self.root) else { return false };
        if normalized(path).as_deref() != Some(&*real) {
            return false;
        }
        let compared = |entry: git2::IndexEntry| {
            entry.flags & ASSUME_UNCHANGED == 0 && entry.flags_extended & SKIP_WORKTREE == 0
        };
        index.get_path(below, 0).is_some_and(compared)
    }

    /// The tracked files of the package in a folder, without those of packages below it.
    pub(super) fn package(&self, folder: &Path) -> Vec<PathBuf> {
        let Some(index) = &self.index else { return Vec::new() };
        let paths = index.iter().filter_map(|entry| String::from_utf8(entry.path).ok());
        let mut files: Vec<PathBuf> = paths
            .map(|path| self.root.join(path))
            .filter(|path| path.starts_with(folder) && !path.ends_with("Cargo.lock"))
            .collect();
        let manifests = files.iter().filter(|file| file.ends_with("Cargo.toml"));
        let others = manifests.map(|file| fs::parent(file)).filter(|other| *other != folder);
        let others: Vec<PathBuf> = others.map(Path::to_owned).collect();
        files.retain(|file| !others.iter().any(|other| file.starts_with(other)));
        files
    }
}

/// The path without `.` and `..`, unless a part of it is a link.
pub(super) fn tidy(path: PathBuf) -> PathBuf {
    match normalized(&path) {
        Some(clean) if fs::canonicalize(&path).ok() == fs::canonicalize(&clean).ok() => clean,
        _ => path,
    }
}

/// The path without `.` and `..`, as if no part of it were a link.
fn normalized(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            part => clean.push(part),
        }
    }
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_git_compares_is_covered() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let repository = Repository::init(&root).unwrap();
        for name in ["a", "sub/b", "ignored", "hidden", "sub/inner/Cargo.toml"] {
            fs::write(&root.join(name), b"1").unwrap();
        }
        fs::symlink(Path::new("a"), &root.join("link")).unwrap();
        fs::symlink(Path::new("sub"), &root.join("folder")).unwrap();
        let mut index = repository.index().unwrap();
        for name in ["a", "sub/b", "hidden", "link", "sub/inner/Cargo.toml"] {
            index.add_path(Path::new(name)).unwrap();
        }
        let mut hidden = index.get_path(Path::new("hidden"), 0).unwrap();
        hidden.flags |= ASSUME_UNCHANGED;
        index.add(&hidden).unwrap();
        index.write().unwrap();
        let tracked = Tracked::of(&root);
        for (name, covered) in [
            ("a", true),
            ("sub/../a", true),
            ("sub/b", true),
            ("ignored", false),
            ("hidden", false),
            ("link", false),
            ("folder/b", false),
            ("absent", false),
        ] {
            assert_eq!(tracked.covers(&root.join(name)), covered, "{name}");
        }
        assert_eq!(tracked.package(&root.join("sub")), [root.join("sub/b")]);
    }
}
