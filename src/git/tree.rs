//! Small questions to, and careful moves of, a working tree.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use git2::build::CheckoutBuilder;
use git2::{CheckoutNotificationType, ErrorCode, ObjectType, Oid, Repository, RepositoryState};

use super::error::Error;
use super::native::{self, Caller};
use super::recovery::Work;
use super::url::RemoteUrl;
use super::{classify, lfs};
use crate::sys::fs;

pub(super) use super::edits::edits;

/// Where HEAD is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// `None` before the first commit.
    pub commit: Option<Oid>,
    /// `None` when it is detached.
    pub branch: Option<String>,
}

/// Puts the repository's place into an error of libgit2.
pub(super) trait In<T> {
    /// `action` completes "cannot … `path`".
    fn in_repo(self, action: &'static str, repo: &Repository) -> Result<T, Error>;
}

impl<T> In<T> for Result<T, git2::Error> {
    fn in_repo(self, action: &'static str, repo: &Repository) -> Result<T, Error> {
        self.map_err(|error| classify::repository(&error, action, &root(repo)))
    }
}

/// The folder of the working tree.
pub(super) fn root(repo: &Repository) -> PathBuf {
    repo.workdir().unwrap_or(repo.path()).components().collect()
}

/// git's index-pack checks what it receives; like git, libgit2 need not look again.
static CONFIGURED: Once = Once::new();

/// Opens the repository whose working tree is `path`, and none above it.
pub(super) fn open(path: &Path) -> Result<Repository, Error> {
    if !fs::exists(path) {
        return Err(Error::NoCheckout { path: path.to_owned() });
    }
    let foreign = |reason| Error::NotACheckout { path: path.to_owned(), reason };
    if !fs::exists(&path.join(".git")) {
        return Err(foreign("it is not a git repository"));
    }
    CONFIGURED.call_once(|| git2::opts::strict_hash_verification(false));
    let repo =
        Repository::open(path).map_err(|error| classify::repository(&error, "open", path))?;
    if repo.is_bare() { Err(foreign("it is a bare repository")) } else { Ok(repo) }
}

/// The folder with the repository of a checkout, which several working trees may share.
pub(super) fn common_folder(path: &Path) -> Option<PathBuf> {
    let folder = path.join(".git");
    if folder.is_dir() {
        return Some(folder);
    }
    let there = fs::exists(&folder).then(|| Repository::open(path).ok()).flatten()?;
    Some(there.commondir().to_owned())
}

pub(super) fn head(repo: &Repository) -> Result<Head, Error> {
    let head = repo.find_reference("HEAD").in_repo("read HEAD of", repo)?;
    let target = head.symbolic_target().in_repo("read HEAD of", repo)?;
    let branch = target.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned);
    let commit = match repo.head() {
        Ok(head) => {
            let commit = head.target().map(|id| repo.find_commit(id)).transpose();
            commit.in_repo("read HEAD of", repo)?.map(|commit| commit.id())
        }
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => None,
        Err(error) => return Err(error).in_repo("read HEAD of", repo),
    };
    Ok(Head { commit, branch })
}

/// The address of `origin`, if there is a valid one.
pub(super) fn origin(repo: &Repository) -> Option<RemoteUrl> {
    let remote = repo.find_remote("origin").ok()?;
    RemoteUrl::parse(remote.url().ok()?).ok()
}

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

/// Refuses in the middle of a merge and the like.
pub(super) fn ensure_idle(repo: &Repository) -> Result<(), Error> {
    let state = match repo.state() {
        RepositoryState::Clean => return Ok(()),
        RepositoryState::Merge => "merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
        RepositoryState::Bisect => "bisect",
        RepositoryState::Rebase
        | RepositoryState::RebaseInteractive
        | RepositoryState::RebaseMerge => "rebase",
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "mailbox",
    };
    Err(Error::InProgress { path: root(repo), state })
}

/// How long ago a file was written, in whole seconds.
pub(super) fn age(path: &Path) -> Duration {
    let written = fs::metadata(path).ok().and_then(|data| data.modified().ok());
    let age = written.and_then(|written| written.elapsed().ok()).unwrap_or_default();
    Duration::from_secs(age.as_secs())
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

/// Points HEAD at a commit: on a branch, which is made or moved and follows
/// the remote's, or on none.
pub(super) fn set_head(repo: &Repository, to: Oid, branch: Option<&str>) -> Result<(), Error> {
    let Some(branch) = branch else {
        return repo.set_head_detached(to).in_repo("check out", repo);
    };
    let name = format!("refs/heads/{branch}");
    repo.reference(&name, to, true, "hero: fetch").in_repo("check out", repo)?;
    repo.set_head(&name).in_repo("check out", repo)?;
    let upstream = format!("origin/{branch}");
    if repo.find_reference(&format!("refs/remotes/{upstream}")).is_ok() {
        let mut local =
            repo.find_branch(branch, git2::BranchType::Local).in_repo("configure", repo)?;
        if local.upstream().is_err() {
            local.set_upstream(Some(&upstream)).in_repo("configure", repo)?;
        }
    }
    Ok(())
}
