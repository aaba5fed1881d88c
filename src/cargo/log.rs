//! The file with everything that a build said.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::event::{Event, Reporter};
use crate::sys::fs;
use crate::sys::redact::redact;
use crate::sys::text::plain;

/// A log that is written as it comes, plain text.
#[derive(Debug)]
pub(super) struct Log<'a> {
    path: &'a Path,
    file: File,
    /// The first failure; a full disk must not hide why the build failed.
    failed: Option<io::Error>,
}

impl<'a> Log<'a> {
    /// Begins a new log; the one before is gone.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn create(path: &'a Path, folder: &Path, command: &str) -> fs::Result<Self> {
        let mut log = Self { path, file: fs::create(path)?, failed: None };
        log.text(&format!("$ cd {}\n$ {command}", folder.display()));
        Ok(log)
    }

    /// Writes one line or several.
    pub(super) fn text(&mut self, text: &str) {
        if self.failed.is_some() {
            return;
        }
        let mut line = redact(&plain(text.trim_end()));
        line.push('\n');
        self.failed = self.file.write_all(line.as_bytes()).err();
    }

    /// Says so if the log is not whole.
    pub(super) fn finish(self, reporter: &dyn Reporter) {
        if let Some(error) = self.failed {
            reporter.report(Event::Warning {
                message: format!("the log `{}` is not complete: {error}", self.path.display()),
                hint: None,
            });
        }
    }
}
