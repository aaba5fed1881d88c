//! An index that libgit2 cannot read: split in two files (`core.splitIndex`), or sparse
//! (`git sparse-checkout set --sparse-index`).

use git2::{ErrorClass, Repository};

use super::super::error::Error;
use super::Caller;

/// Whether libgit2 cannot read the index because of something that git has in it.
pub(crate) fn is_unreadable(repo: &Repository) -> bool {
    repo.index().err().is_some_and(|error| is_extension(&error))
}

/// Whether an error is about such an index, not a damaged one.
pub(crate) fn is_extension(error: &git2::Error) -> bool {
    error.class() == ErrorClass::Index && error.message().contains("mandatory extension")
}

/// Lets git write the index anew, in one piece and in full, if libgit2 cannot read it.
/// The caller holds the checkout's lock.
pub(crate) fn ensure_readable(repo: &Repository, caller: Caller) -> Result<(), Error> {
    if !is_unreadable(repo) {
        return Ok(());
    }
    let git = caller.git(repo)?;
    // The settings of each call say that it is neither split nor sparse.
    git.run("convert the index of", &["update-index", "--force-write-index"], Vec::new())?;
    git.reload()
}
