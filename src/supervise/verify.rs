//! Verifying that a process is what was started: ready, of the installed file, and staying.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Reason;
use super::log::readable;
use super::notice::Notice;
use super::probe::{self, Look};
use super::{Error, Machine, Places, Probe, State, Status, Supervisor, Unit};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;
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

/// A unit that is known to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Booted {
    /// Which.
    pub(crate) unit: Name,
    /// Its main process; `None` for one that has done its work.
    pub(crate) pid: Option<u32>,
    /// The port that it listens on.
    pub(crate) port: Option<u16>,
    /// Whether it was started now; false if it ran as it should already.
    pub(crate) started: bool,
    /// From its start until it was ready, in milliseconds.
    pub(crate) ready_millis: u64,
    /// What was seen: `ready`, or only `alive` where nothing says when it is.
    pub(crate) proof: String,
    /// When it was ready.
    pub(crate) ready_at: Timestamp,
}

/// What a verification works with.
pub(super) struct Verify<'a> {
    /// Where the processes are.
    pub(super) machine: &'a dyn Machine,
    /// Who keeps them running.
    pub(super) supervisor: &'a dyn Supervisor,
    /// Where logs are.
    pub(super) places: &'a Places,
    /// Who is told what is waited for.
    pub(super) reporter: &'a dyn Reporter,
    /// The wish to stop.
    pub(super) cancel: &'a Cancel,
}

impl Verify<'_> {
    /// Verifies that a unit that goes on is still ready.
    ///
    /// # Errors
    /// As of [`Verify::started`].
    pub(super) fn running(&self, unit: &Unit) -> Result<Booted, Error> {
        if unit.one_shot {
            return Ok(Booted {
                unit: unit.name.clone(),
                pid: None,
                port: None,
                started: false,
                ready_millis: 0,
                proof: "done before".into(),
                ready_at: self.machine.time(),
            });
        }
        let (pid, _) = self.wait_ready(unit, self.machine.now(), None, None)?;
        Ok(Booted {
            unit: unit.name.clone(),
            pid,
            port: unit.ready.port,
            started: false,
            ready_millis: 0,
            proof: "runs already".into(),
            ready_at: self.machine.time(),
        })
    }

    /// Verifies a unit that was started at `begun`.
    ///
    /// # Errors
    /// [`Error::NoBoot`] with what was seen; what the supervisor says.
    pub(super) fn started(
        &self,
        unit: &Unit,
        begun: Instant,
        notice: Option<&Notice>,
    ) -> Result<Booted, Error> {
        let (pid, restarts) = self.wait_ready(unit, begun, notice, Some(0))?;
        let (ready, ready_at) = (self.since(begun), self.machine.time());
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
                (State::Running, Some(pid)) => match self.look(unit, pid, notice)? {
                    Look::Ready => return Ok((Some(pid), status.restarts)),
                    Look::NotYet(why) => last = why,
                    Look::Never(reason) => return Err(self.no_boot(unit, reason)),
                },
                _ => {}
            }
            if self.since(begun) >= unit.timeout {
                let reason = Reason::NotReady { limit: unit.timeout, last };
                return Err(self.no_boot(unit, reason));
            }
            if told != last {
                told.clone_from(&last);
                let (service, detail) = (unit.name.to_string(), last.clone());
                self.reporter.report(Event::Starting { service, detail });
            }
            let left = unit.timeout.saturating_sub(self.since(begun));
            if !self.machine.wait(pause.min(left), self.cancel) {
                return Err(Error::Interrupted(format!("`{}` was starting", unit.name)));
            }
            pause = (pause * 3 / 2).min(LAST_LOOK);
        }
    }

    fn look(&self, unit: &Unit, pid: u32, notice: Option<&Notice>) -> Result<Look, Error> {
        probe::look(self.machine, self.supervisor, unit, pid, notice, self.cancel)
    }

    fn since(&self, begun: Instant) -> Duration {
        self.machine.now().saturating_duration_since(begun)
    }

    fn runs_what_is_current(&self, unit: &Unit, pid: u32) -> Result<(), Error> {
        if is_checked(unit) && self.machine.runs(pid, &unit.program) == Some(false) {
            let found = self.machine.program_of(pid);
            let found = found.map_or_else(|| "unknown".into(), |path| path.display().to_string());
            return Err(self.no_boot(unit, Reason::OtherProgram { found }));
        }
        Ok(())
    }

    /// Sees to it that a process stays alive for the time it must.
    fn stays(&self, unit: &Unit, pid: u32, restarts: u64) -> Result<(), Error> {
        let begun = self.machine.now();
        loop {
            let status = self.supervisor.status(&unit.name, self.cancel)?;
            let same = status.pid == Some(pid) && status.restarts == restarts;
            if !same || !self.machine.is_alive(pid) {
                let how = self.how_it_ended(unit, status)?;
                let reason =
                    if is_asked(unit) { Reason::Died { how } } else { ended_early(unit, how) };
                return Err(self.no_boot(unit, reason));
            }
            let left = unit.stable.saturating_sub(self.since(begun));
            if left.is_zero() {
                return Ok(());
            }
            if !self.machine.wait(left.min(STABLE_LOOK), self.cancel) {
                return Err(Error::Interrupted(format!("`{}` was starting", unit.name)));
            }
        }
    }

    /// How a unit ended, which its supervisor may know a moment later than we do.
    fn how_it_ended(&self, unit: &Unit, mut status: Status) -> Result<String, Error> {
        let begun = self.machine.now();
        while status.ended.is_none()
            && self.since(begun) < NOTED
            && self.machine.wait(FIRST_LOOK, self.cancel)
        {
            status = self.supervisor.status(&unit.name, self.cancel)?;
        }
        Ok(status.ended.unwrap_or_else(|| "it is gone".into()))
    }

    /// The error, with what the unit said last.
    pub(super) fn no_boot(&self, unit: &Unit, reason: Reason) -> Error {
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

/// Whether the process of a unit must run the very file that is installed; one that is
/// a script runs its interpreter.
pub(super) fn is_checked(unit: &Unit) -> bool {
    use std::io::Read;
    let mut start = [0; 2];
    let read = fs::open(&unit.program).is_ok_and(|mut file| file.read_exact(&mut start).is_ok());
    unit.own && read && &start != b"#!"
}
