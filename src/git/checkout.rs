//! Careful moves of the files of a working tree.

use std::cell::RefCell;
use std::path::Path;

use git2::build::CheckoutBuilder;
use git2::{CheckoutNotificationType, ErrorCode, ObjectType, Oid, Repository};

use super::edits::edits;
use super::error::Error;
use super::lfs;
use super::native::{self, Caller};
use super::recovery::Work;
use super::tree::{In, root};
use super::url::RemoteUrl;
use crate::sys::fs;

/// Records where the checkout comes from now.
pub(super) fn set_origin(repo: &Repository, url: &RemoteUrl, work: &Work) -> Result<(), Error> {
    let origin = repo.find_remote("origin");
    if origin.as_ref().is_ok_and(|it| it.url().is_ok_and(|known| known == url.as_str())) {
        return Ok(());
    }
    work.begin()?;
    match origin {
        Ok(_) => repo.remote_set_url("origin", url.as_str()).in_repo("configure", repo),
        Err(_) => repo.remote("origin", url.as_str()).map(drop).in_repo("configure", repo),
    }
}

/// Refuses when there are repositories in the tree that are not submodules: a
/// reset would delete them, and git cannot keep them.
pub(super) fn ensure_nothing_nested(repo: &Repository, caller: Caller) -> Result<(), Error> {
    let root = root(repo);
    let paths: Vec<String> = edits(repo, caller.cancel)?
        .into_iter()
        .filter(|path| path.ends_with('/') && fs::exists(&root.join(path).join(".git")))
        .collect();
    if paths.is_empty() {
        return Ok(());
    }
    Err(Error::Nested { service: caller.service.to_owned(), path: root, paths })
}

/// Puts the files of a commit into the tree unless that would overwrite
/// something local; then nothing is touched and the paths are named.
pub(super) fn checkout_safely(repo: &Repository, to: Oid, caller: Caller) -> Result<(), Error> {
    if native::needs_git(repo, Some(to))? {
        return native::checkout_safely(repo, to, caller);
    }
    let Err(mut paths) = try_checkout(repo, to)? else { return Ok(()) };
    // What a killed update wrote is new to git but is what we bring anyway.
    if paths.iter().all(|path| is_same_as_in(repo, to, path)) {
        let root = root(repo);
        for path in &paths {
            fs::remove_file(&root.join(path))?;
        }
        match try_checkout(repo, to)? {
            Ok(()) => return Ok(()),
            Err(other) => paths = other,
        }
    }
    Err(Error::Conflict { service: caller.service.to_owned(), path: root(repo), paths })
}

/// A safe checkout; the paths in its way are the inner error.
fn try_checkout(repo: &Repository, to: Oid) -> Result<Result<(), Vec<String>>, Error> {
    let commit = repo.find_object(to, None).in_repo("check out", repo)?;
    let paths = RefCell::new(Vec::new());
    let mut options = CheckoutBuilder::new();
    options.safe().overwrite_ignored(false).notify_on(CheckoutNotificationType::CONFLICT);
    options.notify(|_, path, _, _, _| {
        let path = path.map(|path| path.to_string_lossy().into_owned());
        paths.borrow_mut().extend(path);
        true
    });
    let result = repo.checkout_tree(&commit, Some(&mut options));
    drop(options);
    match result {
        Err(error) if error.code() == ErrorCode::Conflict => {
            let mut paths = paths.into_inner();
            paths.sort();
            paths.dedup();
            Ok(Err(paths))
        }
        result => result.in_repo("check out", repo).map(Ok),
    }
}

/// Whether a file that HEAD does not have has the very content that it will, or is
/// the content of a file in LFS.
fn is_same_as_in(repo: &Repository, to: Oid, path: &str) -> bool {
    let entry = |id| {
        let tree = repo.find_commit(id).and_then(|commit| commit.tree()).ok()?;
        tree.get_path(Path::new(path)).ok()
    };
    let file = root(repo).join(path);
    let head = repo.head().ok().and_then(|head| head.target());
    if lfs::is_content(repo, Path::new(path)) {
        return true;
    }
    head.is_some_and(|head| entry(head).is_none())
        && file.is_file()
        && !file.is_symlink()
        && Oid::hash_file_ext(ObjectType::Blob, &file, to.object_format())
            .is_ok_and(|id| entry(to).is_some_and(|entry| entry.id() == id))
}

/// Makes the tree exactly that of a commit; ignored files stay.
pub(super) fn checkout_forcibly(repo: &Repository, to: Oid, caller: Caller) -> Result<(), Error> {
    if native::needs_git(repo, Some(to))? {
        return native::checkout_forcibly(repo, to, caller);
    }
    let commit = repo.find_object(to, None).in_repo("check out", repo)?;
    let mut options = CheckoutBuilder::new();
    options.force().remove_untracked(true);
    repo.checkout_tree(&commit, Some(&mut options)).in_repo("check out", repo)
}
