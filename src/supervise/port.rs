//! Ports: whose they are.

use std::time::Duration;

use super::{Error, Machine, Places};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

/// How long the port of a process that has just ended may stay taken.
const RELEASE: Duration = Duration::from_millis(500);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(5);

/// Sees to it that nobody listens on the port of a unit that does not run.
///
/// # Errors
/// [`Error::PortTaken`] with the name of whoever does.
pub(crate) fn require_free(
    machine: &dyn Machine,
    unit: &Name,
    service: &Name,
    port: u16,
    places: &Places,
    cancel: &Cancel,
) -> Result<(), Error> {
    let begun = machine.now();
    loop {
        if machine.is_free(port) {
            return Ok(());
        }
        let waited = machine.now().saturating_duration_since(begun);
        if waited >= RELEASE || !machine.wait(LOOK, cancel) {
            break;
        }
    }
    let pid = machine.listeners(port).into_iter().next();
    let store = places.store.join(service);
    let program = pid.and_then(|pid| machine.program_of(pid));
    Err(Error::PortTaken {
        unit: unit.clone(),
        port,
        by: pid.map_or_else(|| "a process of another user".into(), |pid| machine.describe(pid)),
        pid,
        orphan: program.is_some_and(|program| program.starts_with(&store)),
    })
}
