//! Changing a system root without its rights: the change is handed to a second
//! hero that `sudo` starts, as JSON on its standard input. Only the change is:
//! fetching and building stay the user's.
//!
//! The second hero answers on its standard output, a line each: what happens,
//! and last [`Answer`].

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Clear, NewGeneration, Policy};
use super::{Error, Store};
use crate::error::Diagnostic;
use crate::event::{Event, Reporter, Stream};
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Root;
use crate::sys::name::Name;
use crate::sys::process::{self, Cmd};

/// What a second hero is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// What goes before the folders of the system root.
    prefix: Option<PathBuf>,
    change: Change,
}

/// One change, or the question whether it may be made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Check { service: Name, bins: Vec<Name>, policy: Policy },
    Install { new: Box<NewGeneration>, policy: Policy },
    Activate { service: Name, generation: String },
    Reuse { service: Name, commit: String, build_key: String },
    Rollback { service: Name },
    Remove { service: Name },
    Clear { what: Clear },
    Repair { services: Vec<Name> },
}

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
    pub kind: String,
    pub message: String,
    pub hint: Option<String>,
    pub details: Vec<String>,
    pub option: Option<String>,
    pub exit: u8,
}

impl Refusal {
    fn of(error: &Error) -> Self {
        Self {
            kind: error.kind().into(),
            message: error.to_string(),
            hint: error.hint(),
            details: error.details(),
            option: error.option().map(Into::into),
            exit: error.exit() as u8,
        }
    }
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is not one.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// Makes the change, with the rights that this process has.
    pub fn serve(self, reporter: &dyn Reporter, cancel: &Cancel) -> Answer {
        let root = Root::system(self.prefix.as_deref());
        let store = Store { elevated: true, ..Store::open(&root) };
        match store.make(self.change, reporter, cancel) {
            Ok(value) => Answer::Done(value),
            Err(error) => Answer::Failed(Refusal::of(&error)),
        }
    }
}

/// The way to the rights: a hero that `sudo` starts.
#[derive(Debug)]
pub(super) struct Sudo {
    program: PathBuf,
    hero: PathBuf,
    prefix: Option<PathBuf>,
}

impl Sudo {
    /// `None` where there is no `sudo`.
    pub fn find(root: &Root) -> Option<Self> {
        let program = process::which("sudo")?;
        let hero = std::env::current_exe().ok()?;
        Some(Self { program, hero, prefix: root.prefix() })
    }

    /// Hands the change over; its result.
    pub fn ask<T: DeserializeOwned>(
        &self,
        change: Change,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<T, Error> {
        let request = Request { prefix: self.prefix.clone(), change };
        let request = serde_json::to_vec(&request).map_err(|error| unclear(error.to_string()))?;
        // One at a time: services go on side by side, but one password is enough.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.is_cancelled() {
            return Err(Error::Interrupted { service: None });
        }
        let mut reply = Reply::default();
        // Not cancelled from here: on Ctrl-C the terminal tells `sudo` too, and
        // a change that has begun is brought to its end.
        let status = self.command().stdin(request).run(
            &Cancel::default(),
            &mut |stream, bytes| match stream {
                Stream::Stdout => reply.hear(bytes, reporter),
                Stream::Stderr => reply.said.extend_from_slice(bytes),
            },
        )?;
        match reply.answer {
            Some(Answer::Done(value)) => {
                serde_json::from_value(value).map_err(|error| unclear(error.to_string()))
            }
            Some(Answer::Failed(refusal)) => Err(Error::Refused(refusal)),
            // Ctrl-C at the password ends `sudo`, and reaches us a moment later.
            None if !cancel.wait(MOMENT) => Err(Error::Interrupted { service: None }),
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

/// The hidden subcommand that serves a [`Request`].
pub const SUBCOMMAND: &str = "elevated";

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

fn unclear(reason: String) -> Error {
    Error::NoRights { said: vec![reason], status: "was not understood".into() }
}

impl Store {
    /// Who can make changes: `None` when this process can, otherwise `sudo`.
    ///
    /// # Errors
    /// When the root is not writable, and is the user's own or there is no
    /// `sudo`.
    pub(super) fn elevation(&self) -> Result<Option<Sudo>, Error> {
        match self.writable() {
            Ok(()) => Ok(None),
            Err(error @ Error::RootNotWritable { .. })
                if self.layout.system() && !self.elevated && process::effective_user() != 0 =>
            {
                Sudo::find(self.layout.root()).map(Some).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    fn make(
        &self,
        change: Change,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Value, Error> {
        match change {
            Change::Check { service, bins, policy } => {
                self.trusted()?;
                value(self.check(&service, &bins, &policy, reporter, cancel)?)
            }
            Change::Install { new, policy } => {
                value(self.install(&new, &policy, reporter, cancel)?)
            }
            Change::Activate { service, generation } => {
                value(self.activate(&service, &generation, false, reporter, cancel)?)
            }
            Change::Reuse { service, commit, build_key } => {
                value(self.reuse(&service, &commit, &build_key, false, reporter, cancel)?)
            }
            Change::Rollback { service } => {
                value(self.rollback(&service, false, reporter, cancel)?)
            }
            Change::Remove { service } => value(self.remove(&service, false, reporter, cancel)?),
            Change::Clear { what } => value(self.clear(&what, reporter, cancel)?),
            Change::Repair { services } => value(self.repair(&services, false, reporter, cancel)?),
        }
    }
}

fn value(result: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(result).map_err(|error| unclear(error.to_string()))
}

/// The command that runs this very work again, for hints.
pub(super) fn this_command() -> String {
    let words = std::env::args().skip(1);
    let words = std::iter::once("hero".to_owned()).chain(words);
    crate::sys::redact::redact(&shell_words::join(words))
}
