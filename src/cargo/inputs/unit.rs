//! What cargo built, one compilation or run of a build script at a time, and where the
//! notes lie on what it read.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cargo_metadata::{Artifact, BuildScript};

use super::dep_info::Read;
use crate::sys::fs;

/// A compilation, or a run of a build script, that cargo reported.
#[derive(Debug, Clone)]
pub(in crate::cargo) struct Unit {
    /// cargo's identifier of the package.
    pub(super) package: String,
    /// The package's manifest; empty for a run of a build script.
    pub(super) manifest: PathBuf,
    /// The target's name.
    pub(super) name: String,
    /// Whether cargo found it up to date; `None` where it does not say.
    pub(super) fresh: Option<bool>,
    /// Whether its package lies where people change it, and not where cargo keeps what it
    /// has downloaded.
    pub(super) local: bool,
    files: Files,
}

#[derive(Debug, Clone)]
enum Files {
    /// The binary that cargo has put where it is asked for.
    Program(PathBuf),
    /// Everything else that is compiled.
    Compiled(Vec<PathBuf>),
    /// The folder that a build script writes to.
    Script(PathBuf),
}

impl Unit {
    /// A compilation.
    pub(in crate::cargo) fn compiled(artifact: &Artifact) -> Self {
        let path = |path: &cargo_metadata::camino::Utf8PathBuf| path.clone().into_std_path_buf();
        let files = match &artifact.executable {
            Some(program) if artifact.target.is_bin() => Files::Program(path(program)),
            _ => Files::Compiled(artifact.filenames.iter().map(path).collect()),
        };
        Self {
            package: artifact.package_id.repr.clone(),
            manifest: path(&artifact.manifest_path),
            name: artifact.target.name.clone(),
            fresh: Some(artifact.fresh),
            local: true,
            files,
        }
    }

    /// A run of a build script.
    pub(in crate::cargo) fn script(script: &BuildScript) -> Self {
        Self {
            package: script.package_id.repr.clone(),
            manifest: PathBuf::new(),
            name: "build script".into(),
            fresh: None,
            local: true,
            files: Files::Script(script.out_dir.clone().into_std_path_buf()),
        }
    }

    /// The name of its package.
    pub(super) fn package_name(&self) -> String {
        name_of(&self.package)
    }

    /// Whether cargo looks at its package for changes: not at a vendored one.
    pub(super) fn has_path(&self) -> bool {
        self.package.contains("path+file:")
    }

    /// Whether it is a run of a build script.
    pub(super) fn is_script(&self) -> bool {
        matches!(self.files, Files::Script(_))
    }

    /// The file that rustc or the build script has written on what it read; `None` where
    /// this cargo puts it elsewhere.
    pub(super) fn notes(&self, build_dir: &Path, intermediate: &Path) -> Option<PathBuf> {
        match &self.files {
            Files::Program(program) => of_program(program, build_dir, intermediate),
            Files::Compiled(files) => files.iter().find_map(|file| of_library(file)),
            Files::Script(out_dir) => {
                Some(out_dir.parent()?.join("output")).filter(|path| fs::exists(path))
            }
        }
    }

    /// When a binary that was built now was complete, and how long it was linked before
    /// that: rustc closes its incremental data just before. `None` where it has none.
    pub(in crate::cargo) fn linking(
        &self,
        build_dir: &Path,
        intermediate: &Path,
    ) -> Option<(SystemTime, Duration)> {
        let Files::Program(program) = &self.files else { return None };
        if self.fresh != Some(false) {
            return None;
        }
        let folder = intermediate.join(program.parent()?.strip_prefix(build_dir).ok()?);
        let begin = format!("{}-", self.name.replace('-', "_"));
        let named = |folder: &PathBuf| {
            let name = folder.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(&begin))
        };
        let written = |path: &Path| fs::metadata(path).ok()?.modified().ok();
        let done = written(program)?;
        let data = fs::list(&folder.join("incremental")).ok()?.into_iter().filter(named);
        let closed = data.filter_map(|data| written(&data)).filter(|time| *time <= done).max()?;
        Some((done, done.duration_since(closed).ok()?))
    }

    /// Reads such a file.
    pub(super) fn read(&self, notes: &Path) -> Option<Read> {
        let text = String::from_utf8_lossy(&fs::read(notes).ok()?).into_owned();
        Some(if self.is_script() { Read::from_script(&text) } else { Read::from_rustc(&text) })
    }
}

/// `deps/libname-HASH.rlib` has its notes in `deps/name-HASH.d`, a build script beside
/// itself.
fn of_library(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    let stem = file.file_stem()?.to_str()?;
    let beside = [stem.strip_prefix("lib"), Some(stem)].into_iter().flatten();
    let mut beside = beside.map(|stem| folder.join(format!("{stem}.d")));
    beside.find(|path| fs::exists(path)).or_else(|| {
        let name = file.file_name()?.to_str()?;
        let mut files = fs::list(folder).ok()?.into_iter();
        let is_note = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "d");
        name.starts_with("build-script-").then(|| files.find(is_note)).flatten()
    })
}

/// A program is another name of `deps/name-HASH`, which has its notes beside it.
fn of_program(program: &Path, build_dir: &Path, intermediate: &Path) -> Option<PathBuf> {
    let name = program.file_name()?.to_str()?;
    let below = program.parent()?.strip_prefix(build_dir).ok()?;
    let wanted = fs::metadata(program).ok()?;
    let begin = format!("{}-", name.replace('-', "_"));
    let files = fs::list(&intermediate.join(below).join("deps")).ok()?;
    let same = |file: &&PathBuf| {
        let named = file.file_name().and_then(|name| name.to_str());
        named.is_some_and(|named| named.starts_with(&begin))
            && file.extension().is_none()
            && fs::metadata(file).is_ok_and(|data| is_one_file(&data, &wanted))
    };
    files.iter().find(same).map(|file| file.with_extension("d")).filter(|path| fs::exists(path))
}

/// By number, or, where it had to be copied, by what a copy keeps.
fn is_one_file(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    let number = |data: &std::fs::Metadata| (data.dev(), data.ino());
    number(one) == number(other)
        || (one.len() == other.len() && other.nlink() == 1 && one.mtime() == other.mtime())
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
}
