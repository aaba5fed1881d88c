//! The sandbox of `--smoke`: an install root and a HOME that are gone with the run.

use std::path::Path;

use crate::supervise::Places;
use crate::sys::dirs::{Dirs, Root};
use crate::sys::fs;

/// A temporary install root, with a HOME for what is started in it.
#[derive(Debug)]
pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
    root: Root,
}

impl Sandbox {
    /// Makes one.
    ///
    /// # Errors
    /// When the temporary folder cannot be written.
    pub(crate) fn new() -> Result<Self, fs::Error> {
        let dir = fs::temporary_dir(&std::env::temp_dir(), "hero-smoke-")?;
        let root = Root::below(dir.path());
        Ok(Self { dir, root })
    }

    /// Its install root.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// Where things are kept that concern running. What is started ends with this process.
    pub(crate) fn places(&self, dirs: &Dirs) -> Places {
        let folder: &Path = self.dir.path();
        Places {
            run: folder.join("run"),
            logs: dirs.logs.join("smoke"),
            store: self.root.store.clone(),
            system: false,
            prefix: None,
            home: folder.join("home"),
            tied: true,
        }
    }
}
