//! Shared libraries that a binary needs and that no loader would find once it is
//! installed: those of its own workspace, and Rust's standard library.

use std::collections::BTreeMap;
use std::path::Path;

use object::elf::{DT_RPATH, DT_RUNPATH};
use object::read::elf::{DynamicTable, FileHeader};
use object::read::{File, Object, ReadCache, ReadRef};

use super::Error;
use super::artifact::Artifact;
use crate::sys::fs;

/// Libraries that a build has made: file name and crate.
pub(super) type Made = BTreeMap<String, String>;

/// Refuses binaries that could not start where they are installed.
///
/// # Errors
/// When one needs a library of the build, or of the toolchain.
pub(super) fn check(artifacts: &[Artifact], made: &Made) -> Result<(), Error> {
    for artifact in artifacts {
        let needed = needed(&artifact.path).unwrap_or_default();
        let missing = needed.into_iter().find(|name| made.contains_key(name) || is_std(name));
        if let Some(library) = missing {
            return Err(Error::NeedsLibrary {
                bin: artifact.name.clone(),
                // A library for Rust programs brings the standard library as one too.
                package: made.get(&library).or(made.values().next()).cloned(),
                library,
            });
        }
    }
    Ok(())
}

fn is_std(name: &str) -> bool {
    name.starts_with("libstd-")
}

/// The file names of the libraries that a program needs; none where it says itself in
/// which folders to look, or is no program of a known kind.
fn needed(program: &Path) -> Option<Vec<String>> {
    let cache = ReadCache::new(fs::open(program).ok()?);
    let file = File::parse(&cache).ok()?;
    let looks_elsewhere = match &file {
        File::Elf64(file) => has_own_folders(&file.elf_dynamic_table().ok()?),
        File::Elf32(file) => has_own_folders(&file.elf_dynamic_table().ok()?),
        _ => false,
    };
    if looks_elsewhere {
        return None;
    }
    let names = file.import_libraries().ok()?.filter_map(Result::ok);
    let names = names.map(|library| String::from_utf8_lossy(library.name()).into_owned());
    Some(names.map(|name| name.rsplit('/').next().unwrap_or(&name).to_owned()).collect())
}

/// Whether a program names absolute folders for its libraries.
fn has_own_folders<'data, Elf: FileHeader, R: ReadRef<'data>>(
    table: &DynamicTable<'data, Elf, R>,
) -> bool {
    let folders = table.iter().filter(|entry| [DT_RPATH, DT_RUNPATH].contains(&entry.tag));
    folders
        .filter_map(|entry| table.string(entry).ok())
        .any(|list| list.split(|byte| *byte == b':').any(|folder| folder.starts_with(b"/")))
}
