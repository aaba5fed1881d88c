//! What is known of a service that was started.

use jiff::Timestamp;
use serde::Serialize;

use super::verify::is_checked;
use super::{Error, Kind, Machine, Places, Record, State, Status};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

/// A service that was started, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Overview {
    /// Its name.
    pub(crate) service: Name,
    /// Who runs it.
    pub(crate) supervisor: Kind,
    /// All of it in one word: that of the unit that is worst off.
    pub(crate) state: String,
    /// Whether it should run: the last word was a start.
    pub(crate) wanted: bool,
    /// The generation that was seen to run well last.
    pub(crate) proven: Option<String>,
    /// Whether it was told to run exactly as it was seen to run well.
    pub(crate) as_proven: bool,
    /// Whether a process runs another file than the one that is installed now.
    pub(crate) stale: bool,
    /// Its units, in the order of their start.
    pub(crate) units: Vec<UnitOverview>,
    /// Why nothing is known.
    pub(crate) problem: Option<String>,
}

/// One unit, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnitOverview {
    /// Its name.
    pub(crate) unit: Name,
    /// What it is doing.
    pub(crate) state: String,
    /// Its main process.
    pub(crate) pid: Option<u32>,
    /// When that started.
    pub(crate) since: Option<Timestamp>,
    /// How it ended last.
    pub(crate) ended: Option<String>,
    /// How often it was started again by itself.
    pub(crate) restarts: u64,
    /// The port that it should listen on.
    pub(crate) port: Option<u16>,
    /// Whether it runs the file that is installed now; `None` where that cannot be told.
    pub(crate) current: Option<bool>,
}

/// What is known of a service; `None` if hero never started it. Changes nothing.
///
/// # Errors
/// When hero's record of it cannot be read.
pub(crate) fn overview(
    machine: &dyn Machine,
    places: &Places,
    service: &Name,
    cancel: &Cancel,
) -> Result<Option<Overview>, Error> {
    let Some(record) = Record::read(places, service)? else { return Ok(None) };
    let supervisor = machine.supervisor(record.supervisor, places);
    let mut problem = None;
    let mut units = Vec::new();
    let mut seen = Vec::new();
    for unit in &record.units {
        let answer = match supervisor.status(&unit.name, cancel) {
            Ok(answer) => Some(answer),
            Err(Error::Interrupted(what)) => return Err(Error::Interrupted(what)),
            Err(error) => {
                problem.get_or_insert(error.to_string());
                None
            }
        };
        let known = answer.clone().unwrap_or_else(|| Status::new(State::Unknown));
        let current =
            known.pid.filter(|_| is_checked(unit)).and_then(|pid| machine.runs(pid, &unit.program));
        seen.push(answer.map(|answer| answer.state));
        units.push(UnitOverview {
            unit: unit.name.clone(),
            state: match seen.last() {
                Some(None) => "unknown".into(),
                // Such as one whose attendant was killed.
                _ if known.lost => format!("{}, unattended", known.state.name()),
                _ => known.state.name().into(),
            },
            pid: known.pid,
            since: known.since,
            ended: known.ended,
            restarts: known.restarts,
            port: unit.ready.port,
            current,
        });
    }
    let stale = units.iter().any(|unit| unit.current == Some(false));
    let as_proven = record.proven.as_ref().is_some_and(|proven| {
        proven.generation == record.generation && proven.units == record.units
    });
    Ok(Some(Overview {
        as_proven,
        service: service.clone(),
        supervisor: record.supervisor,
        state: worst(&seen).into(),
        wanted: record.wanted,
        proven: record.proven.map(|proven| proven.generation),
        stale,
        units,
        problem,
    }))
}

/// The word for all: that of the one that is worst off.
fn worst(states: &[Option<State>]) -> &'static str {
    if states.iter().any(Option::is_none) {
        return "unknown";
    }
    let order = [
        State::Failed,
        State::Stopping,
        State::Starting,
        State::Unknown,
        State::Stopped,
        State::Running,
        State::Done,
    ];
    let found = order.into_iter().find(|state| states.contains(&Some(*state)));
    found.map_or("not started", State::name)
}
