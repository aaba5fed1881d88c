//! How every change of an install root begins.

use super::error::Error;
use super::open::Store;
use super::recover;
use crate::event::Reporter;
use crate::sys::cancel::Cancel;
use crate::sys::lock::{self, Lock};
use crate::sys::name::Name;

impl Store {
    /// Starts a change: takes the root's lock, then clears away and mends what
    /// a killed process left.
    pub(super) fn begin(
        &self,
        service: Option<&Name>,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Lock, Error> {
        self.trusted()?;
        self.layout.make(self.layout.locks())?;
        let name = if self.layout.system() { "root-system" } else { "root-user" };
        let lock = lock::acquire(self.layout.locks(), name, reporter, cancel)?;
        go_on(service, cancel)?;
        recover::run(&self.layout, reporter);
        Ok(lock)
    }
}

/// Stops where the user asked to; called only where stopping leaves no trace.
pub(super) fn go_on(service: Option<&Name>, cancel: &Cancel) -> Result<(), Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted { service: service.cloned() });
    }
    Ok(())
}
