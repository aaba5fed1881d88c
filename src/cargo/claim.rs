//! Whose a build directory is.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Error, layout};
use crate::sys::fs;
use crate::sys::name::Name;

/// The version of `hero.json`.
const FORMAT: u32 = 1;
/// Tells backup programs that the folder can be made again; cargo writes it
/// only where it makes the folder itself.
const CACHE_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This folder has build files that can be made again at any time.\n";

/// The content of `hero.json`: whose the directory is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) format: u32,
    /// Whose it is.
    pub(super) checkout: PathBuf,
    /// The service in whose build directory this one is built, if not in its own.
    #[serde(default)]
    pub(super) guest_of: Option<Name>,
    /// The lockfile, where others may be guests here.
    #[serde(default)]
    pub(super) lockfile: Option<PathBuf>,
}

impl Claim {
    /// A directory that a checkout uses alone.
    pub(super) fn new(checkout: &Path) -> Self {
        Self { format: FORMAT, checkout: checkout.to_owned(), guest_of: None, lockfile: None }
    }

    /// What a build directory says; a file that cannot be read says nothing.
    pub(super) fn read(build_dir: &Path) -> Option<Self> {
        let text = fs::read(&build_dir.join("hero.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Takes a build directory, or finds that it is so already.
    ///
    /// # Errors
    /// When it belongs to another checkout that still exists, or cannot be written.
    pub(super) fn take(&self, build_dir: &Path) -> Result<(), Error> {
        check(build_dir, &self.checkout)?;
        if Self::read(build_dir).is_some_and(|claim| claim == *self) {
            return Ok(());
        }
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        fs::write(&build_dir.join(layout::CACHE_TAG), CACHE_TAG.as_bytes())?;
        fs::write(&build_dir.join("hero.json"), &text)?;
        Ok(())
    }
}

/// Whether a checkout may use a build directory.
///
/// # Errors
/// When it belongs to another checkout that still exists.
pub(super) fn check(build_dir: &Path, checkout: &Path) -> Result<(), Error> {
    match owner(build_dir) {
        Some(owner) if owner != checkout && fs::exists(&owner) => {
            Err(Error::BuildDirTaken { build_dir: build_dir.to_owned(), checkout: owner })
        }
        _ => Ok(()),
    }
}

/// The checkout that a build directory names; a file that cannot be read
/// names none.
pub(super) fn owner(build_dir: &Path) -> Option<PathBuf> {
    Claim::read(build_dir).map(|claim| claim.checkout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Diagnostic;

    #[test]
    fn a_directory_has_one_owner_until_that_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let build = dir.path().join("build");
        fs::create_dir_all(&one).unwrap();
        Claim::new(&one).take(&build).unwrap();
        Claim::new(&one).take(&build).unwrap();
        let error = Claim::new(&two).take(&build).unwrap_err();
        assert_eq!((error.kind().word(), error.option()), ("build_dir_taken", Some("build_dir")));
        assert_eq!(owner(&build).as_ref(), Some(&one));
        fs::remove_dir_all(&one).unwrap();
        Claim::new(&two).take(&build).unwrap();
        assert_eq!(owner(&build), Some(two));
    }

    #[test]
    fn a_broken_claim_blocks_nobody() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(&dir.path().join("hero.json"), b"{").unwrap();
        Claim::new(Path::new("/x")).take(dir.path()).unwrap();
        assert_eq!(owner(dir.path()), Some(PathBuf::from("/x")));
    }
}
