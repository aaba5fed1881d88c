//! A project in a folder of its own, and builds of it.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::{Built, Error, Git, Options, build};
use crate::event::{Event, Recorder};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::process::Cmd;

/// A git that tracks only a `Cargo.lock`.
#[derive(Debug)]
pub(super) struct TracksLockfile;

impl Git for TracksLockfile {
    fn lend(&self, _cmd: Cmd, _urls: &[String]) -> Result<(Cmd, Box<dyn Any>), String> {
        Err("nothing is fetched here".to_owned())
    }

    fn tracks(&self, file: &Path) -> Option<bool> {
        Some(file.ends_with("Cargo.lock"))
    }

    fn tracked_files(&self, _checkout: &Path) -> Option<BTreeMap<PathBuf, bool>> {
        Some(BTreeMap::from([("Cargo.lock".into(), true)]))
    }
}

/// A program that says hello.
pub(super) const MAIN: &str = "fn main() { println!(\"hello\"); }\n";

/// A checkout with its build directory and log, removed at the end.
pub(super) struct Project {
    dir: tempfile::TempDir,
    service: Name,
}

impl Project {
    /// A checkout with these files.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = Self { dir, service: Name::new("service", "demo").unwrap() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A package `demo` with the binary `demo`.
    pub(super) fn simple() -> Self {
        Self::new(&[("Cargo.toml", &package("demo", "")), ("src/main.rs", MAIN)])
    }

    /// A workspace whose packages `left` and `right` both have a binary
    /// `server`; `right` also has `tool`.
    pub(super) fn twins() -> Self {
        Self::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"left\", \"right\"]\nresolver = \"3\"\n"),
            ("left/Cargo.toml", &package("left", "[features]\nfast = []\n")),
            ("left/src/bin/server.rs", "fn main() { println!(\"left\"); }\n"),
            ("right/Cargo.toml", &package("right", "")),
            ("right/src/bin/server.rs", "fn main() { println!(\"right\"); }\n"),
            ("right/src/bin/tool.rs", MAIN),
        ])
    }

    pub(super) fn checkout(&self) -> PathBuf {
        self.dir.path().join("checkout")
    }

    pub(super) fn build_dir(&self) -> PathBuf {
        self.dir.path().join("build").join(&self.service)
    }

    pub(super) fn locks(&self) -> PathBuf {
        self.dir.path().join("locks")
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.dir.path().join("logs/demo-build.log")
    }

    pub(super) fn service(&self) -> &Name {
        &self.service
    }

    /// Writes a file of the checkout.
    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(&self.checkout().join(path), text.as_bytes()).unwrap();
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log_file()).unwrap()
    }

    /// Builds in a folder of the checkout, debug unless `change` says otherwise.
    pub(super) fn build_in(
        &self,
        folder: &str,
        change: impl FnOnce(&mut Options),
    ) -> (Result<Built, Error>, Vec<Event>) {
        let (checkout, build_dir, log) = (self.checkout(), self.build_dir(), self.log_file());
        let source = checkout.join(folder);
        let mut options = Options::new(&self.service, &source, &checkout, &build_dir, &log);
        options.profile = super::super::Profile::Debug;
        options.offline = true;
        change(&mut options);
        let reporter = Recorder::default();
        let result = build(&options, &reporter, &Cancel::default());
        (result, reporter.events())
    }

    /// A build that must go well.
    pub(super) fn build(&self, change: impl FnOnce(&mut Options)) -> Built {
        self.build_in("", change).0.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// A build that must not.
    pub(super) fn fail(&self, change: impl FnOnce(&mut Options)) -> Error {
        self.build_in("", change).0.unwrap_err()
    }
}

/// The manifest of a package, with more below it.
pub(super) fn package(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
}

/// What a built binary prints.
pub(super) fn run(program: &Path) -> String {
    let output = Cmd::new(program).output(&Cancel::default()).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The names of what was built.
pub(super) fn names(built: &Built) -> Vec<&str> {
    built.artifacts.iter().map(|artifact| artifact.name.as_str()).collect()
}
