//! What is asked of a fetch, and what it answers.

use std::path::{Path, PathBuf};

use super::credentials::Credentials;
use super::program::Prompt;
use super::reference::Reference;
use super::url::RemoteUrl;
use crate::sys::name::Name;

/// What may happen to a checkout that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
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
pub(crate) enum Submodules {
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
pub(crate) struct Options<'a> {
    /// For whom: names the lock and the temporary folder.
    pub(crate) service: &'a Name,
    /// From where.
    pub(crate) url: &'a RemoteUrl,
    /// What of it.
    pub(crate) reference: &'a Reference,
    /// The checkout.
    pub(crate) path: &'a Path,
    /// What may happen to a checkout that is there.
    pub(crate) mode: Mode,
    /// Which submodules are wanted.
    pub(crate) submodules: Submodules,
    /// Patterns of files that builds make: no edits where they are untracked.
    pub(crate) generated: &'a [&'a str],
    /// Only tell what would be done.
    pub(crate) dry_run: bool,
    /// Tokens.
    pub(crate) credentials: &'a Credentials,
    /// The folder of the lock files.
    pub(crate) locks: &'a Path,
    /// Whether git may ask for passwords.
    pub(crate) prompt: Prompt,
}

/// A checkout after a fetch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Fetched {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The commit that is checked out; empty when there is no checkout (only
    /// with `dry_run`).
    pub(crate) commit: String,
    /// The branch, tag or abbreviated commit for people.
    pub(crate) reference: String,
    /// Whether the tree is another one than before.
    pub(crate) changed: bool,
    /// Whether it was not there before.
    pub(crate) cloned: bool,
    /// Whether it has local edits.
    pub(crate) dirty: bool,
    /// The ref that holds what a reset discarded.
    pub(crate) kept: Option<String>,
}
