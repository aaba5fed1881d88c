//! What builds change in a tree: a lockfile that cargo brings up to date, files that a
//! build script writes. As long as such a file is as the build left it, it is not the
//! user's edit, and a move of the tree puts it back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::native::Caller;
use super::resolve::Target;
use super::tree::{self, In};
use super::{edits, keep, marker, mend};
use crate::sys::cancel::Cancel;
use crate::sys::fs;

const FILE: &str = "hero-built.json";
/// What was in the tree when files of builds were put back last.
const KEPT: &str = "refs/hero/built";
/// The version of [`FILE`].
const FORMAT: u32 = 1;

/// What builds have left, in the repository's folder.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    format: u32,
    /// Paths in the tree, each with the hash of its content.
    files: BTreeMap<String, String>,
}

impl Record {
    /// A damaged one says nothing.
    fn read(repo: &Repository) -> Self {
        let bytes = fs::read(&repo.path().join(FILE)).ok();
        let record = bytes.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        record.filter(|record| record.format == FORMAT).unwrap_or_default()
    }

    /// Whether a file is as a build left it.
    fn has(&self, repo: &Repository, path: &str) -> bool {
        let known = self.files.get(path);
        known.is_some_and(|known| hash(repo, path).is_some_and(|hash| hash == *known))
    }
}

/// The hash of a file of the tree; `None` for anything but a file.
fn hash(repo: &Repository, path: &str) -> Option<String> {
    let file = tree::root(repo).join(path);
    if !fs::link_metadata(&file).is_ok_and(|data| data.is_file()) {
        return None;
    }
    let hash = Oid::hash_file_ext(ObjectType::Blob, &file, repo.object_format());
    hash.ok().map(|hash| hash.to_string())
}

/// Leaves out what builds have changed.
pub(super) fn without(repo: &Repository, mut paths: Vec<String>) -> Vec<String> {
    if !paths.is_empty() {
        let record = Record::read(repo);
        paths.retain(|path| !record.has(repo, path));
    }
    paths
}

/// Whether a build has left this file of the tree as it is.
pub(super) fn is_left(repo: &Repository, file: &Path) -> bool {
    let path = file.strip_prefix(tree::root(repo)).ok().and_then(Path::to_str);
    path.is_some_and(|path| Record::read(repo).has(repo, path))
}

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
pub struct BeforeBuild {
    repo: Repository,
    edits: Vec<String>,
}

/// Looks at the tree that is about to be built; `None` where there is no checkout.
pub fn before_build(path: &Path, cancel: &Cancel) -> Option<BeforeBuild> {
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
    pub fn record(&self, wrote: &dyn Fn(&Path) -> bool, cancel: &Cancel) -> Result<(), Error> {
        let repo = &self.repo;
        let before = Record::read(repo);
        let mut record = Record { format: FORMAT, ..Record::default() };
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
        if record.files == before.files {
            return Ok(());
        }
        if record.files.is_empty() {
            fs::remove_file(&repo.path().join(FILE))?;
            return Ok(());
        }
        marker::write(repo, FILE, &record)
    }
}
