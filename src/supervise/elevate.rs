//! Starting and stopping in the system's root without its rights: another hero, which
//! has them, does it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::boot::{Boot, Up};
use super::{Error, Kind, Machine, Places, Unit, stop};
use crate::event::Reporter;
use crate::sys::cancel::Cancel;
use crate::sys::elevated::{Answer, Domain, Refusal};
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::process;
use crate::sys::sudo::Sudo;

/// What another hero is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    places: Places,
    service: Name,
    order: Order,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Up { kind: Kind, generation: String, units: Vec<Unit>, again: bool },
    Down,
    Forget,
}

impl Request {
    /// Does it, with the rights that this process has.
    ///
    /// # Errors
    /// The refusal to send, with everything that the error says.
    pub(crate) fn serve(
        self,
        machine: &dyn Machine,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Answer {
        let Self { places, service, order } = self;
        let done = match order {
            Order::Up { kind, generation, units, again } => {
                let supervisor = machine.supervisor(kind, &places);
                let (places, service, generation) = (&places, &service, generation.as_str());
                let supervisor = &*supervisor;
                Boot { machine, supervisor, places, service, generation, reporter, cancel }
                    .up(&units, again)
                    .map(|up| serde_json::to_value(up).unwrap_or(Value::Null))
            }
            Order::Down => {
                stop::down(machine, &places, &service, reporter, cancel).map(Value::from)
            }
            Order::Forget => {
                stop::forget(machine, &places, &service, reporter, cancel).map(Value::from)
            }
        };
        done.map_err(|error| Refusal::of(&error))
    }
}

/// Who has the rights, if this process does not; nobody, too, where there is no `sudo`.
fn sudo(places: &Places) -> Option<Sudo> {
    let needed = places.system
        && process::effective_user() != 0
        && fs::check_writable(existing(&places.run)).is_err();
    Sudo::find().filter(|_| needed)
}

fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"))
}

/// [`Boot::up`], with the rights that it needs.
///
/// # Errors
/// As of that; and when the rights are not given.
pub(crate) fn up(boot: &Boot, units: &[Unit], again: bool) -> Result<Up, Error> {
    let Some(sudo) = sudo(boot.places) else { return boot.up(units, again) };
    let request = Request {
        places: boot.places.clone(),
        service: boot.service.clone(),
        order: Order::Up {
            kind: boot.supervisor.kind(),
            generation: boot.generation.to_owned(),
            units: units.to_vec(),
            again,
        },
    };
    Ok(sudo.ask(Domain::Supervise, &request, boot.reporter, boot.cancel)?)
}

/// Stops the units of a service, with the rights that it needs.
///
/// # Errors
/// When one does not stop, or the rights are not given.
pub(crate) fn down(
    machine: &dyn Machine,
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(sudo) = sudo(places) else {
        return stop::down(machine, places, service, reporter, cancel);
    };
    let (places, service) = (places.clone(), service.clone());
    let request = Request { places, service, order: Order::Down };
    Ok(sudo.ask(Domain::Supervise, &request, reporter, cancel)?)
}

/// Stops the units of a service and forgets it, with the rights that it needs.
///
/// # Errors
/// When one does not stop or cannot be forgotten, or the rights are not given.
pub(crate) fn forget(
    machine: &dyn Machine,
    places: &Places,
    service: &Name,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<bool, Error> {
    // Nothing to forget needs no rights.
    let known = fs::exists(&places.run.join(format!("{service}.json")));
    let Some(sudo) = sudo(places).filter(|_| known) else {
        return stop::forget(machine, places, service, reporter, cancel);
    };
    let (places, service) = (places.clone(), service.clone());
    let request = Request { places, service, order: Order::Forget };
    Ok(sudo.ask(Domain::Supervise, &request, reporter, cancel)?)
}
