//! Stopping services.

use super::Context;
use crate::error::Fault;
use crate::supervise;
use crate::sys::name::Name;

/// Stops a service with all its processes: SIGTERM, `stop_timeout` seconds, SIGKILL. Whether
/// something ran.
///
/// # Errors
/// A process that does not end, a lock that is not released.
pub(crate) fn stop(context: &Context, service: &Name) -> Result<bool, Fault> {
    context.locked(service, || {
        if context.dry_run() {
            return plan_stop(context, service);
        }
        let (places, cancel) = (context.places(), context.cancel());
        Ok(supervise::down(&*context.machine, &places, service, &*context.reporter, &cancel)?)
    })?
}

/// Stops a service and makes its supervisor forget it. Whether it was known.
///
/// # Errors
/// As of [`stop`].
pub(crate) fn forget(context: &Context, service: &Name) -> Result<bool, Fault> {
    context.locked(service, || {
        if context.dry_run() {
            return plan_stop(context, service);
        }
        let (places, cancel) = (context.places(), context.cancel());
        Ok(supervise::forget(&*context.machine, &places, service, &*context.reporter, &cancel)?)
    })?
}

/// Says what would be stopped; whether anything would.
pub(super) fn plan_stop(context: &Context, service: &Name) -> Result<bool, Fault> {
    let known =
        supervise::overview(&*context.machine, &context.places(), service, &context.cancel())?;
    let runs = known.is_some_and(|known| known.units.iter().any(|unit| unit.pid.is_some()));
    Ok(runs && context.plans("stop", service.to_string()))
}
