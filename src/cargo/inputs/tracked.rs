//! Which files of a checkout its commit determines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cargo::options::Git;
use crate::sys::fs;

/// The files that git tracks in a checkout.
pub(in crate::cargo) struct Tracked {
    root: PathBuf,
    /// Their paths in the checkout, each with whether git compares it with its content.
    files: BTreeMap<PathBuf, bool>,
}

impl Tracked {
    /// Asks git for those of the checkout at `path`; there are none without a repository.
    pub(in crate::cargo) fn new(path: &Path, git: Option<&dyn Git>) -> Self {
        let root = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let files = git.and_then(|git| git.tracked_files(&root)).unwrap_or_default();
        Self { root, files }
    }

    /// Whether an unedited checkout of the same commit has the same content at `path`.
    pub(super) fn covers(&self, path: &Path) -> bool {
        if self.files.is_empty() {
            return false;
        }
        // A path through a link is as good as the link, which may be anybody's.
        let Ok(real) = fs::canonicalize(path) else { return false };
        let Ok(below) = real.strip_prefix(&self.root) else { return false };
        if normalized(path).as_deref() != Some(&*real) {
            return false;
        }
        self.files.get(below).is_some_and(|is_compared| *is_compared)
    }

    /// The tracked files of the package in a folder, without those of packages below it.
    pub(super) fn package(&self, folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self
            .files
            .keys()
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
        for name in ["a", "sub/b", "ignored", "hidden", "sub/inner/Cargo.toml"] {
            fs::write(&root.join(name), b"1").unwrap();
        }
        fs::symlink(Path::new("a"), &root.join("link")).unwrap();
        fs::symlink(Path::new("sub"), &root.join("folder")).unwrap();
        let files = ["a", "sub/b", "hidden", "link", "sub/inner/Cargo.toml"];
        let files = files.map(|name| (PathBuf::from(name), name != "hidden"));
        let tracked = Tracked { root: root.clone(), files: files.into() };
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
