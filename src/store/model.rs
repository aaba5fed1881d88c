//! What the store is asked for and what it answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::receipt::Receipt;
use crate::sys::name::Name;

/// Built binaries that should become a generation, and what the caller knows
/// about them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewGeneration {
    /// Whose they are.
    pub service: Name,
    /// The name each gets in `bin/`, and the built file.
    pub bins: Vec<(Name, PathBuf)>,
    /// Files with debug information, which lie beside the binaries; the name of each begins
    /// with that of its binary.
    #[serde(default)]
    pub debug_files: Vec<PathBuf>,
    /// Where the source is from, without credentials.
    pub repo: String,
    /// The full commit; `None` for a folder without git.
    pub commit: Option<String>,
    /// The branch or tag that was asked for.
    pub reference: Option<String>,
    /// Whether the tree had changes that no commit has.
    pub dirty: bool,
    /// Cargo's profile: `release`, `debug` or the manifest's own.
    pub profile: String,
    /// Cargo features that were asked for.
    pub features: Vec<String>,
    /// The compiler, as it names itself.
    pub rustc: String,
    /// A hash of the lockfile.
    pub lockfile: Option<String>,
    /// The script that installs it.
    pub script: Option<String>,
    /// What the build depends on beside the commit (`cargo::Inputs`).
    pub inputs: Option<serde_json::Value>,
}

/// How far an installation may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Take the place of files in `bin/` that hero does not own; they are
    /// moved aside and kept.
    pub replace: bool,
    /// Generations of each profile kept besides the current one.
    pub keep: usize,
    /// Say what would be done and change nothing.
    pub dry_run: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { replace: false, keep: 3, dry_run: false }
    }
}

/// What an installation or activation did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Installed {
    /// Whose it is.
    pub service: Name,
    /// The generation that is current now (with dry-run: that would be).
    pub generation: String,
    /// The links in `bin/`.
    pub bins: Vec<PathBuf>,
    /// Bytes of all binaries.
    pub size: u64,
    /// False when the same was current already and nothing was done.
    pub changed: bool,
    /// The profile it was built with.
    pub profile: String,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// Where files that hero did not own are kept now.
    pub moved_aside: Vec<PathBuf>,
    /// How long copying the binaries took, in milliseconds.
    #[serde(default)]
    pub copy_millis: u64,
}

/// An installed service.
#[derive(Debug, Clone, Serialize)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// What `bin/` shows; `None` when nothing is current or its receipt cannot
    /// be used.
    pub current: Option<Receipt>,
    /// All generations with a usable receipt, the newest first.
    pub generations: Vec<Receipt>,
    /// Disk space of all generations, in bytes.
    pub size: u64,
    /// Its links in `bin/`.
    pub bins: Vec<PathBuf>,
}

/// Everything in an install root.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// The services, by name.
    pub services: Vec<Service>,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

/// What an uninstallation removed (with dry-run: would remove).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Removed {
    /// Whose it was.
    pub service: Name,
    /// Disk space of all its generations, in bytes.
    pub size: u64,
    /// The links that were in `bin/`.
    pub bins: Vec<PathBuf>,
}

/// What to clear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Clear {
    /// One service, or all.
    pub service: Option<Name>,
    /// Generations of this profile only.
    pub profile: String,
    /// Also what is current or running.
    pub force: bool,
    /// Only what was last current before this time.
    #[serde(default)]
    pub used_before: Option<jiff::Timestamp>,
    /// Say what would be done and change nothing.
    pub dry_run: bool,
}

impl Default for Clear {
    fn default() -> Self {
        let (profile, used_before) = ("debug".into(), None);
        Self { service: None, profile, force: false, used_before, dry_run: false }
    }
}

/// What clearing did (with dry-run: would do).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cleared {
    /// Generations that are gone.
    pub removed: Vec<ClearedGeneration>,
    /// Generations of the profile that stayed.
    pub kept: Vec<KeptGeneration>,
    /// Bytes of disk space that are free now.
    pub freed: u64,
    /// Disk space of the services looked at, before.
    pub size_before: u64,
    /// Disk space of the services looked at, after.
    pub size_after: u64,
}

/// A generation that was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedGeneration {
    /// Whose it was.
    pub service: Name,
    /// Which.
    pub generation: String,
    /// Its disk space, in bytes.
    pub size: u64,
}

/// A generation that was not cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptGeneration {
    /// Whose it is.
    pub service: Name,
    /// Which.
    pub generation: String,
    /// Its disk space, in bytes.
    pub size: u64,
    /// Why it stayed.
    pub reason: Reason,
}

/// Why a generation was not cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// `bin/` shows it.
    Current,
    /// A process runs one of its binaries.
    Running,
}
