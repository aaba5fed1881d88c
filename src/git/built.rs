//! The record of what builds have changed in a tree: a lockfile that cargo brings up to
//! date, files that a build script writes. As long as such a file is as the build left it,
//! it is not the user's edit.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::{marker, tree};
use crate::sys::fs;

const FILE: &str = "hero-built.json";
/// The version of [`FILE`].
const FORMAT: u32 = 1;

/// What builds have left, in the repository's folder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    format: u32,
    /// Paths in the tree, each with the hash of its content.
    pub(crate) files: BTreeMap<String, String>,
}

impl Record {
    /// Reads the record; a damaged one is empty.
    pub(crate) fn read(repo: &Repository) -> Self {
        let bytes = fs::read(&repo.path().join(FILE)).ok();
        let record = bytes.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        record.filter(|record| record.format == FORMAT).unwrap_or_default()
    }

    /// Writes the record durably, or removes it when it is empty.
    ///
    /// # Errors
    /// When the repository's folder cannot be written.
    pub(crate) fn write(&self, repo: &Repository) -> Result<(), Error> {
        if self.files.is_empty() {
            fs::remove_file(&repo.path().join(FILE))?;
            return Ok(());
        }
        marker::write(repo, FILE, self)
    }

    /// Whether a file is as a build left it.
    pub(crate) fn has(&self, repo: &Repository, path: &str) -> bool {
        let known = self.files.get(path);
        known.is_some_and(|known| hash(repo, path).is_some_and(|hash| hash == *known))
    }
}

impl Default for Record {
    fn default() -> Self {
        Self { format: FORMAT, files: BTreeMap::new() }
    }
}

/// The hash of a file of the tree; `None` for anything but a file.
pub(super) fn hash(repo: &Repository, path: &str) -> Option<String> {
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
