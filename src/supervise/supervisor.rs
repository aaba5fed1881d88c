//! What every supervisor does.

use super::error::Error;
use super::kind::Kind;
use super::unit::{Status, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

/// Keeps processes running.
///
/// Every method that changes something returns when the change has been made:
/// after `start` there is a process (or there was one), after `stop` there is
/// none.
pub(crate) trait Supervisor: Send + Sync {
    /// Which it is.
    fn kind(&self) -> Kind;

    /// Whether it can be used here and now.
    ///
    /// # Errors
    /// What is missing.
    fn available(&self) -> Result<(), Error>;

    /// Makes it know a unit as described; whether that differs from what it knew.
    /// A running process goes on as it is.
    ///
    /// # Errors
    /// When the description cannot be kept, or asks for what it does not do.
    fn put(&self, unit: &Unit, cancel: &Cancel) -> Result<bool, Error>;

    /// Starts a unit that it knows. One that runs goes on.
    ///
    /// # Errors
    /// When it cannot be started.
    fn start(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;

    /// Stops a unit with all its processes. One that does not run is fine.
    ///
    /// # Errors
    /// When a process does not go away.
    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;

    /// Stops a unit that is started again at once: it stays meant to run.
    ///
    /// # Errors
    /// As of [`Supervisor::stop`].
    fn pause(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        self.stop(unit, cancel)
    }

    /// What it knows of a unit.
    ///
    /// # Errors
    /// When it does not answer.
    fn status(&self, unit: &Name, cancel: &Cancel) -> Result<Status, Error>;

    /// The last lines of what a unit said, as it said them.
    ///
    /// # Errors
    /// When they cannot be read.
    fn logs(&self, unit: &Name, lines: usize, cancel: &Cancel) -> Result<Vec<u8>, Error>;

    /// What a unit has said since its last start, of very much the end.
    ///
    /// # Errors
    /// When it cannot be read.
    fn said(&self, unit: &Name, cancel: &Cancel) -> Result<Vec<u8>, Error>;

    /// Hands over the last lines and then everything that a unit says, until
    /// cancelled.
    ///
    /// # Errors
    /// When they cannot be read.
    fn follow(
        &self,
        unit: &Name,
        lines: usize,
        sink: &mut dyn FnMut(&[u8]),
        cancel: &Cancel,
    ) -> Result<(), Error>;

    /// Stops a unit and forgets it. One that it does not know is fine.
    ///
    /// # Errors
    /// When it cannot be stopped or forgotten.
    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;
}
