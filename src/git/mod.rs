//! Checkouts of services: clone, update, reset, submodules, and what state a
//! tree is in. Silent: what happens is told to a `Reporter`.
//!
//! - `url`, `reference`, `credentials`: what is asked for, checked and redacted
//! - `transport`: libgit2 and the git command line, retries, logging in
//! - `resolve`: from a reference to a commit that is here
//! - `steps`, `clone`, `update`, `reset`, `keep`, `submodules`: what is done to a tree
//! - `place`, `marker`, `moving`, `tree`, `status`: what a tree is and how it stands
//! - `doctor`: whether there is the git program
//! - `error`, `diagnose`, `classify`: what went wrong and what to do

mod classify;
mod clone;
mod credentials;
mod diagnose;
mod doctor;
mod error;
mod keep;
mod marker;
mod moving;
mod place;
mod reference;
mod reset;
mod resolve;
mod status;
mod steps;
mod submodules;
mod transport;
mod tree;
mod update;
mod url;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::lock;
use crate::sys::name::Name;

pub use credentials::{Credentials, Secret};
pub use doctor::examine;
pub use error::{Error, Fault, MissingRef};
pub use reference::Reference;
pub use status::{Status, Tracked, status};
pub use url::{RemoteUrl, Scheme};

use place::Found;
use transport::Link;

/// What may happen to a checkout that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Nothing: it is used as it is, and the network is not.
    #[default]
    Keep,
    /// It is brought forward, if nothing local is lost or in the way.
    Update,
    /// It is put exactly at the upstream revision; what is local is kept under
    /// a ref.
    Reset,
}

/// Which submodules are fetched, each with its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Submodules {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those at these paths.
    Only(Vec<String>),
}

/// Who talks to the remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// libgit2, and the git command line for local repositories and for ssh
    /// that libgit2 cannot do.
    #[default]
    Auto,
    /// libgit2 only.
    Libgit2,
    /// The git command line only.
    Cli,
}

/// One fetch.
#[derive(Debug)]
pub struct Options<'a> {
    /// For whom: names the lock and the temporary folder.
    pub service: &'a Name,
    /// From where.
    pub url: &'a RemoteUrl,
    /// What of it.
    pub reference: &'a Reference,
    /// The checkout.
    pub path: &'a Path,
    /// What may happen to a checkout that is there.
    pub mode: Mode,
    /// Which submodules are wanted.
    pub submodules: Submodules,
    /// Patterns of files that builds make: no edits where they are untracked.
    pub generated: &'a [&'a str],
    /// Only tell what would be done.
    pub dry_run: bool,
    /// Tokens.
    pub credentials: &'a Credentials,
    /// The folder of the lock files.
    pub locks: &'a Path,
    /// Who talks to the remote.
    pub backend: Backend,
}

/// A checkout after a fetch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// The commit that is checked out; empty when there is no checkout (only
    /// with `dry_run`).
    pub commit: String,
    /// The branch, tag or abbreviated commit for people.
    pub reference: String,
    /// Whether the tree is another one than before.
    pub changed: bool,
    /// Whether it was not there before.
    pub cloned: bool,
    /// Whether it has local edits.
    pub dirty: bool,
    /// The ref that holds what a reset discarded.
    pub kept: Option<String>,
}

/// Begins, in a thread, what libgit2 does before its first use: it reads every
/// certificate that the system trusts, which takes longer than anything else in
/// a run that finds nothing to do. The thread is to be joined before the end.
pub fn prepare() -> std::thread::JoinHandle<()> {
    std::thread::spawn(|| drop(git2::Config::new()))
}

/// Makes sure that the checkout of a service is there and, as the mode says,
/// up to date.
///
/// # Errors
/// See [`Error`]. Whatever the error, local work is where it was, and the next
/// call can go on from there.
pub fn fetch(
    options: &Options,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Fetched, Error> {
    let wanted = options.reference.clone().checked()?;
    let service = options.service.as_str();
    if options.dry_run {
        return steps::plan(options, reporter);
    }
    let _lock = lock::acquire(options.locks, &format!("src-{service}"), reporter, cancel)?;
    let link =
        Link::new(service, options.url, options.credentials, options.backend, reporter, cancel);
    clone::sweep(service, options.path)?;
    let fetched = match place::inspect(options.path, options.url, options.mode)? {
        Found::Nothing => clone::clone(options, &wanted, &link, None)?,
        Found::Husk => clone::clone(options, &wanted, &link, Some(options.path))?,
        Found::Checkout(checkout) if options.mode == Mode::Keep => {
            steps::use_as_is(options, &wanted, &checkout, reporter)?
        }
        Found::Checkout(checkout) => steps::move_to(options, wanted, &checkout, &link)?,
    };
    reporter.report(Event::Fetched {
        service: service.to_owned(),
        reference: fetched.reference.clone(),
        commit: fetched.commit.clone(),
        changed: fetched.changed,
    });
    Ok(fetched)
}
