//! Events as lines for people, in the manner of cargo.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::Style;

use super::console::{BOLD, Console, DIM, DONE, ERROR, NOTE, WARNING};
use super::progress::{Progress, TOTAL};
use super::table::{duration, table};
use crate::event::{Event, LogLevel, MessageLevel, Reporter, Stream};
use crate::sys::dirs::Dirs;
use crate::sys::disk::bytes;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verbosity {
    /// Errors and what was asked for.
    Quiet,
    /// What was done.
    #[default]
    Normal,
    /// Also why, and every warning of the compiler.
    Verbose,
}

/// A piece of what is written.
enum Text {
    /// A line for the person.
    Message(String),
    /// A line of data.
    Data(String),
    /// Output of a command that a script asked to see.
    Output(Stream, String),
}

impl Text {
    fn write(&self, console: Console) {
        match self {
            Self::Message(text) => console.message(text),
            Self::Data(text) => console.data(text),
            Self::Output(stream, text) => console.output(*stream, text),
        }
    }
}

/// Writes events for people.
pub(crate) struct Human {
    console: Console,
    verbosity: Verbosity,
    dirs: Dirs,
    progress: Progress,
    /// What waits to be written while a program asks something at the terminal.
    held: Mutex<Option<Vec<Text>>>,
    /// What each service is doing, and since when.
    started: Mutex<BTreeMap<String, Instant>>,
}

impl Human {
    /// A reporter on `console`; `dirs` shortens paths.
    pub(crate) fn new(console: Console, verbosity: Verbosity, dirs: Dirs) -> Self {
        let progress = Progress::new(console, verbosity == Verbosity::Quiet);
        Self {
            console,
            verbosity,
            dirs,
            progress,
            held: Mutex::default(),
            started: Mutex::default(),
        }
    }

    /// Removes the lines that redraw, at the end of a run.
    pub(crate) fn clear(&self) {
        self.progress.clear();
    }

    /// `   Fetched mycelium   …`
    fn line(&self, style: Style, verb: &str, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.always(style, verb, text);
        }
    }

    fn always(&self, style: Style, verb: &str, text: &str) {
        let verb = self.console.paint(style, &format!("{verb:>11}"));
        self.message(&format!("{verb} {text}"));
    }

    fn message(&self, text: &str) {
        self.write(Text::Message(text.to_owned()));
    }

    /// Writes a text, or keeps it until no program asks anything any more.
    fn write(&self, text: Text) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(texts) => texts.push(text),
            None => self.progress.suspend(|| text.write(self.console)),
        }
    }

    /// Leaves the terminal to a program that asks something, or takes it back.
    fn leave_terminal(&self, asks: bool, unanswered: bool) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = std::mem::replace(&mut *held, asks.then(Vec::new));
        if unanswered {
            self.console.message("");
        }
        for text in texts.iter().flatten() {
            text.write(self.console);
        }
        self.progress.pause(asks);
    }

    fn labelled(&self, style: Style, label: &str, text: &str, hint: Option<&str>) {
        let mut out = format!("{}: {text}", self.console.paint(style, label));
        if let Some(hint) = hint {
            out = format!("{out}\n{}: {hint}", self.console.paint(NOTE, "hint"));
        }
        self.message(&out);
    }

    fn start(&self, service: &str) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.insert(service.to_owned(), Instant::now());
    }

    /// Long enough ago for a line to appear without flicker.
    fn is_slow(&self, service: &str) -> bool {
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.get(service).is_some_and(|since| since.elapsed() > Duration::from_millis(500))
    }

    fn print(&self, text: &str) {
        self.write(Text::Data(text.to_owned()));
    }

    fn log(&self, level: LogLevel, message: &str) {
        match level {
            LogLevel::Verbose if self.verbosity >= Verbosity::Verbose => {
                self.message(&self.console.paint(DIM, message));
            }
            LogLevel::Info if self.verbosity >= Verbosity::Normal => self.message(message),
            LogLevel::Warn => self.labelled(WARNING, "warning", message, None),
            LogLevel::Error => self.labelled(ERROR, "error", message, None),
            LogLevel::Verbose | LogLevel::Info => {}
        }
    }

    fn fetch_progress(&self, service: &str, objects: u64, total: u64, count: u64) {
        if self.is_slow(service) {
            let percent = (objects * 100)
                .checked_div(total)
                .map_or_else(String::new, |part| format!("{part}% "));
            self.progress.update(service, "Fetching", &format!("{percent}{}", bytes(count)));
        }
    }

    /// A fetch that waits: in the line that redraws, or where there is none as a
    /// line of its own.
    fn fetch_waits(&self, service: &str, text: &str) {
        if self.console.is_terminal() {
            self.progress.update(service, "Fetching", text);
        } else {
            self.line(NOTE, "Waiting", &format!("{service:<10} {text}"));
        }
    }

    /// What concerns running, and waiting for a remote.
    fn running(&self, event: Event) {
        match event {
            Event::Asking { asks, unanswered, .. } => self.leave_terminal(asks, unanswered),
            Event::FetchSilent { service, host, seconds } => {
                self.fetch_waits(&service, &format!("{host} has sent nothing for {seconds} s"));
            }
            Event::FetchDelayed { service, host, seconds } => {
                self.fetch_waits(&service, &format!("{host} asks for a pause of {seconds} s"));
            }
            Event::Checked { service, detail } => {
                self.line(DONE, "Checked", &format!("{service:<10} {detail}"));
            }
            Event::Starting { service, detail } => {
                self.progress.update(&service, "Starting", &detail);
            }
            Event::Started { service, detail, pid, millis } => {
                self.progress.finish(&service);
                let took = super::table::millis(millis);
                let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                // One that only had to stay alive was so at once.
                let after =
                    if detail.starts_with("alive") { String::new() } else { format!(" in {took}") };
                self.line(DONE, "Started", &format!("{service:<10} {detail}{after}{process}"));
            }
            Event::Stopped { service } => {
                self.progress.finish(&service);
                self.line(DONE, "Stopped", &service);
            }
            Event::RolledBack { service, generation, detail } => {
                let text = format!("{service:<10} to {generation}{detail}");
                self.always(WARNING, "Rolled back", &text);
            }
            _ => {}
        }
    }

    fn table(&self, columns: &[String], rows: &[Vec<String>]) {
        let text = table(columns, rows);
        let heading = columns.iter().any(|column| !column.is_empty());
        match text.split_once('\n') {
            Some((head, rest)) if heading && self.console.stdout_color() => {
                self.print(&format!("{BOLD}{head}{BOLD:#}\n{rest}"));
            }
            _ => self.print(&text),
        }
    }
}

impl Reporter for Human {
    fn report(&self, event: Event) {
        match event {
            Event::FetchStarted { service, url } => {
                self.start(&service);
                if self.verbosity >= Verbosity::Verbose || !self.console.is_terminal() {
                    self.line(NOTE, "Fetching", &format!("{service:<10} {url}"));
                }
            }
            Event::FetchProgress { service, objects, objects_total, bytes } => {
                self.fetch_progress(&service, objects, objects_total, bytes);
            }
            Event::Fetched { service, reference, commit, changed } => {
                self.progress.finish(&service);
                if changed {
                    let short = &commit[..commit.len().min(7)];
                    let what = if reference == short {
                        reference
                    } else {
                        format!("{reference} ({short})")
                    };
                    self.line(DONE, "Fetched", &format!("{service:<10} {what}"));
                }
            }
            Event::BuildStarted { service, profile } => {
                self.start(&service);
                if !self.console.is_terminal() {
                    self.line(NOTE, "Building", &format!("{service:<10} [{profile}]"));
                }
            }
            Event::BuildProgress { service, profile, done, total, current } => {
                if self.is_slow(&service) {
                    let text = if total == 0 {
                        format!("[{profile}] {current}")
                    } else {
                        format!("[{profile}] {done}/{total} ▸ {current}")
                    };
                    self.progress.update(&service, "Building", &text);
                }
            }
            Event::BuildMessage { level, rendered, .. } => {
                if level == MessageLevel::Error || self.verbosity >= Verbosity::Verbose {
                    self.message(rendered.trim_end());
                }
            }
            Event::Built { service, profile, fresh, millis } => {
                self.progress.finish(&service);
                if !fresh || self.verbosity >= Verbosity::Verbose {
                    let took = duration(Duration::from_millis(millis));
                    self.line(DONE, "Built", &format!("{service:<10} [{profile}] in {took}"));
                }
            }
            Event::Installed { service, commit, profile, size, bins } => {
                self.progress.finish(&service);
                let links: Vec<String> = bins.iter().map(|path| self.dirs.display(path)).collect();
                let text = format!(
                    "{service:<10} {commit} {profile} {} → {}",
                    bytes(size),
                    links.join(", ")
                );
                self.line(DONE, "Installed", &text);
            }
            Event::Fresh { service, detail } => {
                self.progress.finish(&service);
                self.line(DONE, "Fresh", &format!("{service:<10} {detail}"));
            }
            Event::Removed { what, size } => {
                self.line(DONE, "Removed", &format!("{what} ({})", bytes(size)));
            }
            Event::Plan { action, detail } => {
                self.always(NOTE, &format!("Would {action}"), &detail);
            }
            Event::Failed { service, detail } => {
                self.progress.finish(&service);
                self.always(ERROR, "Failed", &format!("{service:<10} {detail}"));
            }
            Event::Skipped { service, detail } => {
                self.line(WARNING, "Skipped", &format!("{service:<10} {detail}"));
            }
            Event::Waiting { lock, holder } => {
                self.line(NOTE, "Waiting", &format!("for {holder}, which holds `{lock}`"));
            }
            Event::Running { command } => self.line(NOTE, "Running", &command),
            Event::Output { stream, text } => self.write(Text::Output(stream, text)),
            Event::Step { verb, text } => self.line(Style::new(), &verb, &text),
            Event::Log { level, message } => self.log(level, &message),
            Event::Warning { message, hint } => {
                self.labelled(WARNING, "warning", &message, hint.as_deref());
            }
            Event::Table { columns, rows } => self.table(&columns, &rows),
            Event::Data { value } => self.print(&format!("{value:#}")),
            Event::Print { text } => self.print(&text),
            Event::Stack { done, total } if done < total => {
                self.progress.total("Stack", &format!("{done} of {total} services done"));
            }
            Event::Stack { .. } => self.progress.finish(TOTAL),
            Event::Finished { message, failed } => {
                let (style, verb) = if failed { (ERROR, "Summary") } else { (DONE, "Finished") };
                self.line(style, verb, &message);
            }
            event => self.running(event),
        }
    }
}
