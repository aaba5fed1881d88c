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

use serde::{Deserialize, Serialize};

use super::dep_info::Read;
use super::mark::{self, Mark};
use super::tracked::{Tracked, tidy};
use super::unit::Unit;
use crate::sys::fs;

/// The version of `hero-units.json`.
const FORMAT: u32 = 1;
const FILE: &str = "hero-units.json";
/// A package with more files is not compared as a whole.
const MOST_FILES: usize = 5_000;

/// Where a service is built.
pub(in crate::cargo) struct Places<'a> {
    /// The service's own build directory.
    pub(in crate::cargo) build_dir: &'a Path,
    /// Where cargo puts what is no binary.
    pub(in crate::cargo) intermediate: &'a Path,
    /// The folder of the workspace.
    pub(in crate::cargo) root: &'a Path,
    /// Where cargo keeps the sources of other people's crates.
    pub(in crate::cargo) cargo_home: Option<PathBuf>,
    /// The checkout's files.
    pub(in crate::cargo) tracked: &'a Tracked,
}

/// The content of `hero-units.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::cargo) struct Record {
    format: u32,
    /// What the compiler said of its version.
    #[serde(default)]
    compiler: String,
    #[serde(with = "listed")]
    units: BTreeMap<PathBuf, Entry>,
}

/// Units by the path of their notes; a list in the file.
mod listed {
    use super::{BTreeMap, Deserialize, Entry, PathBuf};

    pub(super) fn serialize<S: serde::Serializer>(
        units: &BTreeMap<PathBuf, Entry>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(units.values())
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<PathBuf, Entry>, D::Error> {
        let units = Vec::<Entry>::deserialize(deserializer)?;
        Ok(units.into_iter().map(|unit| (unit.notes.clone(), unit)).collect())
    }
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
    stamp: Stamp,
    /// What it was compiled from.
    pub(super) files: BTreeMap<PathBuf, Mark>,
    /// The variables it read.
    pub(super) variables: BTreeSet<String>,
    /// Why what it read cannot be compared later.
    #[serde(default)]
    pub(super) unsure: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(file: &Path) -> Option<Self> {
        let data = fs::metadata(file).ok()?;
        Some(Self { size: data.len(), seconds: data.mtime(), nanoseconds: data.mtime_nsec() })
    }

    /// Archives may keep whole seconds only.
    fn is(self, other: Self) -> bool {
        let whole = self.nanoseconds == 0 || other.nanoseconds == 0;
        self.size == other.size
            && self.seconds == other.seconds
            && (whole || self.nanoseconds == other.nanoseconds)
    }
}

/// What a look at the units of a build found.
pub(in crate::cargo) struct Found {
    /// For the next build.
    pub(in crate::cargo) record: Record,
    /// The units of this build.
    pub(super) units: Vec<Entry>,
    /// The manifests of the local packages, and those above them, there or not.
    pub(super) manifests: BTreeSet<PathBuf>,
    /// Files that were other than when the same unit was compiled before.
    pub(in crate::cargo) changed: BTreeSet<PathBuf>,
    /// Why cargo is not believed.
    pub(in crate::cargo) doubt: Option<Doubt>,
    /// Why what was read cannot be compared later.
    pub(super) unsure: Option<String>,
}

/// Why cargo is not believed.
#[derive(Debug)]
pub(in crate::cargo) struct Doubt {
    /// The packages to be built again; none for the compiler.
    pub(in crate::cargo) packages: BTreeSet<String>,
    /// For people.
    pub(in crate::cargo) reason: String,
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
        fs::write_lightly(&build_dir.join(FILE), &text)
    }
}

/// Compares what a build reports with the record of the builds before. `started` is when
/// cargo was started.
pub(in crate::cargo) fn look(
    units: &[Unit],
    mut before: Record,
    places: &Places,
    started: SystemTime,
) -> Found {
    let manifests: BTreeMap<&str, &Path> = units
        .iter()
        .filter(|unit| !unit.is_script())
        .map(|unit| (unit.package.as_str(), unit.manifest.as_path()))
        .collect();
    let mut record =
        Record { format: FORMAT, compiler: before.compiler.clone(), units: BTreeMap::new() };
    let mut found = Vec::new();
    let (mut unsure, mut doubts, mut changed) = (None, Vec::new(), BTreeSet::new());
    for unit in units {
        let package = manifests.get(unit.package.as_str()).copied().map(fs::parent);
        let package = package.unwrap_or_else(|| Path::new(""));
        let Some((key, notes)) = notes(unit, places) else {
            if unit.is_local() {
                unsure.get_or_insert(format!("this cargo does not say what `{}` read", unit.name));
            }
            continue;
        };
        let (old, stamp) = (before.units.remove(&key), Stamp::of(&notes));
        let Some(stamp) = stamp else { continue };
        let earlier = old.clone();
        let old = old.filter(|old| old.stamp.is(stamp));
        let built = unit.fresh.map_or_else(|| was_run(old.as_ref(), stamp, started), |it| !it);
        let entry = if let Some(old) = old.filter(|_| !built) {
            if let Some(path) = old.differs() {
                doubts.push((unit, format!("`{}` is not what it was", places.show(path))));
            }
            old
        } else {
            if unit.is_local() && !built {
                doubts.push((unit, format!("it is not known what `{}` is made of", unit.name)));
            }
            let Some(read) = unit.read(&notes) else { continue };
            let new = Entry::new(unit, &key, stamp, &read, (package, places), started);
            changed.extend(earlier.iter().flat_map(|old| new.other_than(old)));
            new
        };
        unsure = unsure.or_else(|| entry.unsure.clone());
        record.units.insert(key, entry.clone());
        found.push(entry);
    }
    // Of other profiles and features, as long as they are there.
    let others = before.units.into_iter().filter(|(key, _)| {
        fs::exists(&places.intermediate.join(key)) && !record.units.contains_key(key)
    });
    let others: Vec<_> = others.collect();
    record.units.extend(others);
    let doubt = doubts
        .into_iter()
        .next()
        .map(|(unit, reason)| Doubt { packages: packages(units, unit), reason });
    let local = units.iter().filter(|unit| unit.is_local() && !unit.is_script());
    let above = |unit: &Unit| {
        let folders: Vec<PathBuf> = fs::parent(&unit.manifest)
            .ancestors()
            .map(|folder| folder.join("Cargo.toml"))
            .collect();
        folders
    };
    let manifests = local.flat_map(above).collect();
    Found { record, units: found, manifests, changed, doubt, unsure }
}

impl Found {
    /// Notes the compiler. cargo remembers by its time what a compiler is: one that was
    /// replaced in secret leaves everything up to date.
    pub(in crate::cargo) fn compiled_by(&mut self, version: &str, compiled: bool) {
        let other = !self.record.compiler.is_empty() && self.record.compiler != version;
        if other && !compiled {
            let reason = "the compiler is another one".into();
            self.doubt.get_or_insert(Doubt { packages: BTreeSet::new(), reason });
        }
        version.clone_into(&mut self.record.compiler);
    }

    /// Lets the next build ask cargo, if there still is a doubt.
    pub(in crate::cargo) fn distrust(&mut self) {
        if let Some(doubt) = self.doubt.take() {
            self.unsure.get_or_insert(doubt.reason);
        }
    }
}

/// All local packages, since one may be in another, and the doubtful one.
fn packages(units: &[Unit], doubtful: &Unit) -> BTreeSet<String> {
    let local = units.iter().filter(|unit| unit.is_local()).chain([doubtful]);
    local.map(|unit| name_of(&unit.package)).collect()
}

/// The name in cargo's identifier of a package: `path+file:///a/name#0.1.0`,
/// `path+file:///a#name@0.1.0`, or, before cargo 1.77, `name 0.1.0 (path+file:///a)`.
fn name_of(package: &str) -> String {
    if let Some((name, _)) = package.split_once(' ') {
        return name.to_owned();
    }
    let (address, fragment) = package.rsplit_once('#').unwrap_or((package, ""));
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => address.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// The notes of a unit, with their path below the build directory.
fn notes(unit: &Unit, places: &Places) -> Option<(PathBuf, PathBuf)> {
    let notes = unit.notes(places.build_dir, places.intermediate)?;
    let key = notes.strip_prefix(places.intermediate).ok()?.to_owned();
    Some((key, notes))
}

/// Whether a build script ran in this build: cargo does not say so.
fn was_run(old: Option<&Entry>, stamp: Stamp, started: SystemTime) -> bool {
    let seconds = |time: SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    };
    let now = seconds(SystemTime::now());
    old.is_none() && (seconds(started) - 1..=now + 1).contains(&stamp.seconds)
}

impl Entry {
    fn new(
        unit: &Unit,
        key: &Path,
        stamp: Stamp,
        read: &Read,
        (package, places): (&Path, &Places),
        started: SystemTime,
    ) -> Self {
        let (dir, name, hash) = parts(key);
        let mut entry = Self {
            notes: key.to_owned(),
            unit: format!("{} {}", name_of(&unit.package), unit.name),
            dir,
            name,
            hash: if unit.is_local() { hash } else { String::new() },
            stamp,
            files: BTreeMap::new(),
            variables: read.variables.clone(),
            unsure: None,
        };
        for file in places.files(unit, read, package) {
            if unit.is_script() && !fs::exists(&file) {
                // cargo runs the script every time.
                entry.unsure = Some(format!("`{}` is missing", places.show(&file)));
            }
            if mark::changed_since(&file, started) {
                entry.unsure = Some(format!("`{}` changed meanwhile", places.show(&file)));
                continue;
            }
            match Mark::of(&file) {
                Some(mark) => drop(entry.files.insert(file, mark)),
                None => entry.unsure = Some(format!("`{}` is too large", places.show(&file))),
            }
        }
        if read.whole_package && unit.is_local() && !places.is_whole(package) {
            entry.unsure = Some(format!("the build script of `{}` names no files", entry.unit));
        }
        entry
    }

    /// Files that were other in an earlier build of the same unit.
    fn other_than(&self, earlier: &Self) -> Vec<PathBuf> {
        let same = |path: &PathBuf, mark: &Mark| {
            earlier.files.get(path).is_none_or(|old| old.has_content_of(mark))
        };
        let mut files = self.files.clone();
        files.retain(|path, mark| !same(path, mark));
        files.into_keys().collect()
    }

    /// A file that is not what it was, if there is one.
    fn differs(&self) -> Option<&Path> {
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

impl Places<'_> {
    /// The files that a unit read and that may change, by full paths.
    fn files(&self, unit: &Unit, read: &Read, package: &Path) -> Vec<PathBuf> {
        let base = if !unit.is_script() && package.starts_with(self.root) {
            // rustc runs in the folder of the workspace for its members.
            self.root
        } else {
            package
        };
        let mut files: Vec<PathBuf> = read.files.iter().map(|file| tidy(base.join(file))).collect();
        if read.whole_package && unit.is_local() {
            let tracked = self.tracked.package(package);
            files.extend(if tracked.len() > MOST_FILES { Vec::new() } else { tracked });
        }
        let others = [Some(self.build_dir), Some(self.intermediate), self.cargo_home.as_deref()];
        let made = |file: &Path| others.iter().flatten().any(|folder| file.starts_with(folder));
        // Other people's crates do not change.
        let fixed = |file: &Path| !unit.is_local() && file.starts_with(package);
        files.retain(|file| !made(file) && !fixed(file));
        files
    }

    /// Whether a commit of the checkout determines everything in a package.
    fn is_whole(&self, package: &Path) -> bool {
        let manifest = package.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_default();
        let table: toml::Table = text.parse().unwrap_or_default();
        // With `include`, cargo also looks at files that git ignores.
        let includes = table.get("package").is_some_and(|it| it.get("include").is_some());
        !includes && self.tracked.covers(&manifest)
    }

    fn show(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_in_three_ways() {
        for id in [
            "path+file:///a/app#0.1.0",
            "path+file:///a/b#app@0.1.0",
            "app 0.1.0 (path+file:///a/b)",
        ] {
            assert_eq!(name_of(id), "app");
        }
    }

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
