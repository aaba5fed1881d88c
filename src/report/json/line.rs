//! The lines that `--json` prints: a contract with other programs, so they have types of their
//! own. docs/json.md shows each.

use serde::Serialize;
use serde_json::Value;

use crate::event::{Event, LogLevel, MessageLevel, Stream};
use crate::report::{Frame, Place, Report};

/// The version of the format. New events and new fields leave it as it is; what a program may
/// rely on and is renamed, removed or changed raises it.
pub(super) const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line {
    Begin { format: u32, hero: &'static str },
    FetchStarted { service: String, url: String },
    FetchProgress { service: String, objects: u64, objects_total: u64, bytes: u64 },
    FetchSilent { service: String, host: String, seconds: u64 },
    FetchDelayed { service: String, host: String, seconds: u64 },
    Asking { service: String, asks: bool, unanswered: bool },
    Fetched { service: String, reference: String, commit: String, changed: bool },
    BuildStarted { service: String, profile: String },
    BuildProgress { service: String, profile: String, done: u64, total: u64, current: String },
    BuildMessage { service: String, level: &'static str, rendered: String },
    Built { service: String, profile: String, fresh: bool, millis: u64 },
    Installed { service: String, commit: String, profile: String, size: u64, bins: Vec<String> },
    Fresh { service: String, detail: String },
    Checked { service: String, detail: String },
    Starting { service: String, detail: String },
    Started { service: String, detail: String, pid: Option<u32>, millis: u64 },
    Stopped { service: String },
    RolledBack { service: String, generation: String, detail: String },
    Removed { what: String, size: u64 },
    Plan { action: String, detail: String },
    Failed { service: String, detail: String },
    Skipped { service: String, detail: String },
    Waiting { lock: String, holder: String },
    Running { command: String },
    Output { stream: &'static str, text: String },
    Step { verb: String, text: String },
    Log { level: &'static str, message: String },
    Warning { message: String, hint: Option<String> },
    Table { columns: Vec<String>, rows: Vec<Vec<String>> },
    Data { value: Value },
    Print { text: String },
    Stack { done: u64, total: u64 },
    Finished { message: String, failed: bool },
    Summary { exit: u8, warnings: u64, error: Option<Failure> },
}

/// The error that ended a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Failure {
    kind: String,
    message: String,
    place: Option<Position>,
    chain: Vec<Call>,
    details: Vec<String>,
    hint: Option<String>,
    exit: u8,
    parts: Vec<Failure>,
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Position {
    file: String,
    line: usize,
    column: usize,
    label: Option<String>,
}

/// A call on the way to the error.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Call {
    function: String,
    file: String,
    line: usize,
}

impl Line {
    /// Returns the first line of a run.
    pub(crate) fn begin() -> Self {
        Self::Begin { format: FORMAT, hero: env!("CARGO_PKG_VERSION") }
    }
}

impl From<Event> for Line {
    fn from(event: Event) -> Self {
        match event {
            Event::FetchStarted { service, url } => Self::FetchStarted { service, url },
            Event::FetchProgress { service, objects, objects_total, bytes } => {
                Self::FetchProgress { service, objects, objects_total, bytes }
            }
            Event::FetchSilent { service, host, seconds } => {
                Self::FetchSilent { service, host, seconds }
            }
            Event::FetchDelayed { service, host, seconds } => {
                Self::FetchDelayed { service, host, seconds }
            }
            Event::Asking { service, asks, unanswered } => {
                Self::Asking { service, asks, unanswered }
            }
            Event::Fetched { service, reference, commit, changed } => {
                Self::Fetched { service, reference, commit, changed }
            }
            Event::BuildStarted { service, profile } => Self::BuildStarted { service, profile },
            Event::BuildProgress { service, profile, done, total, current } => {
                Self::BuildProgress { service, profile, done, total, current }
            }
            Event::BuildMessage { service, level, rendered } => {
                Self::BuildMessage { service, level: message_level(level), rendered }
            }
            Event::Built { service, profile, fresh, millis } => {
                Self::Built { service, profile, fresh, millis }
            }
            Event::Installed { service, commit, profile, size, bins } => {
                let bins = bins.iter().map(|path| path.to_string_lossy().into_owned()).collect();
                Self::Installed { service, commit, profile, size, bins }
            }
            Event::Fresh { service, detail } => Self::Fresh { service, detail },
            Event::Checked { service, detail } => Self::Checked { service, detail },
            Event::Starting { service, detail } => Self::Starting { service, detail },
            Event::Started { service, detail, pid, millis } => {
                Self::Started { service, detail, pid, millis }
            }
            Event::Stopped { service } => Self::Stopped { service },
            Event::RolledBack { service, generation, detail } => {
                Self::RolledBack { service, generation, detail }
            }
            Event::Removed { what, size } => Self::Removed { what, size },
            Event::Plan { action, detail } => Self::Plan { action, detail },
            Event::Failed { service, detail } => Self::Failed { service, detail },
            Event::Skipped { service, detail } => Self::Skipped { service, detail },
            Event::Waiting { lock, holder } => Self::Waiting { lock, holder },
            Event::Running { command } => Self::Running { command },
            Event::Output { stream, text } => Self::Output { stream: stream_name(stream), text },
            Event::Step { verb, text } => Self::Step { verb, text },
            Event::Log { level, message } => Self::Log { level: log_level(level), message },
            Event::Warning { message, hint } => Self::Warning { message, hint },
            Event::Table { columns, rows } => Self::Table { columns, rows },
            Event::Data { value } => Self::Data { value },
            Event::Print { text } => Self::Print { text },
            Event::Stack { done, total } => Self::Stack { done, total },
            Event::Finished { message, failed } => Self::Finished { message, failed },
        }
    }
}

fn message_level(level: MessageLevel) -> &'static str {
    match level {
        MessageLevel::Error => "error",
        MessageLevel::Warning => "warning",
        MessageLevel::Note => "note",
    }
}

fn log_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Verbose => "verbose",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

fn stream_name(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    }
}

impl From<&Report> for Failure {
    fn from(report: &Report) -> Self {
        let Report { kind, message, place, chain, details, hint, exit, parts } = report;
        let position = |place: &Place| Position {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            label: place.label.clone(),
        };
        let call = |Frame { function, file, line }: &Frame| Call {
            function: function.clone(),
            file: file.clone(),
            line: *line,
        };
        Self {
            kind: kind.clone(),
            message: message.clone(),
            place: place.as_ref().map(position),
            chain: chain.iter().map(call).collect(),
            details: details.clone(),
            hint: hint.clone(),
            exit: *exit,
            parts: parts.iter().map(Self::from).collect(),
        }
    }
}
