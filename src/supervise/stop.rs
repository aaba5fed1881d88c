//! Stopping what was started of a service.

use super::{Error, Machine, Places, Record, Supervisor};
use crate::error::Diagnostic;
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

/// Stops the units of a service in the reverse of their order.
///
/// # Errors
/// When one does not stop; the others are tried first.
pub(crate) fn down(
    machine: &dyn Machine,
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(mut record) = Record::read(places, service)? else { return Ok(false) };
    record.wanted = false;
    record.down_since = None;
    record.write(places, service)?;
    let supervisor = machine.supervisor(record.supervisor, places);
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
pub(crate) fn forget(
    machine: &dyn Machine,
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(record) = Record::read(places, service)? else { return Ok(false) };
    let supervisor = machine.supervisor(record.supervisor, places);
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
///
/// # Errors
/// When the unit cannot be stopped or forgotten.
pub(super) fn remove(
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
