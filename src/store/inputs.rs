//! What a generation was built from, as the builder wrote it down: the store keeps it
//! beside the receipt and does not look into it.

use std::path::Path;

use serde_json::Value;

use crate::sys::fs;

/// The file in a generation's folder.
pub(super) const FILE: &str = "inputs.json";

/// Writes the inputs into a generation's folder, durably.
pub(super) fn write(folder: &Path, inputs: &Value) -> fs::Result<()> {
    fs::write(&folder.join(FILE), inputs.to_string().as_bytes())
}

/// Returns the inputs in a generation's folder, if they are there and readable.
pub(super) fn read(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(&folder.join(FILE)).ok()?).ok()
}
