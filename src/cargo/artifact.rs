//! What a build leaves.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{Inputs, Profile};

/// One binary that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Artifact {
    /// The binary's name.
    pub(crate) name: String,
    /// Where cargo put it; empty with dry-run. Copy it, never link or move it.
    pub(crate) path: PathBuf,
    /// Files with its debug information (`split-debuginfo = "packed"`), which debuggers look
    /// for beside it.
    pub(crate) debug_files: Vec<PathBuf>,
    /// Its package.
    pub(crate) package: String,
    /// The package's version.
    pub(crate) version: String,
    /// Whether it was there already and up to date.
    pub(crate) fresh: bool,
}

/// A build that ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Built {
    /// The wanted binaries, sorted by name.
    pub(crate) artifacts: Vec<Artifact>,
    /// Whether nothing had to be compiled.
    pub(crate) fresh: bool,
    /// How it was compiled.
    pub(crate) profile: Profile,
    /// How long cargo took.
    pub(crate) millis: u64,
    /// Everything that cargo and the compilers said.
    pub(crate) log: PathBuf,
    /// How often the compiler warned.
    pub(crate) warnings: u64,
    /// The first line of `rustc -vV`; empty with dry-run.
    pub(crate) rustc: String,
    /// SHA-256 of the `Cargo.lock` that was used.
    pub(crate) lockfile: Option<String>,
    /// The features as [`super::Options::canonical_features`] gives them.
    pub(crate) features: Vec<String>,
    /// How long each part of it took, in order.
    #[serde(skip)]
    pub(crate) phases: Vec<(&'static str, Duration)>,
    /// Files that were other when the same was built before.
    #[serde(skip)]
    pub(crate) changed: Vec<PathBuf>,
    /// What it depends on beside the commit; `None` with dry-run.
    #[serde(skip)]
    pub(crate) inputs: Option<Inputs>,
}

/// A binary that a folder can build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Binary {
    /// The binary's name.
    pub(crate) name: String,
    /// Its package.
    pub(crate) package: String,
    /// The folder of that package.
    pub(crate) manifest_dir: PathBuf,
}
