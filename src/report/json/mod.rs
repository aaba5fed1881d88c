//! `--json`: one event a line on standard output. The first line names the format, the last one
//! is a summary.

mod line;
#[cfg(test)]
mod tests;

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use line::{Failure, Line};

use super::{Console, Report};
use crate::event::{Event, Reporter};

/// Writes events as JSON.
pub(crate) struct Json {
    console: Console,
    /// Writes the first line, once.
    begun: Once,
    warnings: AtomicU64,
}

impl Json {
    /// Returns a reporter for other programs; nothing is written before the first event.
    pub(crate) fn new(console: Console) -> Self {
        Self { console, begun: Once::new(), warnings: AtomicU64::new(0) }
    }

    /// Writes the last line of a run: its exit code, and its error if it failed.
    pub(crate) fn summary(&self, exit: u8, failure: Option<&Report>) {
        let warnings = self.warnings.load(Ordering::Relaxed);
        self.line(&Line::Summary { exit, warnings, error: failure.map(Failure::from) });
    }

    fn line(&self, line: &Line) {
        self.begun.call_once(|| self.write(&Line::begin()));
        self.write(line);
    }

    fn write(&self, line: &Line) {
        match serde_json::to_string(line) {
            Ok(line) => self.console.data(&line),
            Err(error) => self.console.message(&format!("error: cannot write an event: {error}")),
        }
    }
}

impl Reporter for Json {
    fn report(&self, event: Event) {
        if matches!(event, Event::Warning { .. }) {
            self.warnings.fetch_add(1, Ordering::Relaxed);
        }
        self.line(&event.into());
    }
}
