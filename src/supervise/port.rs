//! Ports: whose they are.

use std::time::Duration;

use super::{Error, Places};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;
use crate::sys::processes;

/// How long the port of a process that has just ended may stay taken.
const RELEASE: Duration = Duration::from_millis(500);

/// Sees to it that nobody listens on the port of a unit that does not run.
///
/// # Errors
/// [`Error::PortTaken`] with the name of whoever does.
pub fn require_free(
    unit: &Name,
    service: &Name,
    port: u16,
    places: &Places,
    cancel: &Cancel,
) -> Result<(), Error> {
    if processes::wait_until(RELEASE, cancel, || processes::is_free(port)) {
        return Ok(());
    }
    let pid = processes::listeners(port).into_iter().next();
    let store = places.store.join(service);
    let program = pid.and_then(processes::program_of);
    Err(Error::PortTaken {
        unit: unit.clone(),
        port,
        by: pid.map_or_else(|| "a process of another user".into(), processes::describe),
        pid,
        orphan: program.is_some_and(|program| program.starts_with(&store)),
    })
}
