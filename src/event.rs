//! What happened, and who is told: operations are silent and send events to a
//! [`Reporter`]; only `report` turns them into text or JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One thing that happened. `report::json` has the lines that `--json` prints of it; in this form
/// it only travels between a hero and the one that sudo starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub(crate) enum Event {
    /// A fetch began that will use the network or another repository.
    FetchStarted { service: String, url: String },
    /// Bytes and objects received so far; `objects_total` is 0 until known.
    FetchProgress { service: String, objects: u64, objects_total: u64, bytes: u64 },
    /// The remote of a fetch has sent nothing for so many seconds.
    FetchSilent { service: String, host: String, seconds: u64 },
    /// A fetch pauses for so many seconds, as the server asked.
    FetchDelayed { service: String, host: String, seconds: u64 },
    /// git may ask for a password at the terminal from now on, or will not any more.
    Asking {
        service: String,
        asks: bool,
        /// Whether a question may be left without an answer, with the cursor behind it.
        unanswered: bool,
    },
    /// The checkout of a service is where it should be.
    Fetched {
        service: String,
        /// Branch, tag or abbreviated commit that is checked out.
        reference: String,
        commit: String,
        /// False when the checkout was already there.
        changed: bool,
    },
    /// A build began.
    BuildStarted { service: String, profile: String },
    /// Cargo's own progress: units done, units in all, what is compiled now.
    BuildProgress { service: String, profile: String, done: u64, total: u64, current: String },
    /// A diagnostic of the compiler, as cargo renders it.
    BuildMessage { service: String, level: MessageLevel, rendered: String },
    /// A build ended well.
    Built {
        service: String,
        profile: String,
        /// Whether nothing had to be compiled.
        fresh: bool,
        millis: u64,
    },
    /// A generation was made current.
    Installed {
        service: String,
        commit: String,
        profile: String,
        /// Sum of the sizes of the binaries, in bytes.
        size: u64,
        /// The links in `bin/`.
        bins: Vec<PathBuf>,
    },
    /// There was nothing to do for this service.
    Fresh { service: String, detail: String },
    /// The check of an installed service passed.
    Checked { service: String, detail: String },
    /// A unit of a service is coming up; what is waited for.
    Starting { service: String, detail: String },
    /// A unit of a service runs, or has done its work.
    Started {
        service: String,
        /// `ready`, or only `alive for 1s`.
        detail: String,
        pid: Option<u32>,
        /// From its start until it was ready.
        millis: u64,
    },
    /// A unit of a service was stopped.
    Stopped { service: String },
    /// A new generation did not come up, and the one before runs again.
    RolledBack { service: String, generation: String, detail: String },
    /// Something was removed.
    Removed { what: String, size: u64 },
    /// What would be done: only with `--dry-run`.
    Plan { action: String, detail: String },
    /// A step of a service failed; the error itself follows at the end.
    Failed { service: String, detail: String },
    /// A service was not tried.
    Skipped { service: String, detail: String },
    /// Someone else holds a lock we need.
    Waiting { lock: String, holder: String },
    /// A command is started for a script.
    Running { command: String },
    /// Output of a command that a script asked to see.
    Output { stream: Stream, text: String },
    /// Something was done or seen, in a word and a text: `Kept`, `shop 3f1c2aa`. A line
    /// without a word continues the one before.
    Step { verb: String, text: String },
    /// A message of a script or of hero itself.
    Log { level: LogLevel, message: String },
    /// Something the user should know, with what to do about it.
    Warning { message: String, hint: Option<String> },
    /// A table that was asked for.
    Table { columns: Vec<String>, rows: Vec<Vec<String>> },
    /// A value that a script gives to other programs.
    Data { value: serde_json::Value },
    /// What a script printed.
    Print { text: String },
    /// So many services of a stack have been dealt with.
    Stack { done: u64, total: u64 },
    /// A closing sentence such as `2 services: 1 installed, 1 unchanged`.
    Finished { message: String, failed: bool },
}

/// Which stream of a command a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How grave a compiler's diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageLevel {
    /// The build fails.
    Error,
    /// The build goes on.
    Warning,
    /// Everything else.
    Note,
}

/// How important a message of a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// Shown with `-v` only.
    Verbose,
    /// Shown unless `-q`.
    Info,
    /// Always shown.
    Warn,
    /// Always shown.
    Error,
}

/// Receives events; implemented by `report` and by tests.
pub(crate) trait Reporter: Send + Sync {
    /// Takes note of one event. Must not panic and must not block for long.
    fn report(&self, event: Event);
}

/// A reporter that keeps every event, for tests of the layers below.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Recorder(std::sync::Mutex<Vec<Event>>);

#[cfg(test)]
impl Recorder {
    /// Everything reported so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().map(|events| events.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
impl Reporter for Recorder {
    fn report(&self, event: Event) {
        if let Ok(mut events) = self.0.lock() {
            events.push(event);
        }
    }
}
