//! Results of the layers below as values of Rhai.

use rhai::serde::to_dynamic;
use rhai::{Dynamic, EvalAltResult, Map, Position};
use serde::Serialize;

use crate::script::fault::{Error, ExitRequest, Result};
use crate::script::host::Host;

/// A result of a lower layer as a map.
pub(super) fn to_map(value: impl Serialize) -> Result<Map> {
    Ok(to_dynamic(value)?.cast())
}

/// Any result of a lower layer as a value.
pub(super) fn to_value(value: impl Serialize) -> Result<Dynamic> {
    to_dynamic(value)
}

/// What ends a script that was waiting when it was interrupted.
pub(super) fn interrupted(host: &Host) -> Error {
    let exit = host.interrupt().exit().map_or(0, |exit| exit as i64);
    let token = Dynamic::from(ExitRequest(exit));
    EvalAltResult::ErrorTerminated(token, Position::NONE).into()
}
