//! The flags of a command line, as steps are given them.

use rhai::Map;

use super::fault::{Fault, Result};
use super::host::Host;
use super::{mode, value};
use crate::model::Flags;

/// What a map of flags means for the steps of an install.
///
/// # Errors
/// A flag of the wrong type, or one that contradicts the mode of the run.
pub(super) fn read(host: &Host, flags: &Map) -> Result<Flags> {
    mode::check(&host.run, flags).map_err(|fault| fault.throw())?;
    super::options::read_value(&value::plain(&flags.clone().into()))
        .map_err(|problem| -> Fault { problem.fault("flags") })
        .map_err(|fault| fault.throw())
}
