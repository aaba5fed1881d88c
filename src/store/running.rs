//! Which generations have running processes.

use std::path::{Path, PathBuf};

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use crate::sys::fs;

/// The programs of all processes that this user may look at.
#[derive(Debug)]
pub(super) struct Running {
    /// `None` when the system does not tell.
    programs: Option<Vec<PathBuf>>,
}

impl Running {
    pub(crate) fn look() -> Self {
        let programs = System::new().ok().map(|mut system| {
            let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
            system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
            let processes = system.processes().values();
            processes.filter_map(|process| process.exe().map(Path::to_owned)).collect()
        });
        Self { programs }
    }

    /// Whether a process runs a binary below this folder. When nobody knows,
    /// it is taken to.
    pub(crate) fn has(&self, folder: &Path) -> bool {
        let Some(programs) = &self.programs else { return true };
        // The system names programs without links.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        programs.iter().any(|program| program.starts_with(&folder))
    }
}
