//! A build in a tree: what it has changed is recorded after it, and put back before the
//! tree is moved.

use std::path::{Path, PathBuf};

use git2::Repository;

use super::built::{Record, hash};
use super::error::Error;
use super::native::Caller;
use super::target::Target;
use super::tree::{self, In};
use super::{edits, keep, mend};
use crate::sys::cancel::Cancel;

/// What was in the tree when files of builds were put back last.
const KEPT: &str = "refs/hero/built";

/// The files that builds have changed.
pub(super) fn left(repo: &Repository, cancel: &Cancel) -> Result<Vec<PathBuf>, Error> {
    let record = Record::read(repo);
    if record.files.is_empty() {
        return Ok(Vec::new());
    }
    let changes = edits::changes(repo, cancel)?.into_iter();
    Ok(changes.filter(|path| record.has(repo, path)).map(PathBuf::from).collect())
}

/// Keeps the files that builds have changed under [`KEPT`], but for lockfiles: one of them
/// may have been saved by the user while a build script ran. The next time replaces it.
///
/// # Errors
/// When the repository cannot be read or written.
pub(super) fn keep(repo: &Repository, target: &Target, caller: Caller) -> Result<(), Error> {
    let files = left(repo, caller.cancel)?;
    if files.iter().all(|file| file.ends_with("Cargo.lock")) {
        return Ok(());
    }
    caller.work.begin()?;
    if let Some(name) = keep::keep(repo, target, true, caller)? {
        let reference = repo.find_reference(&name);
        let renamed = reference.and_then(|mut it| it.rename(KEPT, true, "hero: put back"));
        renamed.in_repo("keep the edits of", repo)?;
    }
    Ok(())
}

/// Makes the files that builds have changed HEAD's again.
pub(super) fn put_back(repo: &Repository, caller: Caller) -> Result<(), Error> {
    let paths = left(repo, caller.cancel)?;
    if paths.is_empty() {
        return Ok(());
    }
    caller.work.begin()?;
    mend::put_back_files(repo, &paths, caller)
}

/// A tree before a build.
pub(crate) struct BeforeBuild {
    repo: Repository,
    edits: Vec<String>,
}

/// Looks at the tree that is about to be built; `None` where there is no checkout.
pub(crate) fn before_build(path: &Path, cancel: &Cancel) -> Option<BeforeBuild> {
    let repo = tree::open(path).ok()?;
    let edits = edits::edits(&repo, cancel).ok()?;
    Some(BeforeBuild { repo, edits })
}

impl BeforeBuild {
    /// Remembers what the build has changed: of the files that were no edits before,
    /// those of which `wrote` says that they are the build's and not the user's.
    ///
    /// # Errors
    /// When the tree cannot be looked at, or the record not be written.
    pub(crate) fn record(
        &self,
        wrote: &dyn Fn(&Path) -> bool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let repo = &self.repo;
        let before = Record::read(repo);
        let mut record = Record::default();
        let mut index = repo.index().in_repo("read the index of", repo)?;
        // git's own program may have written it meanwhile.
        index.read(false).in_repo("read the index of", repo)?;
        for path in edits::changes(repo, cancel)? {
            let known = before.has(repo, &path);
            let new = || !self.edits.contains(&path) && wrote(&tree::root(repo).join(&path));
            if (known || new())
                && let Some(hash) = hash(repo, &path)
            {
                record.files.insert(path, hash);
            }
        }
        if record.files == before.files { Ok(()) } else { record.write(repo) }
    }
}
