//! What the store is asked for and what it answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::receipt::Receipt;
use crate::sys::name::Name;

/// Built binaries that should become a generation, and what the caller knows
/// about them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NewGeneration {
    /// Whose they are.
    pub(crate) service: Name,
    /// The name each gets in `bin/`, and the built file.
    pub(crate) bins: Vec<(Name, PathBuf)>,
    /// Files with debug information, which lie beside the binaries; the name of each begins
    /// with that of its binary.
    #[serde(default)]
    pub(crate) debug_files: Vec<PathBuf>,
    /// Where the source is from, without credentials.
    pub(crate) repo: String,
    /// The full commit; `None` for a folder without git.
    pub(crate) commit: Option<String>,
    /// The branch or tag that was asked for.
    pub(crate) reference: Option<String>,
    /// Whether the tree had changes that no commit has.
    pub(crate) dirty: bool,
    /// Cargo's profile: `release`, `debug` or the manifest's own.
    pub(crate) profile: String,
    /// Cargo features that were asked for.
    pub(crate) features: Vec<String>,
    /// The compiler, as it names itself.
    pub(crate) rustc: String,
    /// A hash of the lockfile.
    pub(crate) lockfile: Option<String>,
    /// The script that installs it.
    pub(crate) script: Option<String>,
    /// What the build depends on beside the commit (`cargo::Inputs`).
    pub(crate) inputs: Option<serde_json::Value>,
}

/// How far an installation may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    /// Take the place of files in `bin/` that hero does not own; they are
    /// moved aside and kept.
    pub(crate) replace: bool,
    /// Generations of each profile kept besides the current one.
    pub(crate) keep: usize,
    /// Say what would be done and change nothing.
    pub(crate) dry_run: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { replace: false, keep: 3, dry_run: false }
    }
}

/// What an installation or activation did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Installed {
    /// Whose it is.
    pub(crate) service: Name,
    /// The generation that is current now (with dry-run: that would be).
    pub(crate) generation: String,
    /// The links in `bin/`.
    pub(crate) bins: Vec<PathBuf>,
    /// Bytes of all binaries.
    pub(crate) size: u64,
    /// False when the same was current already and nothing was done.
    pub(crate) changed: bool,
    /// The profile it was built with.
    pub(crate) profile: String,
    /// The commit it was built from.
    pub(crate) commit: Option<String>,
    /// Where files that hero did not own are kept now.
    pub(crate) moved_aside: Vec<PathBuf>,
    /// How long copying the binaries took, in milliseconds.
    #[serde(default)]
    pub(crate) copy_millis: u64,
}

/// An installed service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: Name,
    /// What `bin/` shows; `None` when nothing is current or its receipt cannot
    /// be used.
    pub(crate) current: Option<Receipt>,
    /// All generations with a usable receipt, the newest first.
    pub(crate) generations: Vec<Receipt>,
    /// Disk space of all generations, in bytes.
    pub(crate) size: u64,
    /// Its links in `bin/`.
    pub(crate) bins: Vec<PathBuf>,
}

/// Everything in an install root.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listing {
    /// The services, by name.
    pub(crate) services: Vec<Service>,
    /// What is not as it should be.
    pub(crate) problems: Vec<Problem>,
}

/// What an uninstallation removed (with dry-run: would remove).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Removed {
    /// Whose it was.
    pub(crate) service: Name,
    /// Disk space of all its generations, in bytes.
    pub(crate) size: u64,
    /// The links that were in `bin/`.
    pub(crate) bins: Vec<PathBuf>,
}

/// What to clear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Clear {
    /// One service, or all.
    pub(crate) service: Option<Name>,
    /// Generations of this profile only.
    pub(crate) profile: String,
    /// Also what is current or running.
    pub(crate) force: bool,
    /// Only what was last current before this time.
    #[serde(default)]
    pub(crate) used_before: Option<jiff::Timestamp>,
    /// Say what would be done and change nothing.
    pub(crate) dry_run: bool,
}

impl Default for Clear {
    fn default() -> Self {
        let (profile, used_before) = ("debug".into(), None);
        Self { service: None, profile, force: false, used_before, dry_run: false }
    }
}

/// What clearing did (with dry-run: would do).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cleared {
    /// Generations that are gone.
    pub(crate) removed: Vec<ClearedGeneration>,
    /// Generations of the profile that stayed.
    pub(crate) kept: Vec<KeptGeneration>,
    /// Bytes of disk space that are free now.
    pub(crate) freed: u64,
    /// Disk space of the services looked at, before.
    pub(crate) size_before: u64,
    /// Disk space of the services looked at, after.
    pub(crate) size_after: u64,
}

/// A generation that was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClearedGeneration {
    /// Whose it was.
    pub(crate) service: Name,
    /// Which.
    pub(crate) generation: String,
    /// Its disk space, in bytes.
    pub(crate) size: u64,
}

/// A generation that was not cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptGeneration {
    /// Whose it is.
    pub(crate) service: Name,
    /// Which.
    pub(crate) generation: String,
    /// Its disk space, in bytes.
    pub(crate) size: u64,
    /// Why it stayed.
    pub(crate) reason: Reason,
}

/// Why a generation was not cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// `bin/` shows it.
    Current,
    /// A process runs one of its binaries.
    Running,
}
