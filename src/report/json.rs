//! `--json`: one event a line on standard output, a summary at the end.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::{Console, Report};
use crate::event::{Event, Reporter};

/// Writes events as JSON.
pub struct Json {
    console: Console,
    warnings: AtomicU64,
}

impl Json {
    /// A reporter for programs.
    pub fn new(console: Console) -> Self {
        Self { console, warnings: AtomicU64::new(0) }
    }

    /// The last line of a run: how it ended, with its error if any.
    pub fn summary(&self, exit: u8, failure: Option<&Report>) {
        let summary = json!({
            "event": "summary",
            "exit": exit,
            "warnings": self.warnings.load(Ordering::Relaxed),
            "error": failure,
        });
        self.console.data(&summary.to_string());
    }
}

impl Reporter for Json {
    fn report(&self, event: Event) {
        if matches!(event, Event::Warning { .. }) {
            self.warnings.fetch_add(1, Ordering::Relaxed);
        }
        match serde_json::to_string(&event) {
            Ok(line) => self.console.data(&line),
            Err(error) => self.console.message(&format!("error: cannot write an event: {error}")),
        }
    }
}
