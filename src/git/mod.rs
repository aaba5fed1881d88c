//! Checkouts of services: clone, update, reset, submodules, LFS, and the state of a
//! tree. Silent: a `Reporter` is told what happens.
//!
//! - `url`, `reference`, `credentials`: what is asked for, checked and redacted
//! - `program`: git's own program, how it is called, and its credential helper
//! - `remote`, `refusal`: talking to a remote, and why it refuses
//! - `resolve`, `room`: from a reference to a commit that is here
//! - `steps`, `clone`, `update`, `reset`, `keep`, `submodules`, `lfs`: the changes of a tree
//! - `recovery`: what a killed git or hero left
//! - `place`, `marker`, `moving`, `tree`, `edits`, `status`: what a tree is, and its state
//! - `built`: what builds change in a tree
//! - `native`: trees that only git's own program can move
//! - `doctor`: the git program and its settings on this machine
//! - `error`, `diagnose`, `classify`: what went wrong and what to do

mod built;
mod classify;
mod clone;
mod credentials;
mod diagnose;
mod doctor;
mod edits;
mod error;
mod keep;
mod lfs;
mod marker;
mod mend;
mod moving;
mod native;
mod place;
mod program;
mod recovery;
mod reference;
mod refusal;
mod remote;
mod reset;
mod resolve;
mod room;
mod status;
mod steps;
mod submodules;
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

pub use built::{BeforeBuild, before_build};
pub use credentials::{Credentials, HandOver, Secret};
pub use doctor::{examine, examine_tokens};
pub use error::{Error, MissingRef};
pub use program::{Lent, MINIMUM, Prompt, SUBCOMMAND, Version, answer, lend};
pub use reference::Reference;
pub use status::{Status, Tracked, status};
pub use url::{RemoteUrl, Scheme};

use marker::Marker;
use place::Found;
use recovery::Work;
use remote::Remote;

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
    /// Whether git may ask for passwords.
    pub prompt: Prompt,
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
    clone::sweep(service, options.path)?;
    if let Some(git) = tree::common_folder(options.path) {
        recovery::recover(options.path, &git)?;
    }
    let found = place::inspect(options.path, options.url, options.mode)?;
    let work = match &found {
        Found::Checkout(checkout) => Work::on(options.path, checkout.repo.commondir()),
        Found::Nothing | Found::Incomplete => Work::clone(options.path),
    };
    let told = (reporter, cancel);
    let remote =
        Remote::new(service, options.url, options.credentials, options.prompt, &work, told);
    if let Found::Checkout(checkout) = &found {
        native::ensure_readable(&checkout.repo, native::Caller::of(&remote))?;
    }
    let fetched = match found {
        Found::Nothing => clone::clone(options, &wanted, &remote, None),
        Found::Incomplete => clone::clone(options, &wanted, &remote, Some(options.path)),
        Found::Checkout(checkout) if options.mode == Mode::Keep => {
            steps::use_as_is(options, &wanted, &checkout, &remote)
        }
        Found::Checkout(checkout) => steps::move_to(options, wanted, &checkout, &remote),
    };
    let ended = work.end(fetched.is_err());
    let fetched = fetched?;
    ended?;
    reporter.report(Event::Fetched {
        service: service.to_owned(),
        reference: fetched.reference.clone(),
        commit: fetched.commit.clone(),
        changed: fetched.changed,
    });
    Ok(fetched)
}
