//! Small questions to a working tree, and where its HEAD is.

use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ErrorCode, Oid, Repository, RepositoryState};

use super::classify;
use super::error::Error;
use super::url::RemoteUrl;
use crate::sys::fs;

/// Where HEAD is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// `None` before the first commit.
    pub(crate) commit: Option<Oid>,
    /// `None` when it is detached.
    pub(crate) branch: Option<String>,
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
