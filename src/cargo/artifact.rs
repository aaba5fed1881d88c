//! What a build leaves.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{Inputs, Profile};

/// One binary that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The binary's name.
    pub name: String,
    /// Where cargo put it; empty with dry-run. Copy it, never link or move it.
    pub path: PathBuf,
    /// Files with its debug information (`split-debuginfo = "packed"`), which debuggers look
    /// for beside it.
    pub debug_files: Vec<PathBuf>,
    /// Its package.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Whether it was there already and up to date.
    pub fresh: bool,
}

/// A build that ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    /// The wanted binaries, sorted by name.
    pub artifacts: Vec<Artifact>,
    /// Whether nothing had to be compiled.
    pub fresh: bool,
    /// How it was compiled.
    pub profile: Profile,
    /// How long cargo took.
    pub millis: u64,
    /// Everything that cargo and the compilers said.
    pub log: PathBuf,
    /// How often the compiler warned.
    pub warnings: u64,
    /// The first line of `rustc -vV`; empty with dry-run.
    pub rustc: String,
    /// SHA-256 of the `Cargo.lock` that was used.
    pub lockfile: Option<String>,
    /// The features as [`super::Options::canonical_features`] gives them.
    pub features: Vec<String>,
    /// How long each part of it took, in order.
    #[serde(skip)]
    pub phases: Vec<(&'static str, Duration)>,
    /// Files that were other when the same was built before.
    #[serde(skip)]
    pub changed: Vec<PathBuf>,
    /// What it depends on beside the commit; `None` with dry-run.
    #[serde(skip)]
    pub inputs: Option<Inputs>,
}

/// A binary that a folder can build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binary {
    /// The binary's name.
    pub name: String,
    /// Its package.
    pub package: String,
    /// The folder of that package.
    pub manifest_dir: PathBuf,
}
