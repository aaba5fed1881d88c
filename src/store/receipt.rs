//! The record in every generation: what it was built from.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::sys::fs;
use crate::sys::name::Name;

/// The format this version writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;
/// The file in a generation's folder.
pub(super) const FILE: &str = "receipt.json";

/// What a generation is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    /// The version of this file's format.
    pub(crate) format: u32,
    /// Whose it is.
    pub(crate) service: Name,
    /// Its folder's name.
    pub(crate) generation: String,
    /// Where the source is from, without credentials.
    pub(crate) repo: String,
    /// The full commit; `None` for a folder without git.
    pub(crate) commit: Option<String>,
    /// The branch or tag that was asked for.
    pub(crate) reference: Option<String>,
    /// Whether the tree had changes that no commit has.
    pub(crate) dirty: bool,
    /// Cargo's profile.
    pub(crate) profile: String,
    /// Cargo features that were asked for.
    pub(crate) features: Vec<String>,
    /// The compiler, as it names itself.
    pub(crate) rustc: String,
    /// A hash of the lockfile.
    pub(crate) lockfile: Option<String>,
    /// When it was installed.
    pub(crate) installed_at: jiff::Timestamp,
    /// When it was last made current by an install that found it built already.
    #[serde(default)]
    pub(crate) activated_at: Option<jiff::Timestamp>,
    /// The script that installed it.
    pub(crate) script: Option<String>,
    /// The version of hero that installed it.
    pub(crate) hero: String,
    /// Its binaries.
    pub(crate) bins: Vec<Bin>,
    /// Files with their debug information, which debuggers look for beside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) debug_files: Vec<Bin>,
}

/// One binary of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bin {
    /// Its name in `bin/`.
    pub(crate) name: Name,
    /// Its bytes.
    pub(crate) size: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub(crate) sha256: String,
    /// When the file was written: as long as that stands, its content need not
    /// be read to know that nobody changed it.
    #[serde(default)]
    pub(crate) modified: Option<jiff::Timestamp>,
    /// Which file it was copied from: as long as that is there unchanged, it need
    /// not be read to know that it would give the same.
    #[serde(default)]
    pub(crate) source: Option<Source>,
}

/// A file in a state that a change to it, or another file in its place, does not
/// have. The time of its content would not do: unpacking an archive sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    device: u64,
    inode: u64,
    /// When its content, mode or links last changed (`ctime`), in seconds and
    /// nanoseconds.
    changed: (i64, i64),
}

impl Source {
    /// The state that a file is in.
    pub(super) fn new(data: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: data.dev(), inode: data.ino(), changed: (data.ctime(), data.ctime_nsec()) }
    }
}

/// Why a receipt cannot be used.
#[derive(Debug)]
pub(super) enum ReceiptFault {
    /// There is none.
    Missing,
    /// It cannot be read now; it may be fine.
    Unreadable(fs::Error),
    /// It is not a receipt, or not this generation's.
    Corrupt(String),
    /// A newer hero wrote it.
    Newer(u64),
}

impl std::fmt::Display for ReceiptFault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => formatter.write_str("it has no receipt"),
            Self::Unreadable(error) => write!(formatter, "{error}"),
            Self::Corrupt(reason) => write!(formatter, "its receipt is corrupt: {reason}"),
            Self::Newer(format) => write!(formatter, "its receipt has the newer format {format}"),
        }
    }
}

impl Receipt {
    /// The commit for people, abbreviated, with `+edits` where there were some; `local` for
    /// what came from no repository.
    pub(crate) fn revision(&self) -> String {
        let commit = self.commit.as_deref().map_or("local", |it| it.get(..7).unwrap_or(it));
        format!("{commit}{}", if self.dirty { "+edits" } else { "" })
    }

    /// Bytes of all binaries.
    pub(crate) fn size(&self) -> u64 {
        self.bins.iter().map(|bin| bin.size).sum()
    }

    /// When an install last chose it: the order that `rollback` goes back in.
    pub(crate) fn since(&self) -> jiff::Timestamp {
        self.activated_at.unwrap_or(self.installed_at)
    }

    /// The same, up to a time: what chose it after that may not have come to
    /// its end.
    pub(super) fn since_before(&self, time: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let chosen = [self.activated_at, Some(self.installed_at)].into_iter().flatten();
        chosen.filter(|at| *at <= time).max()
    }

    /// Binaries and files with debug information: all that lies in `bin/` of the generation.
    pub(super) fn files(&self) -> impl Iterator<Item = &Bin> {
        self.bins.iter().chain(&self.debug_files)
    }

    /// The names of the binaries.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.bins.iter().map(|bin| &bin.name)
    }

    /// Notes in a generation's folder that an install chose it again.
    pub(super) fn chosen(mut self, folder: &Path) -> fs::Result<Self> {
        self.activated_at = Some(jiff::Timestamp::now());
        self.write(folder).map(|()| self)
    }

    /// Writes it into a generation's folder, durably.
    pub(super) fn write(&self, folder: &Path) -> fs::Result<()> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| fs::Error {
            action: "write",
            path: folder.join(FILE),
            source: error.into(),
        })?;
        text.push(b'\n');
        fs::write(&folder.join(FILE), &text)
    }

    /// Reads the receipt of the generation `generation` of `service`.
    pub(super) fn read(
        folder: &Path,
        service: &Name,
        generation: &str,
    ) -> Result<Self, ReceiptFault> {
        let bytes = fs::read(&folder.join(FILE)).map_err(|error| match error.source.kind() {
            std::io::ErrorKind::NotFound => ReceiptFault::Missing,
            _ => ReceiptFault::Unreadable(error),
        })?;
        let corrupt = |error: serde_json::Error| ReceiptFault::Corrupt(error.to_string());
        // The version first: a newer format may be anything else.
        let versioned: Versioned = serde_json::from_slice(&bytes).map_err(corrupt)?;
        if versioned.format > u64::from(FORMAT) {
            return Err(ReceiptFault::Newer(versioned.format));
        }
        let receipt: Self = serde_json::from_slice(&bytes).map_err(corrupt)?;
        if receipt.service != *service || receipt.generation != generation {
            let (service, generation) = (&receipt.service, &receipt.generation);
            return Err(ReceiptFault::Corrupt(format!(
                "it is about `{generation}` of `{service}`"
            )));
        }
        Ok(receipt)
    }
}

#[derive(Deserialize)]
struct Versioned {
    format: u64,
}
