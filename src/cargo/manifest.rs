//! Which folders a manifest names.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::sys::fs;

/// Every `path = "…"` in a manifest.
pub(super) fn paths(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::String(path) if key == "path" => found.push(path.clone()),
            Value::Table(inner) => found.extend(paths(inner)),
            Value::Array(list) => {
                found.extend(list.iter().filter_map(Value::as_table).flat_map(paths));
            }
            _ => {}
        }
    }
    found
}

/// The packages that the manifest in `folder` names by path, without links;
/// `None` when it cannot be read.
pub(super) fn packages(folder: &Path) -> Option<Vec<PathBuf>> {
    let manifest: Table = fs::read_to_string(&folder.join("Cargo.toml")).ok()?.parse().ok()?;
    let folders = paths(&manifest).into_iter().map(|path| folder.join(path));
    let packages = folders.filter(|folder| fs::exists(&folder.join("Cargo.toml")));
    packages.map(|folder| fs::canonicalize(&folder).ok()).collect()
}

/// Whether the manifest of a workspace has `default-members`.
pub(super) fn has_default_members(root: &Path) -> bool {
    let text = fs::read_to_string(&root.join("Cargo.toml")).unwrap_or_default();
    let manifest: Table = text.parse().unwrap_or_default();
    manifest.get("workspace").is_some_and(|workspace| workspace.get("default-members").is_some())
}
