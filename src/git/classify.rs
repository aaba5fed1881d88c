//! Errors of libgit2 about a repository on this machine, as errors of this module.

use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{ErrorClass, ErrorCode};

use super::error::Error;
use crate::sys::fs;

/// An error of libgit2 about the repository at `path`.
pub(super) fn repository(error: &git2::Error, action: &'static str, path: &Path) -> Error {
    let text = error.message().to_owned();
    match (error.code(), error.class()) {
        (ErrorCode::Owner, _) => Error::Owner { path: path.to_owned() },
        (ErrorCode::Locked, _) => {
            // `failed to lock file '/…/refs/heads/main.lock' for writing`
            let named = text.split('\'').nth(1).map(PathBuf::from);
            let named = named.filter(|path| path.extension().is_some_and(|end| end == "lock"));
            let path = named.unwrap_or_else(|| path.join(".git/index.lock"));
            Error::Locked { age: age(&path), path }
        }
        (ErrorCode::NotFound, ErrorClass::Repository) => {
            Error::NotACheckout { path: path.to_owned(), reason: "it is not a git repository" }
        }
        (ErrorCode::HashsumMismatch, _)
        | (_, ErrorClass::Odb | ErrorClass::Zlib | ErrorClass::Index) => {
            Error::Corrupt { path: path.to_owned(), reason: text }
        }
        _ => Error::Git { action, what: path.display().to_string(), reason: text },
    }
}

/// How long ago a file was written, in whole seconds.
pub(super) fn age(path: &Path) -> Duration {
    let written = fs::metadata(path).ok().and_then(|data| data.modified().ok());
    let age = written.and_then(|written| written.elapsed().ok()).unwrap_or_default();
    Duration::from_secs(age.as_secs())
}
