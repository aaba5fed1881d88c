//! `Cargo.lock`: whether it is the repository's, and its hash.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::options::Git;
use crate::sys::fs;
use crate::sys::text::hex;

/// The nearest `Cargo.lock` at or above `source`, inside the checkout.
pub(super) fn nearest(source: &Path, checkout: &Path) -> Option<PathBuf> {
    let folders = source.ancestors().take_while(|folder| folder.starts_with(checkout));
    folders.map(|folder| folder.join("Cargo.lock")).find(|file| fs::exists(file))
}

/// The SHA-256 of the `Cargo.lock` in a folder.
pub(super) fn hash(folder: &Path) -> Option<String> {
    let bytes = fs::read(&folder.join("Cargo.lock")).ok()?;
    Some(hex(&Sha256::digest(&bytes)))
}

/// Whether the workspace's `Cargo.lock` is committed (or added): one that an
/// earlier build left behind must not pin the next one.
pub(super) fn committed(root: &Path, git: Option<&dyn Git>) -> bool {
    let file = root.join("Cargo.lock");
    fs::exists(&file) && git.and_then(|git| git.tracks(&file)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_lock_file_of_the_checkout_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("a/b");
        assert_eq!(nearest(&source, dir.path()), None);
        fs::write(&dir.path().join("Cargo.lock"), b"").unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(nearest(&source, dir.path()), Some(dir.path().join("Cargo.lock")));
        assert_eq!(hash(dir.path()).unwrap(), empty);
        assert_eq!(nearest(&source, &dir.path().join("a")), None);
    }
}
