//! The administrator's rights for one change: it is handed to a second hero that
//! `sudo` starts (`super::elevated` has the protocol).

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cancel::Cancel;
use super::elevated::{Domain, Listener, Mismatch, Refusal, Request, SUBCOMMAND};
use super::process::{self, Cmd};
use super::redact::redact;
use crate::error::{Diagnostic, ErrorKind};
use crate::event::{Reporter, Stream};

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
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
    /// The program that `sudo` started is another hero.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// What should be handed over has a path that is not valid UTF-8.
    #[error("cannot hand the change over to sudo: {0}")]
    NotUtf8(serde_json::Error),
    /// The second hero's result is not of the expected type.
    #[error("cannot understand the result of the hero that sudo started: {0}")]
    Result(serde_json::Error),
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
            Self::Mismatch(error) => error.kind(),
            Self::NotUtf8(_) => ErrorKind::NotUtf8,
            Self::Result(_) => ErrorKind::Internal,
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
            Self::Mismatch(error) => error.hint(),
            Self::NotUtf8(_) => Some("rename the folder that the message is about".into()),
            Self::Refused(refusal) => refusal.hint.clone(),
            Self::Result(_) | Self::Interrupted => None,
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
pub(crate) struct Sudo {
    program: PathBuf,
    hero: PathBuf,
}

impl Sudo {
    /// `None` where there is no `sudo`.
    pub(crate) fn find() -> Option<Self> {
        let program = process::which("sudo")?;
        let hero = std::env::current_exe().ok()?;
        Some(Self { program, hero })
    }

    /// Hands an order over to the elevated hero's part for it; returns its result.
    ///
    /// # Errors
    /// When the rights are not given, the second hero is of another version, or fails.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        domain: Domain,
        order: &impl Serialize,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<T, Error> {
        let request = Request::new(domain, order).map_err(Error::NotUtf8)?;
        self.exchange(self.command(), &request, reporter, cancel)
    }

    fn exchange<T: DeserializeOwned>(
        &self,
        command: Cmd,
        request: &Request,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<T, Error> {
        let request = serde_json::to_vec(request).map_err(Error::NotUtf8)?;
        // One at a time: services go on side by side, but one password is enough.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut listener = Listener::default();
        // `sudo`'s own words.
        let mut said = Vec::new();
        // Not cancelled from here: on Ctrl-C the terminal tells `sudo` too, and
        // a change that has begun is brought to its end.
        let status =
            command.stdin(request).run(&Cancel::default(), &mut |stream, bytes| match stream {
                Stream::Stdout => listener.hear(bytes, reporter),
                Stream::Stderr => said.extend_from_slice(bytes),
            })?;
        match listener.end(self.hero.clone())? {
            Some(Ok(value)) => serde_json::from_value(value).map_err(Error::Result),
            Some(Err(refusal)) => Err(Error::Refused(refusal)),
            // Ctrl-C at the password ends `sudo`, and reaches us a moment later.
            None if !cancel.wait(MOMENT) => Err(Error::Interrupted),
            None => {
                let said = String::from_utf8_lossy(&said).into_owned();
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

/// The command that runs this very work again, for hints.
pub(crate) fn this_command() -> String {
    let words = std::env::args().skip(1);
    let words = std::iter::once("hero".to_owned()).chain(words);
    redact(&shell_words::join(words))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::Recorder;
    use crate::sys::elevated::Version;

    /// What comes of an elevated hero that writes these lines, and the events that were passed on.
    fn hear(lines: &[Value]) -> (Result<bool, Error>, usize) {
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        let script = "cat >/dev/null; printf '%s\\n' \"$@\"";
        let command = Cmd::new("sh").args(["-c", script, "sh"]).args(&text);
        let sudo = Sudo { program: "sudo".into(), hero: "/opt/bin/hero".into() };
        let request = Request::new(Domain::Store, &json!("order")).unwrap();
        let recorder = Recorder::default();
        let result = sudo.exchange(command, &request, &recorder, &Cancel::default());
        (result, recorder.events().len())
    }

    fn event() -> Value {
        json!({ "event": { "event": "stopped", "service": "app" } })
    }

    #[test]
    fn the_same_hero_is_listened_to() {
        let own = json!({ "version": Version::own() });
        let (result, events) = hear(&[own.clone(), event(), json!({ "done": true })]);
        assert!(matches!(result, Ok(true)) && events == 1, "{result:?}");
        let refusal = json!({ "kind": "locked", "message": "no", "details": [] });
        let (result, _) = hear(&[own.clone(), json!({ "failed": refusal })]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Locked);
        let (result, _) = hear(&[own.clone(), json!({ "done": "text" })]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Internal);
        let (result, _) = hear(&[own]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::RootNotWritable);
    }

    #[test]
    fn another_hero_is_not_listened_to() {
        let own = json!(Version::own());
        let newer = json!({ "protocol": 99, "hero": own["hero"] });
        let older = json!({ "protocol": own["protocol"], "hero": "0.0.1" });
        for (version, name) in [(newer, "(protocol 99)"), (older, "hero 0.0.1 (")] {
            let lines = [json!({ "version": version }), event(), json!({ "done": true })];
            let (result, events) = hear(&lines);
            let error = result.unwrap_err();
            let text = error.to_string();
            assert_eq!((error.kind(), events), (ErrorKind::VersionMismatch, 0), "{text}");
            assert!(text.contains("`/opt/bin/hero`") && text.contains(name), "{text}");
            assert!(text.ends_with(&Version::own().to_string()), "{text}");
            assert!(error.hint().unwrap().contains("run the command again"));
        }
        // One from before the protocol had a version.
        let (result, events) = hear(&[json!({ "event": "stopped" }), json!({ "done": true })]);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), events), (ErrorKind::VersionMismatch, 0), "{error}");
        assert!(error.to_string().contains("is of another version"), "{error}");
    }
}
