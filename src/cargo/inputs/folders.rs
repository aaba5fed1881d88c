//! The folders of a build, and which files of a unit lie where changes count.

use std::path::{Path, PathBuf};

use super::dep_info::Read;
use super::tracked::{Tracked, tidy};
use super::unit::Unit;
use crate::sys::fs;

/// A package with more files is not compared as a whole.
const MOST_FILES: usize = 5_000;

/// Where a service is built.
pub(in crate::cargo) struct Folders<'a> {
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

impl Folders<'_> {
    /// The files that a unit read and that may change, by full paths.
    pub(super) fn files(&self, unit: &Unit, read: &Read, package: &Path) -> Vec<PathBuf> {
        let base = if !unit.is_script() && unit.has_path() && package.starts_with(self.root) {
            // rustc runs in the folder of the workspace for its members.
            self.root
        } else {
            package
        };
        let mut files: Vec<PathBuf> = read.files.iter().map(|file| tidy(base.join(file))).collect();
        if read.whole_package && unit.local {
            let tracked = self.tracked.package(package);
            files.extend(if tracked.len() > MOST_FILES { Vec::new() } else { tracked });
        }
        let made = |file: &Path| {
            [self.build_dir, self.intermediate].iter().any(|folder| file.starts_with(folder))
        };
        // Other people's crates do not change.
        let fixed =
            |file: &Path| !unit.local && (file.starts_with(package) || self.is_downloaded(file));
        files.retain(|file| !made(file) && !fixed(file));
        files
    }

    /// Whether cargo keeps a file as it has downloaded it.
    pub(super) fn is_downloaded(&self, file: &Path) -> bool {
        let kept = |home: &PathBuf| {
            ["registry", "git"].iter().any(|folder| file.starts_with(home.join(folder)))
        };
        self.cargo_home.as_ref().is_some_and(kept)
    }

    /// Whether a commit of the checkout determines everything in a package.
    pub(super) fn is_whole(&self, package: &Path) -> bool {
        let manifest = package.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_default();
        let table: toml::Table = text.parse().unwrap_or_default();
        // With `include`, cargo also looks at files that git ignores.
        let includes = table.get("package").is_some_and(|it| it.get("include").is_some());
        !includes && self.tracked.covers(&manifest)
    }

    /// The path for people, below the workspace where it can be.
    pub(super) fn show(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).display().to_string()
    }
}
