//! What each error tells its reader to do.

use std::path::Path;

use super::error::Error;
use super::url::RemoteUrl;
use super::version::MINIMUM;
use crate::error::{Diagnostic, ErrorKind};

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Url(error) => error.kind(),
            Self::BadReference { .. } => ErrorKind::BadReference,
            Self::Remote(refusal) => refusal.kind(),
            Self::Empty { .. } => ErrorKind::RemoteEmpty,
            Self::RefNotFound(_) | Self::Ambiguous { .. } => ErrorKind::RefNotFound,
            Self::Conflict { .. } => ErrorKind::Dirty,
            Self::Diverged { .. } => ErrorKind::Diverged,
            Self::NotHere { .. } => ErrorKind::NotHere,
            Self::BranchInTheWay { .. } => ErrorKind::BranchInTheWay,
            Self::OtherBranch { .. } => ErrorKind::OtherBranch,
            Self::RemoteChanged { .. } => ErrorKind::RemoteChanged,
            Self::InProgress { .. } => ErrorKind::InProgress,
            Self::Nested { .. } => ErrorKind::NestedRepository,
            Self::NotACheckout { .. } | Self::Unfinished { .. } => ErrorKind::NotACheckout,
            Self::NoCheckout { .. } => ErrorKind::NoCheckout,
            Self::Locked { .. } | Self::Busy { .. } => ErrorKind::Locked,
            Self::Lfs { .. } => ErrorKind::Lfs,
            Self::NoGit => ErrorKind::ProgramNotFound,
            Self::OldGit { .. } => ErrorKind::GitTooOld,
            Self::Owner { .. } => ErrorKind::Owner,
            Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::Corrupt { .. } => ErrorKind::Corrupt,
            Self::Submodule { source, .. } => source.kind(),
            Self::SubmoduleDenied { .. } => ErrorKind::SubmoduleDenied,
            Self::NoSubmodule { .. } => ErrorKind::NoSubmodule,
            Self::Interrupted { .. } => ErrorKind::Interrupted,
            Self::File(error) => error.kind(),
            Self::Lock(error) => error.kind(),
            Self::Command(error) => error.kind(),
            Self::Git { .. } => ErrorKind::Git,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Url(error) => return error.hint(),
            Self::BadReference { option: "commit", .. } => {
                "give the whole hash, as `git rev-parse HEAD` shows it".into()
            }
            Self::BadReference { option, .. } => {
                format!("give the name of a {option} of the remote")
            }
            Self::Remote(refusal) => return refusal.hint(),
            Self::NoGit => "install it, for instance: sudo apt install git".into(),
            Self::OldGit { .. } => format!(
                "install git {MINIMUM} or newer, or put a newer one first on PATH: git --version"
            ),
            Self::Lfs { missing: true, .. } => {
                "install it, then rerun: sudo apt install git-lfs".into()
            }
            Self::Lfs { .. } => {
                "see why: HERO_LOG=debug; the LFS server may need a login of its own".into()
            }
            Self::Empty { .. } => "push a first commit to it, then rerun".into(),
            Self::RefNotFound(missing) => match (&missing.elsewhere, missing.near.first()) {
                (Some(option), _) => format!("it is a {option}: {option}: \"{}\"", missing.name),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("name a {} that the remote has", missing.option),
            },
            Self::Ambiguous { .. } => "give more digits of the hash".into(),
            _ => return self.checkout_hint(),
        })
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Conflict { paths, .. } | Self::Nested { paths, .. } => paths.clone(),
            Self::RefNotFound(missing) if missing.has.is_empty() => Vec::new(),
            Self::RefNotFound(missing) => vec![format!("remote has: {}", missing.has.join(", "))],
            Self::NoSubmodule { has, .. } if has.is_empty() => vec!["it has none".into()],
            Self::NoSubmodule { has, .. } => vec![format!("it has: {}", has.join(", "))],
            Self::Remote(refusal) => refusal.details(),
            Self::Lfs { details, .. } => details.clone(),
            Self::Submodule { source, .. } => source.details(),
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::Url(error) => error.option(),
            Self::RemoteChanged { .. } | Self::Empty { .. } => Some("repo"),
            Self::Remote(refusal) => refusal.option(),
            Self::NotHere { option, .. } | Self::BadReference { option, .. } => Some(option),
            Self::RefNotFound(missing) => Some(missing.option),
            Self::Ambiguous { .. } => Some("commit"),
            Self::Submodule { .. } | Self::SubmoduleDenied { .. } | Self::NoSubmodule { .. } => {
                Some("submodules")
            }
            _ => None,
        }
    }
}

impl Error {
    /// Hints about what lies in a checkout.
    fn checkout_hint(&self) -> Option<String> {
        Some(match self {
            Self::Conflict { path, .. } => format!(
                "commit or stash them (git -C {path} stash -u), or rerun with --reset, which keeps \
                 them under a ref",
                path = quoted(path)
            ),
            Self::Diverged { path, upstream, .. } => format!(
                "git -C {} rebase {upstream}, or rerun with --reset, which keeps the local commits \
                 under a ref",
                quoted(path)
            ),
            Self::NotHere { .. } => "rerun with --update".into(),
            Self::BranchInTheWay { path, branch, .. } => format!(
                "git -C {} branch -m {branch} {branch}-old, or rerun with --reset, which keeps it \
                 under a ref",
                quoted(path)
            ),
            Self::OtherBranch { path, wanted, .. } => {
                format!("git -C {} checkout {wanted}, or rerun with --reset", quoted(path))
            }
            Self::RemoteChanged { recorded, wanted, .. } if is_other_protocol(recorded, wanted) => {
                "only the protocol differs: rerun with --reset, which keeps local edits and \
                 commits under a ref"
                    .into()
            }
            Self::RemoteChanged { .. } => {
                "is it another service? give it another `name`; to move this checkout: --reset"
                    .into()
            }
            Self::Unfinished { .. } => "rerun with --reset".into(),
            Self::InProgress { path, state } => {
                let command = match *state {
                    "rebase" => "rebase --abort",
                    "merge" => "merge --abort",
                    "cherry-pick" => "cherry-pick --abort",
                    "revert" => "revert --abort",
                    "bisect" => "bisect reset",
                    _ => "am --abort",
                };
                format!(
                    "finish it, or give it up: git -C {} {command}; --reset keeps your commits \
                     under a ref",
                    quoted(path)
                )
            }
            Self::Nested { path, .. } => format!("move them out of {}, then rerun", quoted(path)),
            Self::NotACheckout { path, .. } | Self::Corrupt { path, .. } => {
                let path = quoted(path);
                let aside = format!("{path}.old");
                format!("move it away, then rerun: mv {path} {aside}")
            }
            Self::NoCheckout { .. } => "install the service first".into(),
            Self::Locked { path, .. } => {
                format!("if no git is at work there: rm {}", quoted(path))
            }
            Self::Owner { path } => {
                format!("make it yours: sudo chown -R \"$(id -un)\" {}", quoted(path))
            }
            Self::Busy { .. } => "wait for it to end, then rerun".into(),
            Self::Unsupported { .. } => "name a branch, tag or commit of it".into(),
            Self::SubmoduleDenied { .. } => {
                "have its .gitmodules name an https URL, or leave it out: submodules: [\"other\"]"
                    .into()
            }
            Self::NoSubmodule { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NoSubmodule { .. } => "submodules: true takes all there are".into(),
            Self::Submodule { source, .. } => return source.hint(),
            Self::File(error) => return error.hint(),
            Self::Lock(error) => return error.hint(),
            Self::Command(error) => return error.hint(),
            _ => return None,
        })
    }
}

fn quoted(path: &Path) -> String {
    shell_words::quote(&path.to_string_lossy()).into_owned()
}

fn is_other_protocol(recorded: &str, wanted: &str) -> bool {
    let (recorded, wanted) = (RemoteUrl::parse(recorded), RemoteUrl::parse(wanted));
    recorded.ok().zip(wanted.ok()).is_some_and(|(one, other)| one.differs_in_protocol(&other))
}
