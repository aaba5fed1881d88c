//! Starting a service so that it is known to run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Reason;
use super::notice::{self, Notice};
use super::record::{Proven, Record};
use super::stop::remove;
use super::verify::{Booted, Verify, is_checked};
use super::{Error, Kind, Machine, Places, Probe, State, Status, Supervisor, Unit, require_free};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

/// What a start needs to know.
pub(crate) struct Boot<'a> {
    /// Where it starts.
    pub(crate) machine: &'a dyn Machine,
    /// Who starts.
    pub(crate) supervisor: &'a dyn Supervisor,
    /// Where things lie.
    pub(crate) places: &'a Places,
    /// Whose units.
    pub(crate) service: &'a Name,
    /// What is current.
    pub(crate) generation: &'a str,
    /// Who is told.
    pub(crate) reporter: &'a dyn Reporter,
    /// The wish to stop.
    pub(crate) cancel: &'a Cancel,
}

/// How a service came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Up {
    /// Its units.
    pub(crate) units: Vec<Booted>,
    /// For how long nothing answered that answered before, in milliseconds.
    pub(crate) outage_millis: Option<u64>,
}

impl Boot<'_> {
    /// Starts the units of a service in their order, those that do not run as they
    /// should, or all of them `again`; and proves each.
    ///
    /// # Errors
    /// A port that is taken before anything is stopped, what the supervisor says, or
    /// [`Error::NoBoot`]. What was started then goes on: the caller decides.
    pub(crate) fn up(&self, units: &[Unit], again: bool) -> Result<Up, Error> {
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
            record.down_since = Some(self.machine.time());
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
            booted.push(if fresh { self.start(unit)? } else { self.verify().running(unit)? });
        }
        let answers =
            booted.iter().map(|unit| unit.ready_at).max().unwrap_or_else(|| self.machine.time());
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
            Some(port) => {
                require_free(self.machine, &unit.name, self.service, port, self.places, self.cancel)
            }
            None => Ok(()),
        }
    }

    /// Ends what another supervisor runs of this service, and units that are no more.
    fn leave_others(&self, old: Option<&Record>, units: &[Unit]) -> Result<(), Error> {
        let Some(old) = old else { return Ok(()) };
        if old.supervisor != self.supervisor.kind() {
            let other = self.machine.supervisor(old.supervisor, self.places);
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
                self.machine.runs(pid, &unit.program).unwrap_or(current)
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
        let begun = self.machine.now();
        match self.supervisor.start(&unit.name, self.cancel) {
            Err(Error::Refused { why, .. }) => {
                return Err(self.verify().no_boot(unit, Reason::NoStart { why }));
            }
            other => other?,
        }
        let booted = self.verify().started(unit, begun, notice.as_ref())?;
        self.reporter.report(Event::Started {
            service: unit.name.to_string(),
            detail: booted.proof.clone(),
            pid: booted.pid,
            millis: booted.ready_millis,
        });
        Ok(booted)
    }

    fn verify(&self) -> Verify<'_> {
        Verify {
            machine: self.machine,
            supervisor: self.supervisor,
            places: self.places,
            reporter: self.reporter,
            cancel: self.cancel,
        }
    }
}

fn millis_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}
