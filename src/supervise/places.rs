//! Where a supervisor keeps its files.

use std::path::PathBuf;

use crate::sys::dirs::Dirs;
use crate::sys::fs;
use crate::sys::name::Name;

/// Where things of an install root are kept that concern running.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Places {
    /// Records and states.
    pub(crate) run: PathBuf,
    /// Logs.
    pub(crate) logs: PathBuf,
    /// Generations, of which processes run.
    pub(crate) store: PathBuf,
    /// Whether this is the system's root.
    pub(crate) system: bool,
    /// What goes before the system's folders.
    pub(crate) prefix: Option<PathBuf>,
    /// The user's home.
    pub(crate) home: PathBuf,
    /// Whether what is started ends with this process: for trying only.
    pub(crate) tied: bool,
}

impl Places {
    /// Those of the user's install root, or the system's.
    pub(crate) fn of(dirs: &Dirs, system: bool) -> Self {
        let root = dirs.root(system);
        let state = fs::parent(&root.store);
        let (run, logs) = if system {
            (state.join("run"), state.join("logs/services"))
        } else {
            // Beside the logs of builds, whatever the services are called.
            (dirs.run.clone(), dirs.logs.join("services"))
        };
        Self {
            run,
            logs,
            store: root.store.clone(),
            system,
            prefix: root.prefix(),
            home: dirs.home.clone(),
            tied: false,
        }
    }

    /// What a unit has said.
    pub(crate) fn log(&self, unit: &Name) -> PathBuf {
        self.logs.join(format!("{unit}.log"))
    }
}
