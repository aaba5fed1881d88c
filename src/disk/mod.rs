//! Disk space: what services take in the store and in their build directories, and
//! having it back. Each operation takes the lock of the service that it changes.
//!
//! [`clear`] removes one profile, [`collect`] what was used least recently, and
//! [`sizes`] says what is there. Checkouts are never touched.

mod clear;
mod collect;
mod error;
mod sizes;

pub(crate) use clear::{Clear, Cleared, clear};
pub(crate) use collect::{Collect, Collected, collect, keep_bounded};
pub(crate) use error::{Error, Failure};
pub(crate) use sizes::{ServiceSizes, Sizes, sizes};

use crate::event::Reporter;
use crate::store::{self, Store};
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Dirs;
use crate::sys::lock;
use crate::sys::name::Name;

/// What every operation works with.
pub(crate) struct Context<'a> {
    /// Where things lie.
    pub(crate) dirs: &'a Dirs,
    /// The store of the install root.
    pub(crate) store: &'a Store,
    /// The locks of services.
    pub(crate) locks: &'a dyn Locks,
    /// Who is told.
    pub(crate) reporter: &'a dyn Reporter,
    /// The wish to stop.
    pub(crate) cancel: &'a Cancel,
}

impl Context<'_> {
    /// Stops between two services where the user asked to.
    fn go_on(&self) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(store::Error::Interrupted { service: None }.into());
        }
        Ok(())
    }
}

/// Keeps other heroes from working on a service meanwhile.
pub(crate) trait Locks {
    /// Does `work` while no other hero works on the service. One that does is waited for;
    /// without `wait` nothing is done then.
    ///
    /// # Errors
    /// When the lock cannot be had, or the wait is too long or interrupted.
    fn with(&self, service: &Name, wait: bool, work: &mut dyn FnMut()) -> Result<(), lock::Error>;
}
