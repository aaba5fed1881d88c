//! The administrator's rights for one change: it is handed to a second hero that
//! `sudo` starts, as JSON on its standard input.
//!
//! The second hero answers on its standard output, a line each: what happens,
//! and last [`Answer`].

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cancel::Cancel;
use super::process::{self, Cmd};
use super::redact::redact;
use crate::error::{Diagnostic, ErrorKind};
use crate::event::{Event, Reporter, Stream};

/// The hidden subcommand that serves a change.
pub const SUBCOMMAND: &str = "elevated";

/// How a second hero ends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// With this result.
    Done(Value),
    /// With this error.
    Failed(Refusal),
}

/// An error of a second hero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the fields are those of `Diagnostic`")]
pub struct Refusal {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
    pub details: Vec<String>,
    pub option: Option<String>,
}

impl Refusal {
    /// What an error says of itself.
    pub fn of(error: &dyn Diagnostic) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint(),
            details: error.details(),
            option: error.option().map(Into::into),
        }
    }
}

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `sudo` cannot be run.
    #[error(transparent)]
    Command(#[from] process::Error),
    /// The second hero did not get the rights.
    #[error("cannot get the rights to change the system's install root: `sudo` {status}")]
    NoRights {
        /// `sudo`'s own words.
        said: Vec<String>,
        /// How it ended.
        status: String,
    },
    /// The second hero could not do it.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The user interrupted it.
    #[error("interrupted while sudo asked")]
    Interrupted,
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Command(error) => error.kind(),
            Self::NoRights { .. } => ErrorKind::RootNotWritable,
            Self::Refused(refusal) => refusal.kind,
            Self::Interrupted => ErrorKind::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Command(error) => error.hint(),
            Self::NoRights { .. } => Some(format!(
                "where sudo can ask for a password, type: sudo -v && {}",
                this_command()
            )),
            Self::Refused(refusal) => refusal.hint.clone(),
            Self::Interrupted => None,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::NoRights { said, .. } => said.clone(),
            Self::Refused(refusal) => refusal.details.clone(),
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.option.as_deref(),
            _ => None,
        }
    }
}

/// The way to the rights.
#[derive(Debug)]
pub struct Sudo {
    program: PathBuf,
    hero: PathBuf,
}

impl Sudo {
    /// `None` where there is no `sudo`.
    pub fn find() -> Option<Self> {
        let program = process::which("sudo")?;
        let hero = std::env::current_exe().ok()?;
        Some(Self { program, hero })
    }

    /// Hands a change over; its result.
    ///
    /// # Errors
    /// When the rights are not given, or the second hero fails.
    pub fn ask<T: DeserializeOwned>(
        &self,
        change: &impl Serialize,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<T, Error> {
        let change = serde_json::to_vec(change).map_err(|error| unclear(&error))?;
        // One at a time: services go on side by side, but one password is enough.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut reply = Reply::default();
        // Not cancelled from here: on Ctrl-C the terminal tells `sudo` too, and
        // a change that has begun is brought to its end.
        let status = self.command().stdin(change).run(
            &Cancel::default(),
            &mut |stream, bytes| match stream {
                Stream::Stdout => reply.hear(bytes, reporter),
                Stream::Stderr => reply.said.extend_from_slice(bytes),
            },
        )?;
        match reply.answer {
            Some(Answer::Done(value)) => {
                serde_json::from_value(value).map_err(|error| unclear(&error))
            }
            Some(Answer::Failed(refusal)) => Err(Error::Refused(refusal)),
            // Ctrl-C at the password ends `sudo`, and reaches us a moment later.
            None if !cancel.wait(MOMENT) => Err(Error::Interrupted),
            None => {
                let said = String::from_utf8_lossy(&reply.said).into_owned();
                let said: Vec<String> = said.lines().map(str::to_owned).collect();
                Err(Error::NoRights { said, status: status.to_string() })
            }
        }
    }

    fn command(&self) -> Cmd {
        let cmd = Cmd::new(&self.program);
        // Where nobody can answer, no password is asked for.
        let cmd = if process::is_attended() {
            let prompt = "hero installs for the whole system; password of %p: ";
            cmd.foreground().args(["-p", prompt])
        } else {
            cmd.arg("-n")
        };
        cmd.arg("--").arg(&self.hero).arg(SUBCOMMAND)
    }
}

/// Whose turn it is to ask.
static TURN: Mutex<()> = Mutex::new(());

/// How long a signal that ended `sudo` may take to reach this process.
const MOMENT: Duration = Duration::from_millis(200);

/// What a second hero said so far.
#[derive(Default)]
struct Reply {
    line: Vec<u8>,
    answer: Option<Answer>,
    /// On its standard error: `sudo`'s own words.
    said: Vec<u8>,
}

impl Reply {
    fn hear(&mut self, bytes: &[u8], reporter: &dyn Reporter) {
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if let Ok(event) = serde_json::from_slice::<Event>(&line) {
                reporter.report(event);
            } else if let Ok(answer) = serde_json::from_slice(&line) {
                self.answer = Some(answer);
            }
        }
    }
}

fn unclear(error: &serde_json::Error) -> Error {
    Error::NoRights { said: vec![error.to_string()], status: "was not understood".into() }
}

/// The command that runs this very work again, for hints.
pub fn this_command() -> String {
    let words = std::env::args().skip(1);
    let words = std::iter::once("hero".to_owned()).chain(words);
    redact(&shell_words::join(words))
}
