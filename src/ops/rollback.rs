//! Going back to an earlier generation.

use super::Context;
use super::stale::warn_if_stale;
use crate::error::Fault;
use crate::store::Installed;
use crate::sys::name::Name;

/// Makes a generation current that was installed before: the one called `to`, else the one
/// before the current one. Nothing is built, and nothing is restarted: what still runs is
/// named in a warning.
///
/// # Errors
/// Not installed, no such generation, a damaged one, a lock that is not released.
pub(crate) fn rollback(
    context: &Context,
    service: &Name,
    to: Option<&str>,
) -> Result<Installed, Fault> {
    if !context.dry_run() {
        context.store().check_root()?;
    }
    let installed = context.locked(service, || activate(context, service, to))??;
    warn_if_stale(context, service);
    Ok(installed)
}

/// The same, for callers that hold the lock and look after the processes.
pub(super) fn activate(
    context: &Context,
    service: &Name,
    to: Option<&str>,
) -> Result<Installed, Fault> {
    let (store, reporter, cancel) = (context.store(), &*context.reporter, context.cancel());
    Ok(match to {
        Some(to) => store.activate(service, to, context.dry_run(), reporter, &cancel)?,
        None => store.rollback(service, context.dry_run(), reporter, &cancel)?,
    })
}
