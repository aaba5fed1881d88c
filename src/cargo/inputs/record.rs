//! What each unit of a build directory was compiled from, by content.
//!
//! cargo goes by times: it takes a unit for up to date if its files are older than the
//! unit. Times lie after a restored or copied build directory, a clock that was ahead,
//! or a checkout whose files are older than the build. So hero notes the content of each
//! file, in `hero-units.json` beside the claim, and does not believe cargo where a unit
//! that cargo took for up to date was compiled from other content.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dep_info::Read;
use super::folders::Folders;
use super::mark::{self, Mark};
use super::unit::Unit;
use crate::sys::fs;

/// The version of `hero-units.json`.
pub(super) const FORMAT: u32 = 1;
const FILE: &str = "hero-units.json";

/// The content of `hero-units.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::cargo) struct Record {
    pub(super) format: u32,
    /// What the compiler said of its version.
    #[serde(default)]
    pub(super) compiler: String,
    #[serde(serialize_with = "write_units", deserialize_with = "read_units")]
    pub(super) units: BTreeMap<PathBuf, Entry>,
}

/// Units by the path of their notes are a list in the file.
fn write_units<S: Serializer>(
    units: &BTreeMap<PathBuf, Entry>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(units.values())
}

fn read_units<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<PathBuf, Entry>, D::Error> {
    let units = Vec::<Entry>::deserialize(deserializer)?;
    Ok(units.into_iter().map(|unit| (unit.notes.clone(), unit)).collect())
}

/// One unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The path of its notes in the build directory.
    notes: PathBuf,
    /// Its package and target, for people.
    unit: String,
    /// The folder of the profile, below the build directory.
    dir: PathBuf,
    /// The name that rustc knows it by.
    name: String,
    /// Part of the names of its files; empty for a crate that others may use too.
    hash: String,
    /// Size and time of its notes: another build has others.
    pub(super) stamp: Stamp,
    /// What it was compiled from.
    pub(super) files: BTreeMap<PathBuf, Mark>,
    /// The variables it read.
    pub(super) variables: BTreeSet<String>,
    /// Why what it read cannot be compared later.
    #[serde(default)]
    pub(super) unsure: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    pub(super) seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    pub(super) fn read(file: &Path) -> Option<Self> {
        let data = fs::metadata(file).ok()?;
        Some(Self { size: data.len(), seconds: data.mtime(), nanoseconds: data.mtime_nsec() })
    }

    /// Archives may keep whole seconds only.
    pub(super) fn is(self, other: Self) -> bool {
        let whole = self.nanoseconds == 0 || other.nanoseconds == 0;
        self.size == other.size
            && self.seconds == other.seconds
            && (whole || self.nanoseconds == other.nanoseconds)
    }
}

impl Record {
    /// Reads the record of a build directory. What was compiled after it was written, by a
    /// build that was killed, has other stamps and is not believed.
    pub(in crate::cargo) fn read(build_dir: &Path) -> Self {
        let text = fs::read(&build_dir.join(FILE)).ok();
        let record: Option<Self> = text.and_then(|text| serde_json::from_slice(&text).ok());
        record.filter(|record| record.format == FORMAT).unwrap_or_default()
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(in crate::cargo) fn write(&self, build_dir: &Path) -> fs::Result<()> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        fs::write_in_place(&build_dir.join(FILE), &text)
    }
}

impl Entry {
    pub(super) fn new(
        unit: &Unit,
        key: &Path,
        stamp: Stamp,
        read: &Read,
        (package, folders): (&Path, &Folders),
        started: SystemTime,
    ) -> Self {
        let (dir, name, hash) = parts(key);
        let mut entry = Self {
            notes: key.to_owned(),
            unit: format!("{} {}", unit.package_name(), unit.name),
            dir,
            name,
            hash: if unit.local { hash } else { String::new() },
            stamp,
            files: BTreeMap::new(),
            variables: read.variables.clone(),
            unsure: None,
        };
        for file in folders.files(unit, read, package) {
            if unit.is_script() && !fs::exists(&file) {
                // cargo runs the script every time.
                entry.unsure = Some(format!("`{}` is missing", folders.show(&file)));
            }
            if mark::changed_since(&file, started) {
                entry.unsure = Some(format!("`{}` changed meanwhile", folders.show(&file)));
                continue;
            }
            match Mark::read(&file) {
                Some(mark) => drop(entry.files.insert(file, mark)),
                None => entry.unsure = Some(format!("`{}` is too large", folders.show(&file))),
            }
        }
        if read.whole_package && unit.local && !folders.is_whole(package) {
            entry.unsure = Some(format!("the build script of `{}` names no files", entry.unit));
        }
        entry
    }

    /// Files that were other in an earlier build of the same unit.
    pub(super) fn other_than(&self, earlier: &Self) -> Vec<PathBuf> {
        let same = |path: &PathBuf, mark: &Mark| {
            earlier.files.get(path).is_none_or(|old| old.has_content_of(mark))
        };
        let mut files = self.files.clone();
        files.retain(|path, mark| !same(path, mark));
        files.into_keys().collect()
    }

    /// A file that is not what it was, if there is one.
    pub(super) fn differs(&self) -> Option<&Path> {
        let mut files = self.files.iter();
        files.find(|(path, mark)| !mark.is_same_now(path)).map(|(path, _)| path.as_path())
    }
}

/// Folder of the profile, name and hash: of `debug/deps/name-HASH.d` and
/// `debug/build/name-HASH/output`.
fn parts(key: &Path) -> (PathBuf, String, String) {
    let is_inner = |part: &std::path::Component| {
        matches!(part.as_os_str().to_str(), Some("deps" | "build" | "examples"))
    };
    let dir = key.components().take_while(|part| !is_inner(part)).collect();
    let last =
        if key.extension().is_some() { key.file_stem() } else { fs::parent(key).file_name() };
    let last = last.unwrap_or_default().to_string_lossy();
    let (name, hash) = last.rsplit_once('-').unwrap_or((&last, ""));
    (dir, name.to_owned(), hash.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_notes_has_folder_name_and_hash() {
        for (key, dir, name) in [
            ("debug/deps/my_app-0123456789abcdef.d", "debug", "my_app"),
            (
                "x86_64-unknown-linux-gnu/release/deps/a-b-0123456789abcdef.d",
                "x86_64-unknown-linux-gnu/release",
                "a-b",
            ),
            ("debug/build/app-0123456789abcdef/output", "debug", "app"),
        ] {
            assert_eq!(
                parts(Path::new(key)),
                (dir.into(), name.to_owned(), "0123456789abcdef".to_owned())
            );
        }
    }

    #[test]
    fn an_archive_may_round_times() {
        let stamp = |nanoseconds| Stamp { size: 1, seconds: 2, nanoseconds };
        assert!(stamp(5).is(stamp(5)) && stamp(0).is(stamp(5)) && stamp(5).is(stamp(0)));
        assert!(!stamp(5).is(stamp(6)));
    }
}
