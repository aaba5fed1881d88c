//! Removing a service from the install root.

use super::Context;
use super::stop::forget;
use crate::error::{Diagnostic, ErrorKind, Fault};
use crate::store::Removed;
use crate::sys::fs;
use crate::sys::name::Name;

/// Stops a service and removes its binaries and every generation; then calls `after`. The
/// checkout and the build files stay.
///
/// # Errors
/// Not installed, a process that does not end, a lock that is not released, what `after` says.
pub(crate) fn uninstall(
    context: &Context,
    service: &Name,
    after: &mut dyn FnMut(&Removed) -> Result<(), Fault>,
) -> Result<Removed, Fault> {
    if !context.dry_run() {
        context.store().check_root()?;
    }
    context.locked(service, || {
        let (store, cancel) = (context.store(), context.cancel());
        // Before its binaries are gone.
        let ran = forget(context, service)?;
        let missing =
            store.require(service).is_err_and(|error| error.kind() == ErrorKind::NotInstalled);
        let removed = if ran && missing {
            Removed { service: service.clone(), size: 0, bins: Vec::new() }
        } else {
            store.remove(service, context.dry_run(), &*context.reporter, &cancel)?
        };
        after(&removed)?;
        let checkout = context.dirs.checkout(service);
        if fs::exists(&checkout) {
            context.step("Kept", format!("its checkout: {}", checkout.display()));
        }
        Ok(removed)
    })?
}
