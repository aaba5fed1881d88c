//! The contracts with scripts and other programs: each has one table in the code and a page in
//! `docs/`. `SNAPSHOTS=overwrite cargo test --test it contracts::` writes the pages.
mod documents;
mod elevated;
mod errors;
mod literals;
mod reference;

use std::path::{Path, PathBuf};

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a page with what the code says, or writes it.
pub fn compare(page: &str, text: &str) {
    let path = repository(page);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{page} is not current; SNAPSHOTS=overwrite writes it");
}
