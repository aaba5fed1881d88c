//! What the attendant of a unit writes down, for those who ask.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::supervise::{Error, Places, State, Unit};
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::processes::Identity;

/// The format of the files.
const FORMAT: u32 = 1;

/// The state of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    format: u32,
    /// The attendant.
    pub(super) attendant: Identity,
    /// The process it started last.
    pub(super) process: Option<Identity>,
    /// What that is doing.
    pub(super) state: State,
    /// Since when the process is there.
    pub(super) since: Option<Timestamp>,
    /// How the last one ended.
    pub(super) ended: Option<String>,
    /// How often it was started again.
    pub(super) restarts: u64,
    /// Where in the log its words begin.
    pub(super) said_from: u64,
}

impl Kept {
    /// A unit that is about to be started.
    pub(super) fn new(attendant: Identity, said_from: u64) -> Self {
        Self {
            format: FORMAT,
            attendant,
            process: None,
            state: State::Starting,
            since: None,
            ended: None,
            restarts: 0,
            said_from,
        }
    }
}

/// The files of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Files {
    /// What it is.
    pub(super) unit: PathBuf,
    /// What it is doing.
    pub(super) state: PathBuf,
    /// What it says.
    pub(super) log: PathBuf,
}

impl Files {
    /// Where they are.
    pub(super) fn new(places: &Places, unit: &Name) -> Self {
        let folder = places.run.join(unit);
        Self {
            unit: folder.join("unit.json"),
            state: folder.join("state.json"),
            log: places.log(unit),
        }
    }

    /// The description, if there is one that can be read.
    pub(super) fn unit(&self) -> Option<Unit> {
        serde_json::from_slice(&fs::read(&self.unit).ok()?).ok()
    }

    /// The state, if the unit was ever started.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn kept(&self) -> Result<Option<Kept>, Error> {
        if !fs::exists(&self.state) {
            return Ok(None);
        }
        let bad = |why: String| Error::Record { path: self.state.clone(), why };
        let bytes = fs::read(&self.state)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if kept.format != FORMAT {
            return Err(bad(format!("a newer hero wrote it (format {})", kept.format)));
        }
        Ok(Some(kept))
    }
}

impl Kept {
    /// Writes it down, for anybody to read. It is of no use after a power cut: nothing runs
    /// then.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        Ok(fs::write_lightly(path, &text(path, self)?)?)
    }
}

/// Writes a description down; only its owner may read the environment.
///
/// # Errors
/// When that fails.
pub(super) fn write_unit(path: &Path, unit: &Unit) -> Result<(), Error> {
    Ok(fs::write_secret(path, &text(path, unit)?)?)
}

fn text(path: &Path, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value)
        .map_err(|error| Error::Record { path: path.to_owned(), why: error.to_string() })
}
