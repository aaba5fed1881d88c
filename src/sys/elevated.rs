//! The protocol between hero and the hero that `sudo` starts for one change of the system's
//! install root.
//!
//! Hero writes one [`Request`] on the standard input of `hero elevated`. That answers on its
//! standard output with one [`Message`] a line: its version, what happens, and last the result or
//! the refusal. Either side checks the version of the other: both have to be the same hero, since
//! orders, events and results travel as they are in its code.

use std::fmt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Diagnostic, ErrorKind};
use crate::event::{Event, Reporter};

/// The hidden subcommand that serves a change.
pub(crate) const SUBCOMMAND: &str = "elevated";

/// The version of the protocol. Raise it with any change of what travels: orders, events, results.
const PROTOCOL: u32 = 1;

/// The version of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    protocol: u32,
    /// The version of the package.
    hero: String,
}

impl Version {
    /// Returns the version of this hero.
    pub(crate) fn own() -> Self {
        Self { protocol: PROTOCOL, hero: env!("CARGO_PKG_VERSION").into() }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "hero {} (protocol {})", self.hero, self.protocol)
    }
}

/// Both sides are not the same hero. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}`, which sudo started, is {}, but the hero that started it is {asking}", hero.display(), name(elevated.as_ref()))]
pub(crate) struct Mismatch {
    /// The program that `sudo` started.
    pub(crate) hero: PathBuf,
    /// Its version; `None` if it does not name one.
    pub(crate) elevated: Option<Version>,
    /// The version of the hero that asks.
    pub(crate) asking: Version,
}

fn name(version: Option<&Version>) -> String {
    version.map_or_else(|| "of another version".into(), Version::to_string)
}

impl Diagnostic for Mismatch {
    fn kind(&self) -> ErrorKind {
        ErrorKind::VersionMismatch
    }

    fn hint(&self) -> Option<String> {
        Some(
            "hero was replaced while it ran, and nothing was changed: run the command again".into(),
        )
    }
}

/// Which part of hero serves a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Domain {
    /// A change of the system's store.
    Store,
    /// A start or stop in the system's install root.
    Supervise,
}

/// What the other hero is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    version: Version,
    /// Who serves it.
    pub(crate) domain: Domain,
    /// What to do, in the domain's own type.
    pub(crate) order: Value,
}

/// The part of a request that is the same in every version.
#[derive(Deserialize)]
struct Head {
    version: Version,
}

/// A request that the protocol does not have.
#[derive(Debug, thiserror::Error)]
#[error("this is not a request of hero: {0}")]
struct NotARequest(serde_json::Error);

impl Diagnostic for NotARequest {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

impl Request {
    /// Puts an order into an envelope.
    ///
    /// # Errors
    /// When the order has a path that is not valid UTF-8.
    pub(crate) fn new(domain: Domain, order: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { version: Version::own(), domain, order: serde_json::to_value(order)? })
    }

    /// Reads a request, checking the version before anything else.
    ///
    /// # Errors
    /// The refusal to send, when this is not a request or not of the same hero.
    pub(crate) fn read(text: &[u8]) -> Result<Self, Refusal> {
        let refuse = |error| Refusal::of(&NotARequest(error));
        let head: Head = serde_json::from_slice(text).map_err(refuse)?;
        if head.version != Version::own() {
            let hero = std::env::current_exe().unwrap_or_else(|_| "hero".into());
            let (elevated, asking) = (Some(Version::own()), head.version);
            return Err(Refusal::of(&Mismatch { hero, elevated, asking }));
        }
        serde_json::from_slice(text).map_err(refuse)
    }

    /// Reads the order in the type of its domain.
    ///
    /// # Errors
    /// The refusal to send, when it is not of that type.
    pub(crate) fn order<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        serde_json::from_value(self.order).map_err(|error| Refusal::of(&NotARequest(error)))
    }
}

/// The result of a request.
pub(crate) type Answer = Result<Value, Refusal>;

/// An error of the elevated hero, as the other one shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the fields are those of `Diagnostic`")]
pub(crate) struct Refusal {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) details: Vec<String>,
    pub(crate) option: Option<String>,
}

impl Refusal {
    /// Returns everything that an error says about itself.
    pub(crate) fn of(error: &dyn Diagnostic) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint(),
            details: error.details(),
            option: error.option().map(Into::into),
        }
    }
}

/// One line from the elevated hero.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Version(Version),
    Event(Event),
    Done(Value),
    Failed(Refusal),
}

/// The elevated hero's side: writes messages with `write`, which gets them without a line feed.
pub(crate) struct Speaker<W: Fn(&str)> {
    write: W,
}

impl<W: Fn(&str) + Send + Sync> Speaker<W> {
    /// Names the version.
    pub(crate) fn new(write: W) -> Self {
        let speaker = Self { write };
        speaker.send(&Message::Version(Version::own()));
        speaker
    }

    /// Sends the result; nothing may follow.
    pub(crate) fn answer(&self, answer: Answer) {
        self.send(&match answer {
            Ok(value) => Message::Done(value),
            Err(refusal) => Message::Failed(refusal),
        });
    }

    fn send(&self, message: &Message) {
        // An event with a path that is not valid UTF-8 is left out.
        if let Ok(line) = serde_json::to_string(message) {
            (self.write)(&line);
        }
    }
}

impl<W: Fn(&str) + Send + Sync> Reporter for Speaker<W> {
    fn report(&self, event: Event) {
        self.send(&Message::Event(event));
    }
}

/// The asking hero's side: what the elevated one has sent so far.
#[derive(Default)]
pub(crate) struct Listener {
    line: Vec<u8>,
    other: Other,
    answer: Option<Answer>,
}

/// What is known of the elevated hero.
#[derive(Default)]
enum Other {
    /// It has sent nothing.
    #[default]
    Silent,
    /// It is the same hero as this one.
    Same,
    /// It is another hero, which may name its version.
    Different(Option<Version>),
}

impl Listener {
    /// Takes a part of the standard output, and passes events on.
    pub(crate) fn hear(&mut self, bytes: &[u8], reporter: &dyn Reporter) {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                // Other text is of sudo's modules.
                if let Ok(object) = serde_json::from_slice::<Map<String, Value>>(&line) {
                    self.take(serde_json::from_value(object.into()).ok(), reporter);
                }
            } else {
                self.line.push(*byte);
            }
        }
    }

    fn take(&mut self, message: Option<Message>, reporter: &dyn Reporter) {
        match (&self.other, message) {
            (Other::Silent, Some(Message::Version(version))) if version == Version::own() => {
                self.other = Other::Same;
            }
            (Other::Silent, Some(Message::Version(version))) => {
                self.other = Other::Different(Some(version));
            }
            (Other::Silent, _) => self.other = Other::Different(None),
            (Other::Same, Some(Message::Event(event))) => reporter.report(event),
            (Other::Same, Some(Message::Done(value))) => self.answer = Some(Ok(value)),
            (Other::Same, Some(Message::Failed(refusal))) => self.answer = Some(Err(refusal)),
            // Lines of another hero may mean something else.
            (Other::Different(_), _) | (Other::Same, Some(Message::Version(_)) | None) => {}
        }
    }

    /// Returns the answer, or `None` if the elevated hero has not given one.
    ///
    /// # Errors
    /// When `hero`, the program that was started, is another hero than this one.
    pub(crate) fn end(self, hero: PathBuf) -> Result<Option<Answer>, Mismatch> {
        match self.other {
            Other::Different(elevated) => Err(Mismatch { hero, elevated, asking: Version::own() }),
            Other::Silent | Other::Same => Ok(self.answer),
        }
    }
}
