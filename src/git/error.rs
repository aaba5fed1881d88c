//! What can go wrong between a repository and its checkout.

use std::path::PathBuf;
use std::time::Duration;

use super::refusal::Refusal;
use super::url::UrlError;
use super::version::{MINIMUM, Version};
use crate::sys::quantity::in_units;
use crate::sys::{fs, lock, process};

/// A fetch that failed, or was not begun.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub(crate) enum Error {
    /// Not an address of a repository.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Not the name of a branch, tag or commit.
    #[error("`{}` is not a valid {option}: {reason}", name.escape_debug())]
    BadReference { option: &'static str, name: String, reason: &'static str },

    /// A remote that did not hand out what was asked for.
    #[error(transparent)]
    Remote(Box<Refusal>),
    /// The repository has no commit yet.
    #[error("`{url}` has no commits")]
    Empty { url: String },

    /// The remote has no such branch, tag or commit.
    #[error("cannot check out `{}` of `{service}`: no such {option}", .0.name, option = .0.option, service = .0.service)]
    RefNotFound(Box<MissingRef>),
    /// Several commits begin with these digits.
    #[error("`{name}` of `{service}` is the beginning of several commits")]
    Ambiguous { service: String, name: String },

    /// Local edits lie where new content has to go. Nothing was touched.
    #[error("local edits in `{service}` are in the way of the update")]
    Conflict { service: String, path: PathBuf, paths: Vec<String> },
    /// The script asks for a revision that was never fetched.
    #[error("{wanted} is not in the checkout of `{service}`, which has {recorded}")]
    NotHere { service: String, option: &'static str, wanted: String, recorded: String },
    /// A local branch whose name leaves no room for another branch.
    #[error("the local branch `{branch}` of `{service}` leaves no room for `{wanted}`")]
    BranchInTheWay { service: String, path: PathBuf, branch: String, wanted: String },
    /// Both sides have commits the other lacks.
    #[error("`{service}` has diverged: {ahead} local and {behind} new upstream commits")]
    Diverged { service: String, path: PathBuf, ahead: usize, behind: usize, upstream: String },
    /// Somebody switched to another branch.
    #[error("the checkout of `{service}` is on {current}, not on `{wanted}`")]
    OtherBranch { service: String, path: PathBuf, current: String, wanted: String },
    /// The checkout came from elsewhere.
    #[error("the checkout of `{service}` came from `{recorded}`, the script asks for `{wanted}`")]
    RemoteChanged { service: String, recorded: String, wanted: String },
    /// A merge, rebase or the like was begun and not ended.
    #[error("a {state} is in progress in `{}`", path.display())]
    InProgress { path: PathBuf, state: &'static str },
    /// Repositories in the checkout that a reset would delete.
    #[error("`{service}` has other repositories in its checkout, which a reset would delete")]
    Nested { service: String, path: PathBuf, paths: Vec<String> },
    /// Something that hero did not put there and will not touch.
    #[error("`{}` is not a checkout of hero: {reason}", path.display())]
    NotACheckout { path: PathBuf, reason: &'static str },
    /// A clone, not made by hero, that was stopped half-way.
    #[error("the checkout `{}` is incomplete", path.display())]
    Unfinished { path: PathBuf },
    /// Nothing was fetched yet.
    #[error("there is no checkout at `{}`", path.display())]
    NoCheckout { path: PathBuf },
    /// Another git is at work, or was killed there.
    #[error("git's lock `{}` has been there for {}", path.display(), in_units(*age))]
    Locked { path: PathBuf, age: Duration },
    /// A git of the user's works in the checkout for longer than hero waits.
    #[error("`{holder}` is at work in `{}`", path.display())]
    Busy { path: PathBuf, holder: String },
    /// The checkout belongs to another user.
    #[error("`{}` belongs to another user", path.display())]
    Owner { path: PathBuf },
    /// Something hero does not do.
    #[error("cannot fetch `{url}`: {reason}")]
    Unsupported { url: String, reason: String },
    /// Files in LFS, and no way to get them.
    #[error("`{service}` keeps files in Git LFS, and {reason}")]
    Lfs { service: String, reason: String, details: Vec<String>, missing: bool },
    /// There is no git program.
    #[error("there is no `git` on PATH")]
    NoGit,
    /// The git program is older than hero needs.
    #[error("`{}` is git {version}, and hero needs {MINIMUM} or newer", path.display())]
    OldGit { path: PathBuf, version: Version },
    /// The repository's files are damaged.
    #[error("the repository `{}` is damaged: {reason}", path.display())]
    Corrupt { path: PathBuf, reason: String },

    /// A submodule that could not be had.
    #[error("submodule `{path}`: {source}")]
    Submodule { path: String, source: Box<Error> },
    /// A submodule that points where its parent may not send us.
    #[error("submodule `{path}` may not be fetched from `{url}` by a repository from elsewhere")]
    SubmoduleDenied { path: String, url: String },
    /// The script names a submodule that there is not.
    #[error("`{service}` has no submodule `{path}`")]
    NoSubmodule { service: String, path: String, near: Option<String>, has: Vec<String> },

    /// The user interrupted it.
    #[error("interrupted while fetching `{service}`")]
    Interrupted { service: String },
    /// A file operation.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// The lock on the checkout.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The git command line could not be run.
    #[error(transparent)]
    Command(#[from] process::Error),
    /// Whatever else git says.
    #[error("cannot {action} `{what}`: {reason}")]
    Git { action: &'static str, what: String, reason: String },
}

/// A branch, tag or commit that the remote does not have.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub(crate) struct MissingRef {
    pub(crate) service: String,
    pub(crate) option: &'static str,
    pub(crate) name: String,
    /// Names like it that there are, the nearest first; each with its option.
    pub(crate) near: Vec<String>,
    /// What there is, the first few.
    pub(crate) has: Vec<String>,
    /// The option under which the very name would be found.
    pub(crate) elsewhere: Option<&'static str>,
}

impl Error {
    /// What a remote answered, if it was a remote.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Remote(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Remote(Box::new(refusal))
    }
}
