//! Starting a service so that it is known to run.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Reason;
use super::log::readable;
use super::notice::{self, Notice};
use super::probe::{self, Look};
use super::record::{Proven, Record};
use super::{
    Error, Kind, Places, Probe, State, Status, Supervisor, Unit, require_free, supervisor,
};
use crate::error::Diagnostic;
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::processes::{self, Identity};
use crate::sys::quantity::in_units;

/// The first wait between two looks; it grows to the second.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(500);
/// Between two looks at a process that must stay alive.
const STABLE_LOOK: Duration = Duration::from_millis(50);
/// How long a supervisor may take to note that a process has ended.
const NOTED: Duration = Duration::from_secs(1);
/// Lines of the log in an error.
const LINES: usize = 12;

/// What a start needs to know.
pub struct Boot<'a> {
    /// Who starts.
    pub supervisor: &'a dyn Supervisor,
    /// Where things lie.
    pub places: &'a Places,
    /// Whose units.
    pub service: &'a Name,
    /// What is current.
    pub generation: &'a str,
    /// Who is told.
    pub reporter: &'a dyn Reporter,
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

/// A unit that is known to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booted {
    /// Which.
    pub unit: Name,
    /// Its main process; `None` for one that has done its work.
    pub pid: Option<u32>,
    /// The port that it listens on.
    pub port: Option<u16>,
    /// Whether it was started now; false if it ran as it should already.
    pub started: bool,
    /// From its start until it was ready, in milliseconds.
    pub ready_millis: u64,
    /// What was seen: `ready`, or only `alive` where nothing says when it is.
    pub proof: String,
    /// When it was ready.
    pub ready_at: Timestamp,
}

/// How a service came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Up {
    /// Its units.
    pub units: Vec<Booted>,
    /// For how long nothing answered that answered before, in milliseconds.
    pub outage_millis: Option<u64>,
}

impl Boot<'_> {
    /// Starts the units of a service in their order, those that do not run as they
    /// should, or all of them `again`; and proves each.
    ///
    /// # Errors
    /// A port that is taken before anything is stopped, what the supervisor says, or
    /// [`Error::NoBoot`]. What was started then goes on: the caller decides.
    pub fn up(&self, units: &[Unit], again: bool) -> Result<Up, Error> {
        let old = Record::read(self.places, self.service)?;
        self.leave_others(old.as_ref(), units)?;
        let mut plans = Vec::new();
        for unit in units {
            let status = self.supervisor.status(&unit.name, self.cancel)?;
            let fresh = again && !unit.one_shot || !self.is_as_wanted(unit, &status, old.as_ref());
            if fresh && !status.state.is_up() {
                self.require_free(unit)?;
            }
            plans.push((unit, status, fresh));
        }
        let mut record = old.unwrap_or_else(|| Record::new(self.supervisor.kind(), Vec::new()));
        let stops = plans.iter().any(|(_, status, fresh)| *fresh && status.state.is_up());
        if stops && record.down_since.is_none() {
            record.down_since = Some(Timestamp::now());
        }
        record.supervisor = self.supervisor.kind();
        record.units = units.to_vec();
        self.generation.clone_into(&mut record.generation);
        record.wanted = true;
        record.settled = false;
        record.write(self.places, self.service)?;

        for (unit, status, fresh) in plans.iter().rev() {
            if *fresh && status.state.is_up() {
                self.supervisor.pause(&unit.name, self.cancel)?;
            }
        }
        let mut booted = Vec::new();
        for (unit, _, fresh) in plans {
            booted.push(if fresh { self.start(unit)? } else { self.look_again(unit)? });
        }
        let answers = booted.iter().map(|unit| unit.ready_at).max().unwrap_or_else(Timestamp::now);
        let since = record.down_since.take();
        let outage_millis = since.map(|since| millis_between(since, answers));
        record.settled = true;
        record.proven =
            Some(Proven { generation: self.generation.to_owned(), units: units.to_vec() });
        record.write(self.places, self.service)?;
        Ok(Up { units: booted, outage_millis })
    }

    fn require_free(&self, unit: &Unit) -> Result<(), Error> {
        match unit.ready.port {
            Some(port) => require_free(&unit.name, self.service, port, self.places, self.cancel),
            None => Ok(()),
        }
    }

    /// Ends what another supervisor runs of this service, and units that are no more.
    fn leave_others(&self, old: Option<&Record>, units: &[Unit]) -> Result<(), Error> {
        let Some(old) = old else { return Ok(()) };
        if old.supervisor != self.supervisor.kind() {
            let other = supervisor(old.supervisor, self.places);
            for unit in old.units.iter().rev() {
                remove(&*other, &unit.name, self.reporter, self.cancel)?;
            }
            return Ok(());
        }
        for gone in old.units.iter().rev() {
            if !units.iter().any(|unit| unit.name == gone.name) {
                self.supervisor.remove(&gone.name, self.cancel)?;
            }
        }
        Ok(())
    }

    /// Whether a unit runs what is current, as it is described.
    fn is_as_wanted(&self, unit: &Unit, status: &Status, old: Option<&Record>) -> bool {
        let Some(old) = old else { return false };
        // After a kill in the middle nobody knows what it was started with.
        let same = old.settled && old.units.contains(unit);
        let current = old.generation == self.generation;
        if unit.one_shot {
            let proven = old.proven.as_ref();
            return same
                && status.state == State::Done
                && proven.is_some_and(|proven| proven.generation == self.generation);
        }
        let runs = match (status.state, status.pid) {
            (State::Running, Some(pid)) if is_checked(unit) => {
                processes::runs(pid, &unit.program).unwrap_or(current)
            }
            (State::Running, Some(_)) => current,
            _ => false,
        };
        same && runs && !status.lost
    }

    fn start(&self, unit: &Unit) -> Result<Booted, Error> {
        self.require_free(unit)?;
        let heard = unit.ready.probe == Probe::Notify && self.supervisor.kind() != Kind::Systemd;
        let mut told = unit.clone();
        let notice = if heard {
            let path = self.places.run.join(&unit.name).join("notify");
            told.env.insert(notice::VARIABLE.into(), path.display().to_string());
            Some(Notice::listen(&path).map_err(|error| Error::Unsupported {
                kind: self.supervisor.kind(),
                unit: unit.name.clone(),
                what: format!("it cannot listen for READY=1: {error}"),
                option: "ready",
                hint: "HERO_HOME=DIR with a short DIR makes the path shorter".into(),
            })?)
        } else {
            None
        };
        self.supervisor.put(&told, self.cancel)?;
        let begun = Instant::now();
        match self.supervisor.start(&unit.name, self.cancel) {
            Err(Error::Refused { why, .. }) => {
                return Err(self.no_boot(unit, Reason::NoStart { why }));
            }
            other => other?,
        }
        let booted = self.prove(unit, begun, notice.as_ref())?;
        self.reporter.report(Event::Started {
            service: unit.name.to_string(),
            detail: booted.proof.clone(),
            pid: booted.pid,
            millis: booted.ready_millis,
        });
        Ok(booted)
    }

    /// Looks whether a unit that goes on is still ready.
    fn look_again(&self, unit: &Unit) -> Result<Booted, Error> {
        if unit.one_shot {
            return Ok(Booted {
                unit: unit.name.clone(),
                pid: None,
                port: None,
                started: false,
                ready_millis: 0,
                proof: "done before".into(),
                ready_at: Timestamp::now(),
            });
        }
        let (pid, _) = self.wait_ready(unit, Instant::now(), None, None)?;
        Ok(Booted {
            unit: unit.name.clone(),
            pid,
            port: unit.ready.port,
            started: false,
            ready_millis: 0,
            proof: "runs already".into(),
            ready_at: Timestamp::now(),
        })
    }

    fn prove(&self, unit: &Unit, begun: Instant, notice: Option<&Notice>) -> Result<Booted, Error> {
        let (pid, restarts) = self.wait_ready(unit, begun, notice, Some(0))?;
        let (ready, ready_at) = (begun.elapsed(), Timestamp::now());
        if let Some(pid) = pid {
            self.runs_what_is_current(unit, pid)?;
            self.stays(unit, pid, restarts)?;
        }
        let proof = match pid {
            None => "done".into(),
            Some(_) if is_asked(unit) => "ready".into(),
            Some(_) => format!("alive for {}", in_units(unit.stable)),
        };
        Ok(Booted {
            unit: unit.name.clone(),
            pid,
            port: unit.ready.port,
            started: true,
            ready_millis: u64::try_from(ready.as_millis()).unwrap_or(u64::MAX),
            proof,
            ready_at,
        })
    }

    /// Waits until a unit is ready: its process (`None` if it has done its work), and
    /// how often it was started again, which must not be more than `restarts`, or than at
    /// the first look.
    fn wait_ready(
        &self,
        unit: &Unit,
        begun: Instant,
        notice: Option<&Notice>,
        mut restarts: Option<u64>,
    ) -> Result<(Option<u32>, u64), Error> {
        let mut pause = FIRST_LOOK;
        let mut last = "it is not running yet".to_owned();
        let mut told = String::new();
        loop {
            let status = self.supervisor.status(&unit.name, self.cancel)?;
            let before = *restarts.get_or_insert(status.restarts);
            let ended =
                || status.ended.clone().unwrap_or_else(|| format!("it is {}", status.state.name()));
            match (status.state, status.pid) {
                (State::Done, _) if unit.one_shot => return Ok((None, 0)),
                (State::Done | State::Failed | State::Stopped | State::Unknown, _) => {
                    return Err(self.no_boot(unit, ended_early(unit, ended())));
                }
                _ if status.restarts > before => {
                    return Err(self.no_boot(unit, ended_early(unit, ended())));
                }
                (State::Running, Some(_)) if unit.one_shot => {
                    last = "it has not ended yet".into();
                }
                (State::Running, Some(pid)) => {
                    match probe::look(self.supervisor, unit, pid, notice, self.cancel)? {
                        Look::Ready => return Ok((Some(pid), status.restarts)),
                        Look::NotYet(why) => last = why,
                        Look::Never(reason) => return Err(self.no_boot(unit, reason)),
                    }
                }
                _ => {}
            }
            if begun.elapsed() >= unit.timeout {
                let reason = Reason::NotReady { limit: unit.timeout, last };
                return Err(self.no_boot(unit, reason));
            }
            if told != last {
                told.clone_from(&last);
                let (service, detail) = (unit.name.to_string(), last.clone());
                self.reporter.report(Event::Starting { service, detail });
            }
            let left = unit.timeout.saturating_sub(begun.elapsed());
            if !self.cancel.wait(pause.min(left)) {
                return Err(Error::Interrupted(format!("`{}` was starting", unit.name)));
            }
            pause = (pause * 3 / 2).min(LAST_LOOK);
        }
    }

    fn runs_what_is_current(&self, unit: &Unit, pid: u32) -> Result<(), Error> {
        if is_checked(unit) && processes::runs(pid, &unit.program) == Some(false) {
            let found = processes::program_of(pid);
            let found = found.map_or_else(|| "unknown".into(), |path| path.display().to_string());
            return Err(self.no_boot(unit, Reason::OtherProgram { found }));
        }
        Ok(())
    }

    /// Sees to it that a process stays alive for the time it must.
    fn stays(&self, unit: &Unit, pid: u32, restarts: u64) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let status = self.supervisor.status(&unit.name, self.cancel)?;
            let same = status.pid == Some(pid) && status.restarts == restarts;
            if !same || Identity::read(pid).is_none() {
                let how = self.how_it_ended(unit, status)?;
                let reason =
                    if is_asked(unit) { Reason::Died { how } } else { ended_early(unit, how) };
                return Err(self.no_boot(unit, reason));
            }
            let left = unit.stable.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            if !self.cancel.wait(left.min(STABLE_LOOK)) {
                return Err(Error::Interrupted(format!("`{}` was starting", unit.name)));
            }
        }
    }

    /// How a unit ended, which its supervisor may know a moment later than we do.
    fn how_it_ended(&self, unit: &Unit, mut status: Status) -> Result<String, Error> {
        let begun = Instant::now();
        while status.ended.is_none() && begun.elapsed() < NOTED && self.cancel.wait(FIRST_LOOK) {
            status = self.supervisor.status(&unit.name, self.cancel)?;
        }
        Ok(status.ended.unwrap_or_else(|| "it is gone".into()))
    }

    /// The error, with what the unit said last.
    fn no_boot(&self, unit: &Unit, reason: Reason) -> Error {
        let said = self.supervisor.said(&unit.name, self.cancel).unwrap_or_default();
        let path = Some(self.places.log(&unit.name)).filter(|path| fs::exists(path));
        Error::NoBoot { unit: unit.name.clone(), reason, log: readable(&said, LINES), path }
    }
}

/// Whether something says when a unit is ready.
fn is_asked(unit: &Unit) -> bool {
    unit.ready.port.is_some() || unit.ready.probe != Probe::None || unit.one_shot
}

fn ended_early(unit: &Unit, how: String) -> Reason {
    if is_asked(unit) { Reason::Ended { how } } else { Reason::Short { stable: unit.stable, how } }
}

fn millis_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}

/// Whether the process of a unit must run the very file that is installed; one that is
/// a script runs its interpreter.
pub(super) fn is_checked(unit: &Unit) -> bool {
    use std::io::Read;
    let mut start = [0; 2];
    let read = fs::open(&unit.program).is_ok_and(|mut file| file.read_exact(&mut start).is_ok());
    unit.own && read && &start != b"#!"
}

/// Stops the units of a service in the reverse of their order.
///
/// # Errors
/// When one does not stop; the others are tried first.
pub fn down(
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(mut record) = Record::read(places, service)? else { return Ok(false) };
    record.wanted = false;
    record.down_since = None;
    record.write(places, service)?;
    let supervisor = supervisor(record.supervisor, places);
    let mut failed = None;
    let mut stopped = false;
    for unit in record.units.iter().rev() {
        let was_up = supervisor.status(&unit.name, cancel).is_ok_and(|status| status.state.is_up());
        match supervisor.stop(&unit.name, cancel) {
            Ok(()) if was_up => {
                stopped = true;
                reporter.report(Event::Stopped { service: unit.name.to_string() });
            }
            Ok(()) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(stopped), Err)
}

/// Stops the units of a service and forgets it.
///
/// # Errors
/// When one does not stop or cannot be forgotten.
pub fn forget(
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(record) = Record::read(places, service)? else { return Ok(false) };
    let supervisor = supervisor(record.supervisor, places);
    for unit in record.units.iter().rev() {
        let was_up = supervisor.status(&unit.name, cancel).is_ok_and(|status| status.state.is_up());
        remove(&*supervisor, &unit.name, reporter, cancel)?;
        if was_up {
            reporter.report(Event::Stopped { service: unit.name.to_string() });
        }
    }
    Record::remove(places, service)?;
    Ok(true)
}

/// Makes a supervisor forget a unit. From one that is not there nothing can be taken;
/// what it left running shows at the ports.
fn remove(
    supervisor: &dyn Supervisor,
    unit: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<(), Error> {
    match supervisor.remove(unit, cancel) {
        Err(error @ Error::Unavailable { .. }) => {
            let message = format!("`{unit}` is left to {}: {error}", supervisor.kind());
            reporter.report(Event::Warning { message, hint: error.hint() });
            Ok(())
        }
        result => result,
    }
}
