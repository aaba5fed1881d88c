//! Which files of a checkout a build has written itself.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use toml::{Table, Value};

use super::Options;
use super::claim::Claim;
use super::lockfile;
use crate::sys::fs;

/// How deep in a build directory the records of build scripts lie, at most.
const DEPTH: usize = 5;
/// Folders of a build directory without such records.
const SKIPPED: [&str; 3] = ["deps", "incremental", ".fingerprint"];

/// What the last build of a service has written outside its build directory.
pub(crate) struct Wrote<'a> {
    options: &'a Options<'a>,
    runs: OnceCell<Vec<(SystemTime, SystemTime)>>,
}

impl<'a> Wrote<'a> {
    /// The writings of the build with these options.
    pub(crate) fn new(options: &'a Options<'a>) -> Self {
        Self { options, runs: OnceCell::new() }
    }

    /// Whether a changed file is the build's work: a lockfile, or one that was written
    /// while a build script of the repository's own packages ran. A file that the user
    /// saved during the build is not.
    pub(crate) fn has(&self, file: &Path) -> bool {
        if file.file_name().is_some_and(|name| name == "Cargo.lock") {
            return true;
        }
        let Some(time) = modified(file) else { return false };
        let runs = self.runs.get_or_init(|| runs(self.options));
        runs.iter().any(|(start, end)| (start..=end).contains(&&time))
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

/// When the build scripts of the repository's packages ran last: cargo writes one file
/// before and one after. Where a newer cargo has another layout there are none.
fn runs(options: &Options) -> Vec<(SystemTime, SystemTime)> {
    let own = own_packages(options);
    let is_own = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.rsplit_once('-').is_some_and(|(package, _hash)| own.iter().any(|own| own == package))
    };
    let walk = walkdir::WalkDir::new(intermediate(options.build_dir)).max_depth(DEPTH);
    let folders = walk
        .into_iter()
        .filter_entry(|entry| !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped));
    folders
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "invoked.timestamp")
        .filter(|entry| is_own(fs::parent(entry.path())))
        .filter_map(|entry| {
            // `output` has the time of the start.
            let end = modified(&entry.path().with_file_name("stderr"))?;
            Some((modified(entry.path())?, end))
        })
        .collect()
}

/// Where the service's intermediate files lie.
fn intermediate(build_dir: &Path) -> PathBuf {
    let host = Claim::read(build_dir).and_then(|claim| claim.guest_of);
    host.map_or_else(|| build_dir.to_owned(), |host| fs::parent(build_dir).join(host))
}

/// The packages of the lockfile that come from nowhere else.
fn own_packages(options: &Options) -> Vec<String> {
    let lockfile = lockfile::nearest(options.source, options.checkout);
    let text = lockfile.and_then(|file| fs::read_to_string(&file).ok()).unwrap_or_default();
    let table: Table = text.parse().unwrap_or_default();
    let packages = table.get("package").and_then(Value::as_array).into_iter().flatten();
    let own = packages.filter(|package| package.get("source").is_none());
    own.filter_map(|package| Some(package.get("name")?.as_str()?.to_owned())).collect()
}
