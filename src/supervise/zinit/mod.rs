//! zinit 0.3.9, by its socket.
//!
//! Its crate has a client, which waits without a limit and brings a runtime of its own;
//! the protocol is a line of JSON each way, so it is spoken here. `service.set` of a service
//! that zinit knows makes it hang for good (it waits for a lock that it holds), so a service
//! is deleted first. Should something die in between, the next start sets it again.

mod client;
mod config;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Error, Kind, Places, State, Status, Supervisor, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::processes::{self, Identity};
use client::{CallError, Client};

/// The variable that names the socket.
const SOCKET: &str = "ZINIT_SOCKET";
/// Where the system's zinit listens.
const SYSTEM_SOCKET: &str = "/run/zinit.sock";
/// Where a user's does, below the home.
const USER_SOCKET: &str = "hero/var/zinit.sock";
/// How often logs are asked for more.
const LOOK: Duration = Duration::from_millis(200);
/// What may be left of a service has this long to end by itself.
const LEFTOVERS: Duration = Duration::from_secs(2);
/// Lines that are asked for at most.
const MOST: usize = 1000;

/// zinit as a supervisor.
pub(super) struct Zinit {
    client: Client,
    socket: PathBuf,
    /// When this process started units, in milliseconds since 1970.
    started: Mutex<BTreeMap<Name, u64>>,
}

/// One line of a log.
struct Line {
    at: u64,
    text: String,
}

impl Zinit {
    /// That of an install root.
    pub(super) fn new(places: &Places) -> Self {
        let system = PathBuf::from(SYSTEM_SOCKET);
        let socket = match std::env::var_os(SOCKET) {
            Some(socket) if !socket.is_empty() => socket.into(),
            _ if places.system || fs::exists(&system) => system,
            _ => places.home.join(USER_SOCKET),
        };
        Self { client: Client::new(&socket), socket, started: Mutex::default() }
    }

    /// The configuration that zinit has; `None` if it does not know the unit.
    ///
    /// # Errors
    /// When it does not answer, or has a service of this name that is not hero's.
    fn known(&self, unit: &Name) -> Result<Option<Value>, Error> {
        match self.client.call_for("service.get", unit.as_str()) {
            Ok(config) if config::is_own(&config) => Ok(Some(config)),
            Ok(_) => {
                let why = "it has a service of this name that is not hero's".to_owned();
                Err(Self::refused("describe", unit, why))
            }
            Err(CallError::Unknown) => Ok(None),
            Err(fault) => Err(self.failed("describe", unit, fault)),
        }
    }

    /// Makes zinit know a unit that is not running, by a configuration.
    fn set(&self, action: &'static str, unit: &Name, config: &Value) -> Result<(), Error> {
        match self.client.call_for("service.delete", unit.as_str()) {
            Ok(_) | Err(CallError::Unknown) => {}
            Err(fault) => return Err(self.failed(action, unit, fault)),
        }
        let set = self.client.call("service.set", &json!({ "config": config }));
        set.map(drop).map_err(|fault| self.failed(action, unit, fault))
    }

    fn refused(action: &'static str, unit: &Name, why: String) -> Error {
        Error::Refused { kind: Kind::Zinit, action, unit: unit.to_string(), why }
    }

    fn failed(&self, action: &'static str, unit: &Name, fault: CallError) -> Error {
        match fault {
            CallError::Silent { .. } | CallError::Old { .. } => self.unavailable(&fault),
            fault => Self::refused(action, unit, fault.to_string()),
        }
    }

    fn unavailable(&self, fault: &CallError) -> Error {
        const ELSE: &str = "--supervisor direct does without it";
        let hint = match fault {
            CallError::Old { .. } => format!("cargo install zinit --version 0.3.9; {ELSE}"),
            _ => format!("start it: zinit-server --socket {}; {ELSE}", self.socket.display()),
        };
        Error::Unavailable { kind: Kind::Zinit, why: fault.to_string(), hint }
    }

    fn lines(&self, unit: &Name, count: usize) -> Result<Vec<Line>, Error> {
        let params = json!({ "name": unit.as_str(), "lines": count });
        let said = match self.client.call("logs.tail", &params) {
            Ok(said) => said,
            Err(CallError::Unknown) => return Ok(Vec::new()),
            Err(fault) => return Err(self.failed("show the log of", unit, fault)),
        };
        let line = |line: &Value| Line {
            at: line["timestamp_ms"].as_u64().unwrap_or(0),
            text: line["content"].as_str().unwrap_or_default().to_owned(),
        };
        Ok(said.as_array().into_iter().flatten().map(line).collect())
    }

    /// Ends what is left of a service: its processes that zinit has lost sight of.
    fn clear(left: &[Identity], unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        for signal in [None, Some(Signal::TERM), Some(Signal::KILL)] {
            if let Some(signal) = signal {
                for process in left {
                    process.signal(signal);
                }
            }
            let gone = || !left.iter().any(Identity::is_alive);
            if processes::wait_until(LEFTOVERS, cancel, gone) {
                return Ok(());
            }
        }
        match left.iter().find(|process| process.is_alive()) {
            Some(process) => Err(Error::NotStopped { unit: unit.clone(), pid: process.pid }),
            None => Ok(()),
        }
    }
}

impl Supervisor for Zinit {
    fn kind(&self) -> Kind {
        Kind::Zinit
    }

    fn available(&self) -> Result<(), Error> {
        self.client.ping().map_err(|fault| self.unavailable(&fault))
    }

    /// zinit cannot be told without stopping the service, so where something changes, a
    /// process that runs is stopped.
    fn put(&self, unit: &Unit, cancel: &Cancel) -> Result<bool, Error> {
        if unit.user.is_some() {
            return Err(Error::Unsupported {
                kind: Kind::Zinit,
                unit: unit.name.clone(),
                what: "it runs everything as the user who started it".into(),
                option: "user",
                hint: "leave out `user`, or use systemd in the system's root: --root".into(),
            });
        }
        let wanted = config::service(unit, false);
        let known = self.known(&unit.name)?;
        if known.as_ref().is_some_and(|known| config::is_same(known, &wanted)) {
            return Ok(false);
        }
        if known.is_some() {
            self.pause(&unit.name, cancel)?;
        }
        self.set("describe", &unit.name, &wanted)?;
        Ok(true)
    }

    fn start(&self, unit: &Name, _cancel: &Cancel) -> Result<(), Error> {
        let known = self.known(unit)?;
        let Some(mut config) = known else {
            return Err(Self::refused("start", unit, CallError::Unknown.to_string()));
        };
        let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
        self.started.lock().unwrap_or_else(PoisonError::into_inner).insert(unit.clone(), now);
        if config["service"]["status"] != "start" {
            // Which starts it.
            config["service"]["status"] = "start".into();
            return self.set("start", unit, &config);
        }
        let started = self.client.call_for("service.start", unit.as_str());
        started.map(drop).map_err(|fault| self.failed("start", unit, fault))
    }

    fn pause(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.known(unit)?.is_none() {
            return Ok(());
        }
        let status = self.status(unit, cancel)?;
        let all: BTreeSet<u32> = status.pid.map(processes::family).unwrap_or_default();
        let all: Vec<Identity> = all.into_iter().filter_map(Identity::read).collect();
        let stopped = self.client.call_for("service.stop", unit.as_str());
        stopped.map_err(|fault| self.failed("stop", unit, fault))?;
        // It answers at once, and sends SIGKILL by itself when the time is over.
        let limit =
            self.known(unit)?.and_then(|known| known["lifecycle"]["stop_timeout_ms"].as_u64());
        let limit = Duration::from_millis(limit.unwrap_or(5000)) + LEFTOVERS;
        processes::wait_until(limit, cancel, || {
            let up = self.status(unit, cancel).is_ok_and(|status| status.state.is_up());
            !up && !all.iter().any(Identity::is_alive)
        });
        if cancel.is_cancelled() {
            return Err(Error::Interrupted(format!("`{unit}` was stopped")));
        }
        Self::clear(&all, unit, cancel)
    }

    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        self.pause(unit, cancel)?;
        // Or it would run again when zinit does.
        match self.known(unit)? {
            Some(mut config) if config["service"]["status"] != "ignore" => {
                config["service"]["status"] = "ignore".into();
                self.set("stop", unit, &config)
            }
            _ => Ok(()),
        }
    }

    fn status(&self, unit: &Name, _cancel: &Cancel) -> Result<Status, Error> {
        let said = match self.client.call_for("service.status", unit.as_str()) {
            Ok(said) => said,
            Err(CallError::Unknown) => return Ok(Status::new(State::Unknown)),
            Err(fault) => return Err(self.failed("show", unit, fault)),
        };
        let mut status = config::status(&said);
        let process = status.pid.and_then(Identity::read);
        if status.pid.is_some() && process.is_none() {
            // It has ended, and zinit has not taken note yet.
            status.pid = None;
        }
        status.since = process
            .and_then(|process| Timestamp::from_second(i64::try_from(process.started).ok()?).ok());
        Ok(status)
    }

    fn logs(&self, unit: &Name, lines: usize, _cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let said = self.lines(unit, lines.min(MOST))?;
        let from = said.len().saturating_sub(lines);
        Ok(said[from..].iter().flat_map(|line| [line.text.as_bytes(), b"\n"].concat()).collect())
    }

    fn said(&self, unit: &Name, cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let started = started.get(unit).copied();
        let from = if let Some(at) = started {
            at
        } else {
            let process = self.status(unit, cancel)?.pid.and_then(Identity::read);
            process.map_or(0, |process| 1000 * process.started)
        };
        let said = self.lines(unit, MOST)?.into_iter().filter(|line| line.at >= from);
        Ok(said.flat_map(|line| [line.text.as_bytes(), b"\n"].concat()).collect())
    }

    fn follow(
        &self,
        unit: &Name,
        lines: usize,
        sink: &mut dyn FnMut(&[u8]),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let mut seen = self.lines(unit, MOST)?;
        let from = seen.len().saturating_sub(lines);
        for line in &seen[from..] {
            sink(format!("{}\n", line.text).as_bytes());
        }
        while cancel.wait(LOOK) {
            let now = self.lines(unit, MOST)?;
            // Lines have no numbers: those of the last moment that was seen are counted.
            let last = seen.last().map_or(0, |line| line.at);
            let known = seen.iter().filter(|line| line.at == last).count();
            let new = now.iter().filter(|line| line.at >= last).skip(known);
            for line in new {
                sink(format!("{}\n", line.text).as_bytes());
            }
            seen = now;
        }
        Ok(())
    }

    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.known(unit)?.is_none() {
            return Ok(());
        }
        self.pause(unit, cancel)?;
        match self.client.call_for("service.delete", unit.as_str()) {
            Ok(_) | Err(CallError::Unknown) => Ok(()),
            Err(fault) => Err(self.failed("forget", unit, fault)),
        }
    }
}
