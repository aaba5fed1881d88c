//! Which files in the build directory of a host are a guest's own.
//!
//! Each service lists in `hero-units.json` what it has compiled of its own packages.
//! cargo puts the hash of such a unit into the names of all its files, and no two
//! services have a hash in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::sys::fs;

/// The file with the list, in the service's own build directory.
const FILE: &str = "hero-units.json";
/// Digits of a hash.
const DIGITS: usize = 16;
/// The folders of a profile in which names contain the hash of a unit. What says
/// that a unit is fresh comes first: whatever interrupts a removal, cargo builds the
/// unit again.
const FOLDERS: [&str; 4] = [".fingerprint", "build", "deps", "examples"];

#[derive(Deserialize)]
struct Record {
    units: Vec<Unit>,
}

/// One compiled crate, or a run of its build script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Unit {
    /// The folder of its profile, from the build directory on.
    dir: PathBuf,
    /// What the names of its files contain.
    hash: String,
    /// The crate.
    name: String,
}

impl Unit {
    /// A file is as little trusted as a script: this one names what is removed.
    fn is_valid(&self) -> bool {
        self.dir.components().all(|part| matches!(part, Component::Normal(_)))
            && is_hash(&self.hash)
    }
}

/// The units of a service; `None` where it has no list that can be read.
pub(super) fn read(build_dir: &Path) -> Option<Vec<Unit>> {
    let text = fs::read(&build_dir.join(FILE)).ok()?;
    let mut units = serde_json::from_slice::<Record>(&text).ok()?.units;
    units.retain(Unit::is_valid);
    Some(units)
}

/// The files of a guest's units in its host's directory: of the profile with this
/// folder, or of all.
///
/// `others` are the units of all other services that build there, if they are known.
/// Incremental files carry the name of a crate only: they are the guest's if no other
/// service has a crate of that name.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn files(
    host: &Path,
    units: &[Unit],
    others: Option<&[Unit]>,
    folder: Option<&str>,
) -> fs::Result<Vec<PathBuf>> {
    let taken: Option<BTreeSet<&str>> =
        others.map(|others| others.iter().map(|unit| unit.name.as_str()).collect());
    let mut by_dir: BTreeMap<&Path, Vec<&Unit>> = BTreeMap::new();
    let wanted = |unit: &&Unit| folder.is_none_or(|folder| unit.dir.ends_with(folder));
    for unit in units.iter().filter(wanted) {
        by_dir.entry(&unit.dir).or_default().push(unit);
    }
    let mut files = Vec::new();
    for (dir, units) in by_dir {
        let hashes: BTreeSet<&str> = units.iter().map(|unit| unit.hash.as_str()).collect();
        let names: BTreeSet<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        for inner in FOLDERS {
            let mut entries = fs::list(&host.join(dir).join(inner))?;
            entries.retain(|path| hash_in(&name(path)).is_some_and(|hash| hashes.contains(hash)));
            files.extend(entries);
        }
        let mut entries = fs::list(&host.join(dir).join("incremental"))?;
        entries.retain(|path| {
            let file = name(path);
            let krate = file.rsplit_once('-').map_or("", |(krate, _)| krate);
            names.contains(krate) && taken.as_ref().is_some_and(|taken| !taken.contains(krate))
        });
        files.extend(entries);
    }
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_hash(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash in a file's name: `libapp-<hash>.rlib`, `app-<hash>`, `app-<hash>.1x.o`.
fn hash_in(name: &str) -> Option<&str> {
    let after = name.match_indices('-').map(|(index, _)| &name[index + 1..]);
    let mut hashes = after.filter_map(|rest| {
        let hash = rest.get(..DIGITS)?;
        let ends = !rest[DIGITS..].starts_with(|next: char| next.is_ascii_alphanumeric());
        (is_hash(hash) && ends).then_some(hash)
    });
    hashes.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str = "0123456789abcdef";
    const THEIRS: &str = "fedcba9876543210";

    fn unit(dir: &str, hash: &str, name: &str) -> Unit {
        Unit { dir: dir.into(), hash: hash.into(), name: name.into() }
    }

    #[test]
    fn a_hash_is_found_in_every_kind_of_name() {
        for name in [
            "app-0123456789abcdef",
            "libapp-0123456789abcdef.rlib",
            "app-0123456789abcdef.1k57.rcgu.dwo",
            "my-app-0123456789abcdef.d",
            "app-ffffffffffffffff-0123456789abcdef",
        ] {
            assert_eq!(hash_in(name), Some(MINE), "{name}");
        }
        for name in ["app", "app-0123", "app-0123456789abcdef0", "app-0123456789ABCDEF"] {
            assert_eq!(hash_in(name), None, "{name}");
        }
    }

    #[test]
    fn only_the_guests_own_files_of_the_profile_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let mine = [
            ("debug/.fingerprint/server-", MINE, "/x"),
            ("debug/build/server-", MINE, "/output"),
            ("debug/deps/libserver-", MINE, ".rlib"),
            ("debug/incremental/", "guest-", "2f3k/s"),
            ("musl/debug/deps/server-", MINE, ""),
        ];
        let theirs = [
            ("debug/deps/libserver-", THEIRS, ".rlib"),
            ("debug/incremental/", "server-", "1x/s"),
            ("release/deps/server-", MINE, ""),
            ("gnu/debug/deps/server-", MINE, ""),
        ];
        for (before, hash, after) in mine.iter().chain(&theirs) {
            fs::write(&dir.path().join(format!("{before}{hash}{after}")), b"x").unwrap();
        }
        let units = [
            unit("debug", MINE, "server"),
            unit("debug", MINE, "guest"),
            unit("musl/debug", MINE, "server"),
        ];
        let others = [unit("debug", THEIRS, "server")];
        let unknown = files(dir.path(), &units, None, Some("debug")).unwrap();
        assert_eq!(unknown.len(), mine.len() - 1, "{unknown:?}");
        let found = files(dir.path(), &units, Some(&others), Some("debug")).unwrap();
        assert_eq!(found.len(), mine.len(), "{found:?}");
        assert!(found[0].starts_with(dir.path().join("debug/.fingerprint")));
        for path in &found {
            fs::remove_dir_all(path).or_else(|_| fs::remove_file(path)).unwrap();
        }
        let left = theirs.iter().all(|(before, hash, after)| {
            fs::exists(&dir.path().join(format!("{before}{hash}{after}")))
        });
        assert!(left);
    }

    #[test]
    fn a_list_that_names_other_places_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        let entry = |dir: &str, hash: &str| {
            format!(r#"{{"unit":"x","dir":"{dir}","hash":"{hash}","name":"a","more":1}}"#)
        };
        let entries = [
            entry("debug", MINE),
            entry("../other/debug", MINE),
            entry("/debug", MINE),
            entry("debug", ""),
            entry("debug", "0123456789abcde/"),
        ];
        let text = format!(r#"{{"format":1,"units":[{}]}}"#, entries.join(","));
        fs::write(&dir.path().join(FILE), text.as_bytes()).unwrap();
        assert_eq!(read(dir.path()), Some(vec![unit("debug", MINE, "a")]));
        fs::write(&dir.path().join(FILE), b"{").unwrap();
        assert_eq!(read(dir.path()), None);
    }
}
