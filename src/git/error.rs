//! What can go wrong between a repository and its checkout.

use std::path::PathBuf;
use std::time::Duration;

use crate::sys::{fs, lock, process};

/// A fetch that failed, or was not begun.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub enum Error {
    /// Not an address of a repository. `url` is redacted.
    #[error("`{}` is not a repository URL: {reason}", url.escape_debug())]
    BadUrl { url: String, reason: &'static str },
    /// A transport that hero does not use.
    #[error("`{}` uses `{scheme}`, which is not allowed", url.escape_debug())]
    SchemeDenied { url: String, scheme: String },
    /// Not the name of a branch, tag or commit.
    #[error("`{}` is not a valid {option}: {reason}", name.escape_debug())]
    BadReference { option: &'static str, name: String, reason: &'static str },

    /// The server wants to know who asks.
    #[error("`{url}` wants a login and there is none for it")]
    AuthRequired { url: String, host: String, ssh: bool },
    /// It was told, and said no.
    #[error("`{url}` refuses the login (tried: {})", methods.join(", "))]
    AuthFailed { url: String, host: String, ssh: bool, methods: Vec<String> },
    /// An ssh server nobody vouched for.
    #[error("the ssh host key of `{host}` is not known")]
    HostKeyUnknown { host: String, port: u16, fingerprint: Option<String> },
    /// An ssh server that is not the one it was.
    #[error("the ssh host key of `{host}` is not the one in known_hosts")]
    HostKeyChanged { host: String, port: u16, fingerprint: Option<String> },
    /// A server whose certificate does not hold.
    #[error("the certificate of `{host}` is not valid: {reason}")]
    TlsInvalid { host: String, reason: String },
    /// No such repository, or none that this user may see.
    #[error("there is no repository at `{url}`")]
    RemoteNotFound { url: String, host: Option<String>, login: bool },
    /// A server that sends us elsewhere, where we do not go with a token.
    #[error("`{url}` redirects to another place: {reason}")]
    Redirected { url: String, reason: String },
    /// The network did not hold.
    #[error("{}", fault.describe(url, host))]
    Network { url: String, host: String, fault: Fault, reason: String, tries: usize },
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
    #[error("`{}` was not checked out to the end", path.display())]
    Unfinished { path: PathBuf },
    /// Nothing was fetched yet.
    #[error("there is no checkout at `{}`", path.display())]
    NoCheckout { path: PathBuf },
    /// Another git is at work, or was killed there.
    #[error("git's lock `{}` has been there for {}", path.display(), humantime::format_duration(*age))]
    Locked { path: PathBuf, age: Duration },
    /// The repository belongs to another user.
    #[error("`{}` belongs to another user", path.display())]
    Owner { path: PathBuf },
    /// Something this git does not do.
    #[error("cannot fetch `{url}`: {reason}")]
    Unsupported { url: String, reason: String },
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
pub struct MissingRef {
    pub service: String,
    pub option: &'static str,
    pub name: String,
    /// Names like it that there are, the nearest first; each with its option.
    pub near: Vec<String>,
    /// What there is, the first few.
    pub has: Vec<String>,
    /// The option under which the very name would be found.
    pub elsewhere: Option<&'static str>,
}

/// Ways a network fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The name has no address.
    Dns,
    /// Nobody listens.
    Refused,
    /// Nothing came for too long.
    Timeout,
    /// The connection broke.
    Disconnected,
    /// The server is in trouble (5xx).
    Server,
}

impl Fault {
    fn describe(self, url: &str, host: &str) -> String {
        match self {
            Self::Dns => format!("cannot find the host `{host}`"),
            Self::Refused => format!("`{host}` refuses the connection"),
            Self::Timeout => format!("`{url}` did not answer in time"),
            Self::Disconnected => format!("the connection to `{url}` broke"),
            Self::Server => format!("`{url}` has a fault of its own"),
        }
    }
}

impl Error {
    /// Whether trying again may help.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Network { .. })
    }

    /// Whether the git command line may succeed where libgit2 did not, with
    /// keys and settings only `ssh` knows. Never after a doubtful host key.
    pub(super) fn is_ssh_login(&self) -> bool {
        matches!(self, Self::AuthRequired { ssh: true, .. } | Self::AuthFailed { ssh: true, .. })
    }
}
