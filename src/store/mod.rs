//! Installed services: generations, their receipts, and what `bin/` shows.
//!
//! ```text
//! store/<service>/<generation>/receipt.json    what it was built from
//! store/<service>/<generation>/bin/<name>      the binaries, never changed
//! current/<service>      -> store/<service>/<generation>
//! bin/<name>             -> current/<service>/bin/<name>
//! replaced/<name>@<time>                       strangers' files, moved aside
//! ```
//!
//! Every binary of a service is reached through `current/<service>`, so one
//! rename changes all of them. Whatever is built up or taken down lies in
//! folders whose names start with a dot (`.staging-…`, `.removed-…`); what a
//! killed process leaves of them is swept by the next change, which also mends
//! the links in `bin/`. Changes happen under the lock of the install root;
//! reading needs none.

mod activate;
mod aside;
mod bridge;
mod clear;
mod commit;
mod doctor;
mod elevate;
mod error;
mod evict;
mod generation;
mod inputs;
mod install;
mod layout;
mod list;
mod model;
mod problem;
mod receipt;
mod recover;
mod remove;
mod repair;
mod running;
mod stage;
mod state;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub use doctor::{examine_installed, examine_system};
pub use elevate::Request;
pub use error::Error;
pub use evict::{Idle, ServiceUsage};
pub use model::{
    Clear, Cleared, ClearedGeneration, Installed, KeptGeneration, Listing, NewGeneration, Policy,
    Reason, Removed, Service,
};
pub use problem::{Problem, ProblemKind};
pub use receipt::{Bin, Receipt};
pub use verify::Verified;

use crate::event::Reporter;
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Root;
use crate::sys::lock::{self, Lock};
use crate::sys::name::Name;
use layout::Layout;

/// One install root and the services in it.
#[derive(Debug, Clone)]
pub struct Store {
    layout: Layout,
    /// Whether this is the hero that has the rights, or none will.
    elevated: bool,
}

impl Store {
    /// The store of an install root. Touches nothing.
    pub fn open(root: &Root) -> Self {
        Self { layout: Layout::new(root.clone()), elevated: false }
    }

    /// Starts a change: takes the root's lock, then clears away and mends what
    /// a killed process left.
    fn begin(
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
fn go_on(service: Option<&Name>, cancel: &Cancel) -> Result<(), Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted { service: service.cloned() });
    }
    Ok(())
}
