//! A process that still runs an older binary than the one that is installed.

use super::Context;
use crate::event::Event;
use crate::supervise;
use crate::sys::fs;
use crate::sys::name::Name;

/// Warns when an older binary of a service still runs than the one that is installed.
pub(crate) fn warn_if_stale(context: &Context, service: &Name) {
    if context.dry_run() {
        return;
    }
    let known =
        supervise::overview(&*context.machine, &context.places(), service, &context.cancel())
            .ok()
            .flatten();
    let Some(known) = known.filter(|known| known.stale) else { return };
    let old = known.units.iter().filter(|unit| unit.current == Some(false));
    let processes: Vec<String> =
        old.filter_map(|unit| unit.pid).map(|pid| pid.to_string()).collect();
    let processes = processes.join(", ");
    context.report(Event::Warning {
        message: format!("the old binary of `{service}` still runs (process {processes})"),
        hint: script(context, service).map(|script| format!("hero run {script} restart")),
    });
}

/// The script that installed a service, as one would type it.
pub(super) fn script(context: &Context, service: &Name) -> Option<String> {
    let receipt = context.store().service(service).ok().flatten()?.current?;
    receipt.script.map(|script| fs::relative(script.as_ref()))
}
