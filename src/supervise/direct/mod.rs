//! Supervision without a supervisor: each unit gets an *attendant*, a second hero
//! in a session of its own. It starts the process, writes its log, starts it again
//! when it fails, and ends it with everything that it started.
//!
//! The attendant writes down what the unit is doing (`state.json`). If it is killed
//! itself, the process goes on, and is found and ended by what was written.

mod attend;
mod kept;

use std::process::ChildStdin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;

pub(crate) use attend::{SUBCOMMAND, attend};

use super::log::{Follower, since, tail};
use super::{Error, Kind, Places, State, Status, Supervisor, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;
use crate::sys::processes::{self, Identity};
use crate::sys::{detached, fs};
use attend::Order;
use kept::{Files, write_unit};

/// How long an attendant may take beyond the time of its process.
const SLACK: Duration = Duration::from_secs(5);
/// How often a log is looked at for more.
const LOOK: Duration = Duration::from_millis(100);

/// The supervisor that needs nothing else.
pub(super) struct Direct {
    places: Places,
}

/// What tied attendants listen to: their end comes with this process's.
static TIES: Mutex<Vec<ChildStdin>> = Mutex::new(Vec::new());

impl Direct {
    /// That of an install root.
    pub(super) fn new(places: &Places) -> Self {
        Self { places: places.clone() }
    }

    fn files(&self, unit: &Name) -> Files {
        Files::new(&self.places, unit)
    }

    fn refused(action: &'static str, unit: &Name, why: impl Into<String>) -> Error {
        Error::Refused { kind: Kind::Direct, action, unit: unit.to_string(), why: why.into() }
    }
}

impl Supervisor for Direct {
    fn kind(&self) -> Kind {
        Kind::Direct
    }

    fn available(&self) -> Result<(), Error> {
        Ok(())
    }

    fn put(&self, unit: &Unit, _cancel: &Cancel) -> Result<bool, Error> {
        if unit.user.is_some() {
            return Err(Error::Unsupported {
                kind: Kind::Direct,
                unit: unit.name.clone(),
                what: "it runs everything as the user who starts it".into(),
                option: "user",
                hint: "leave out `user`, or use systemd in the system root: --root".into(),
            });
        }
        let files = self.files(&unit.name);
        if files.unit().as_ref() == Some(unit) {
            return Ok(false);
        }
        write_unit(&files.unit, unit)?;
        Ok(true)
    }

    fn start(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.status(unit, cancel)?.state.is_up() {
            return Ok(());
        }
        let files = self.files(unit);
        let what = files.unit().ok_or_else(|| Self::refused("start", unit, "it is not known"))?;
        let hero = std::env::current_exe().ok().filter(|hero| fs::exists(hero));
        let Some(hero) = hero else {
            return Err(Self::refused("start", unit, "the program of this hero is gone"));
        };
        let order = Order { unit: what, files, tied: self.places.tied };
        let mut input = serde_json::to_vec(&order)
            .map_err(|error| Self::refused("start", unit, error.to_string()))?;
        input.push(b'\n');
        let begun = detached::detach(&hero, &[SUBCOMMAND], &input)?;
        if begun.answer != attend::STARTED {
            let said = String::from_utf8_lossy(&begun.answer).trim().to_owned();
            let why = if said.is_empty() { "its attendant ended".into() } else { said };
            return Err(Self::refused("start", unit, why));
        }
        if self.places.tied {
            TIES.lock().unwrap_or_else(PoisonError::into_inner).push(begun.input);
        }
        Ok(())
    }

    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        let files = self.files(unit);
        let Some(kept) = files.kept()? else { return Ok(()) };
        let limit = files.unit().map_or(Duration::from_secs(5), |unit| unit.stop_timeout);
        let attendant = kept.attendant;
        // While one of the two is there, the session can be nobody else's.
        let ours = attendant.is_alive() || kept.process.is_some_and(|it| it.is_alive());
        if attendant.is_alive() {
            attendant.signal(Signal::TERM);
            if !attendant.wait(limit + SLACK, cancel) {
                interrupted(unit, cancel)?;
                attendant.signal(Signal::KILL);
                attendant.wait(SLACK, cancel);
            }
        }
        // It may have been killed, or not have come to the end.
        let kept = files.kept()?.unwrap_or(kept);
        if let Some(process) = kept.process.filter(Identity::is_alive) {
            end(process, attendant.pid, limit, cancel);
            interrupted(unit, cancel)?;
            if process.is_alive() {
                return Err(Error::NotStopped { unit: unit.clone(), pid: process.pid });
            }
        } else if ours {
            processes::signal_session(attendant.pid, Signal::KILL);
        }
        if kept.state.is_up() {
            let mut kept = kept;
            (kept.state, kept.process, kept.since) = (State::Stopped, None, None);
            kept.write(&files.state)?;
        }
        Ok(())
    }

    fn status(&self, unit: &Name, _cancel: &Cancel) -> Result<Status, Error> {
        let files = self.files(unit);
        let Some(kept) = files.kept()? else {
            let known = fs::exists(&files.unit);
            return Ok(Status::new(if known { State::Stopped } else { State::Unknown }));
        };
        let alive = kept.process.is_some_and(|process| process.is_alive());
        let attended = kept.attendant.is_alive();
        let (state, ended) = match kept.state {
            state if !state.is_up() => (state, kept.ended),
            // It went on without its attendant.
            _ if alive && !attended => (State::Running, kept.ended),
            state if attended => (state, kept.ended),
            _ => (
                State::Stopped,
                Some("it went with the machine, or its attendant was killed".into()),
            ),
        };
        let pid = kept.process.filter(|_| alive && state.is_up()).map(|process| process.pid);
        let since = pid.and(kept.since);
        let lost = pid.is_some() && !attended;
        Ok(Status { state, pid, since, ended, restarts: kept.restarts, lost })
    }

    fn logs(&self, unit: &Name, lines: usize, _cancel: &Cancel) -> Result<Vec<u8>, Error> {
        Ok(tail(&self.files(unit).log, lines))
    }

    fn said(&self, unit: &Name, _cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let files = self.files(unit);
        Ok(files.kept()?.map(|kept| since(&files.log, kept.said_from)).unwrap_or_default())
    }

    fn follow(
        &self,
        unit: &Name,
        lines: usize,
        sink: &mut dyn FnMut(&[u8]),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let path = self.files(unit).log;
        let last = tail(&path, lines);
        if !last.is_empty() {
            sink(&last);
        }
        let mut reader = Follower::at_end(&path);
        while cancel.wait(LOOK) {
            reader.read(sink);
        }
        Ok(())
    }

    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        self.stop(unit, cancel)?;
        fs::remove_dir_all(&self.places.run.join(unit))?;
        Ok(())
    }
}

/// Ends a process with its group and what is left of its session.
fn end(process: Identity, session: u32, limit: Duration, cancel: &Cancel) {
    processes::signal_group(process.pid, Signal::TERM);
    if !process.wait(limit, cancel) && !cancel.is_cancelled() {
        processes::signal_group(process.pid, Signal::KILL);
        process.wait(SLACK, cancel);
    }
    processes::signal_session(session, Signal::KILL);
}

fn interrupted(unit: &Name, cancel: &Cancel) -> Result<(), Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted(format!("`{unit}` was stopped")));
    }
    Ok(())
}
