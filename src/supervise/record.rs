//! What was started of a service, kept for the next command.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Kind, Places, Unit};
use crate::sys::fs;
use crate::sys::name::Name;

/// The format of the file.
const FORMAT: u32 = 1;

/// What was started of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    format: u32,
    /// By whom.
    pub(crate) supervisor: Kind,
    /// Its units, in the order of their start.
    pub(crate) units: Vec<Unit>,
    /// The generation that was current then.
    pub(crate) generation: String,
    /// Whether it should run: the last word was a start, not a stop.
    pub(crate) wanted: bool,
    /// Whether the last start came to its end, so that what runs is what stands here.
    pub(crate) settled: bool,
    /// What ran and was seen to be well.
    pub(crate) proven: Option<Proven>,
    /// Since when nothing answers that answered before; a start ends it.
    pub(crate) down_since: Option<Timestamp>,
}

/// What ran and was seen to be well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proven {
    /// The generation.
    pub(crate) generation: String,
    /// How it was started.
    pub(crate) units: Vec<Unit>,
}

impl Record {
    /// One of units that are about to be started for the first time.
    pub(crate) fn new(supervisor: Kind, units: Vec<Unit>) -> Self {
        Self {
            format: FORMAT,
            supervisor,
            units,
            generation: String::new(),
            wanted: true,
            settled: false,
            proven: None,
            down_since: None,
        }
    }

    /// What is known of a service; `None` if hero never started it.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or is a newer hero's.
    pub(crate) fn read(places: &Places, service: &Name) -> Result<Option<Self>, Error> {
        let path = path(places, service);
        if !fs::exists(&path) {
            return Ok(None);
        }
        let bytes = fs::read(&path)?;
        let bad = |why: String| Error::Record { path: path.clone(), why };
        let record: Self =
            serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if record.format != FORMAT {
            return Err(bad(format!("a newer hero wrote it (format {})", record.format)));
        }
        Ok(Some(record))
    }

    /// Keeps it: for its owner alone where it may hold secrets of the environment.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, places: &Places, service: &Name) -> Result<(), Error> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| Error::Record {
            path: path(places, service),
            why: error.to_string(),
        })?;
        let proven = self.proven.iter().flat_map(|proven| &proven.units);
        let secret = self.units.iter().chain(proven).any(|unit| !unit.env.is_empty());
        let path = path(places, service);
        if secret {
            fs::write_secret(&path, &bytes)?;
        } else {
            fs::write(&path, &bytes)?;
        }
        Ok(())
    }

    /// Forgets a service.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub(crate) fn remove(places: &Places, service: &Name) -> Result<(), Error> {
        fs::remove_file(&path(places, service))?;
        Ok(())
    }

    /// The services that hero has started.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn services(places: &Places) -> Result<Vec<Name>, Error> {
        if !fs::exists(&places.run) {
            return Ok(Vec::new());
        }
        let files = fs::list(&places.run)?;
        let name = |file: &PathBuf| {
            let name = file.file_name()?.to_str()?.strip_suffix(".json")?;
            Name::new("service", name).ok()
        };
        Ok(files.iter().filter_map(name).collect())
    }
}

fn path(places: &Places, service: &Name) -> PathBuf {
    places.run.join(format!("{service}.json"))
}
