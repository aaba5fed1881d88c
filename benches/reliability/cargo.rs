//! `cargo install` and `cargo uninstall` of a crate without dependencies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::check::{Shown, seen};
use super::prepared::in_memory;
use super::strace::Program;
use super::subject::{Sight, Subject};
use super::support::{World, both, manifest, prints, sha256};
use super::tree;

const OLD: &str = "0.1.0";
const NEW: &str = "0.2.0";

pub struct Cargo {
    world: World,
    arguments: &'static str,
    /// What each version's binaries are.
    versions: Vec<(&'static str, Shown)>,
    /// What lies in the install root when nothing fails.
    clean: BTreeSet<PathBuf>,
}

impl Cargo {
    pub const TOOL: &'static str = "cargo";

    const INSTALL: &'static str = "install --path crate --root root --offline --debug";

    /// A second version over the first.
    pub fn replace(old: &[&str], new: &[&str]) -> Self {
        let mut cargo = Self::installed(old);
        let kept = cargo.kept("first");
        tree::replace(&cargo.root(), &kept);
        cargo.write(NEW, new);
        cargo.arguments = Self::INSTALL;
        cargo.learn(NEW);
        tree::replace(&kept, &cargo.root());
        cargo
    }

    pub fn uninstall(bins: &[&str]) -> Self {
        let mut cargo = Self::installed(bins);
        cargo.arguments = "uninstall svc --root root";
        cargo.clean = [".crates.toml", ".crates2.json", "bin"].map(PathBuf::from).into();
        cargo
    }

    fn installed(bins: &[&str]) -> Self {
        let world = World::below(&in_memory());
        let (versions, clean) = (Vec::new(), BTreeSet::new());
        let mut cargo = Self { world, arguments: Self::INSTALL, versions, clean };
        cargo.write(OLD, bins);
        cargo.learn(OLD);
        cargo
    }

    /// Writes the crate, in place of another version.
    fn write(&self, version: &str, bins: &[&str]) {
        let folder = self.world.work("crate/src/bin");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("the old version goes");
        }
        let manifest = manifest("svc", "").replace(OLD, version);
        self.world.write("crate/Cargo.toml", &manifest);
        for bin in bins {
            let text = prints(&format!("{bin} {version}"));
            self.world.write(&format!("crate/src/bin/{bin}.rs"), &text);
        }
    }

    /// Builds and installs what was written: from here on it need not be built.
    fn learn(&mut self, version: &'static str) {
        let output = self.run();
        assert!(output.status.success(), "{}", both(&output));
        self.versions.push((version, self.shown()));
        self.clean = self.there();
    }

    fn shown(&self) -> Shown {
        seen(&self.root().join("bin"), sha256)
    }

    /// Everything in the install root.
    fn there(&self) -> BTreeSet<PathBuf> {
        let root = self.root();
        let relative = |path: &PathBuf| path.strip_prefix(&root).expect("below").to_owned();
        tree::paths(&root).iter().map(relative).collect()
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.world.root().join(name)
    }

    fn command(&self, arguments: &str) -> Output {
        let mut command = Command::new(toolchain("cargo"));
        command.args(arguments.split_whitespace());
        self.surround(&mut command);
        command.output().expect("cargo starts")
    }

    /// No configuration but ours, and no search for the compiler each time.
    fn surround(&self, command: &mut Command) {
        self.world.environment(command);
        command.current_dir(self.world.work(""));
        command.env("CARGO_HOME", self.world.root().join("cargo-home"));
        command.env("CARGO_TARGET_DIR", self.world.root().join("target"));
        command.env("RUSTC", toolchain("rustc"));
    }

    /// What the tracker says: names and a version.
    fn listed(&self) -> Result<Shown, String> {
        let output = self.command("install --list --root root");
        let said = both(&output);
        if !output.status.success() {
            return Err(said);
        }
        let mut listed = Shown::new();
        let mut version = "";
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some(bin) = line.strip_prefix("    ") {
                let known = self.versions.iter().find(|(name, _)| *name == version);
                let content = known.and_then(|(_, shown)| shown.get(bin).cloned());
                listed.insert(bin.into(), content.unwrap_or_else(|| format!("of {version}")));
            } else {
                let rest = line.strip_prefix("svc v").expect("our crate");
                version = rest.split([' ', ':']).next().expect("a word");
                version = self.versions.iter().map(|it| it.0).find(|it| *it == version).unwrap();
            }
        }
        Ok(listed)
    }
}

impl Program for Cargo {
    fn append(&self, strace: &mut Command) {
        strace.arg(toolchain("cargo")).args(self.arguments.split_whitespace());
        self.surround(strace);
    }

    fn trace(&self) -> PathBuf {
        self.world.root().join("trace")
    }
}

impl Subject for Cargo {
    fn tool(&self) -> &'static str {
        Self::TOOL
    }

    fn root(&self) -> PathBuf {
        self.world.work("root")
    }

    fn keep(&self, name: &str) {
        tree::replace(&self.root(), &self.kept(name));
    }

    fn restore(&self, name: &str) {
        tree::replace(&self.kept(name), &self.root());
    }

    fn run(&self) -> Output {
        self.command(self.arguments)
    }

    fn look(&self) -> Sight {
        Sight { shown: self.shown(), listed: self.listed() }
    }

    fn says_done(&self, said: &str) -> bool {
        said.contains("did not match any packages")
    }

    fn leftovers(&self) -> Vec<String> {
        self.there().difference(&self.clean).map(|path| path.display().to_string()).collect()
    }
}

/// A program of the toolchain itself, not rustup's in its place.
pub fn toolchain(program: &str) -> PathBuf {
    static SYSROOT: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| {
        let output = Command::new("rustc").args(["--print", "sysroot"]).output();
        let text = output.expect("rustc starts").stdout;
        Path::new(String::from_utf8_lossy(&text).trim()).join("bin")
    });
    let path = SYSROOT.join(program);
    if path.exists() { path } else { program.into() }
}
