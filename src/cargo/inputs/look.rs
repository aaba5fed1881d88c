//! Comparing what a build reports with what was recorded of the builds before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folders::Folders;
use super::record::{Entry, FORMAT, Record, Stamp};
use super::unit::Unit;
use crate::sys::fs;

/// What a look at the units of a build found.
pub(in crate::cargo) struct Found {
    /// For the next build.
    pub(in crate::cargo) record: Record,
    /// The units of this build.
    pub(super) units: Vec<Entry>,
    /// The files that make the local packages what they are, there or not.
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

/// Compares what a build reports with the record of the builds before. `started` is when
/// cargo was started.
pub(in crate::cargo) fn look(
    units: &[Unit],
    mut before: Record,
    folders: &Folders,
    started: SystemTime,
) -> Found {
    let units = &located(units, folders);
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
        let Some((key, notes)) = notes(unit, folders) else {
            if unit.local {
                unsure.get_or_insert(format!("this cargo does not say what `{}` read", unit.name));
            }
            continue;
        };
        let (old, stamp) = (before.units.remove(&key), Stamp::read(&notes));
        let Some(stamp) = stamp else { continue };
        let earlier = old.clone();
        let old = old.filter(|old| old.stamp.is(stamp));
        let built = unit.fresh.map_or_else(|| was_run(old.as_ref(), stamp, started), |it| !it);
        let entry = if let Some(old) = old.filter(|_| !built) {
            if let Some(path) = old.differs() {
                doubts.push((unit, format!("`{}` is not what it was", folders.show(path))));
            }
            old
        } else {
            if unit.local && !built {
                doubts.push((unit, format!("it is not known what `{}` is made of", unit.name)));
            }
            let Some(read) = unit.read(&notes) else { continue };
            let new = Entry::new(unit, &key, stamp, &read, (package, folders), started);
            changed.extend(earlier.iter().flat_map(|old| new.other_than(old)));
            new
        };
        unsure = unsure.or_else(|| entry.unsure.clone());
        record.units.insert(key, entry.clone());
        found.push(entry);
    }
    // Of other profiles and features, as long as they are there.
    let others = before.units.into_iter().filter(|(key, _)| {
        fs::exists(&folders.intermediate.join(key)) && !record.units.contains_key(key)
    });
    let others: Vec<_> = others.collect();
    record.units.extend(others);
    let doubt = doubts
        .into_iter()
        .next()
        .map(|(unit, reason)| Doubt { packages: packages(units, unit), reason });
    let local = units.iter().filter(|unit| unit.local && !unit.is_script());
    let manifests = local.flat_map(|unit| manifests_of(&unit.manifest)).collect();
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

/// The files that make a package what it is, there or not: its manifest, those that it may
/// inherit from, and those that cargo finds by their names.
fn manifests_of(manifest: &Path) -> Vec<PathBuf> {
    let folder = fs::parent(manifest);
    let above = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
    let found = ["build.rs", "src/main.rs", "src/lib.rs", "src/bin"].map(|name| folder.join(name));
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let workspace = table.get("package").and_then(|it| it.get("workspace")?.as_str());
    let elsewhere = workspace.map(|path| folder.join(path).join("Cargo.toml"));
    above.chain(found).chain(elsewhere).collect()
}

/// The units, each with whether its package is local.
fn located(units: &[Unit], folders: &Folders) -> Vec<Unit> {
    let compiled = units.iter().filter(|unit| !unit.is_script());
    let downloaded: BTreeSet<String> = compiled
        .filter(|unit| !unit.has_path() && folders.is_downloaded(&unit.manifest))
        .map(|unit| unit.package.clone())
        .collect();
    let mut units: Vec<Unit> = units.to_vec();
    for unit in &mut units {
        unit.local = !downloaded.contains(&unit.package);
    }
    units
}

/// All local packages, since one may be in another, and the doubtful one.
fn packages(units: &[Unit], doubtful: &Unit) -> BTreeSet<String> {
    let local = units.iter().filter(|unit| unit.local).chain([doubtful]);
    local.map(Unit::package_name).collect()
}

/// The notes of a unit, with their path below the build directory.
fn notes(unit: &Unit, folders: &Folders) -> Option<(PathBuf, PathBuf)> {
    let notes = unit.notes(folders.build_dir, folders.intermediate)?;
    let key = notes.strip_prefix(folders.intermediate).ok()?.to_owned();
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
