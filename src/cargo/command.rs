//! cargo's command line and environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use toml::Value;

use super::capabilities::Capabilities;
use super::select::Selection;
use super::settings::Settings;
use super::share::Place;
use super::{Options, Profile, wrapper};
use crate::sys::environment;
use crate::sys::process::Cmd;

/// Variables that a cargo around hero (`cargo run`, `cargo test`) has set for
/// hero, not for what hero starts.
const OUTER: &[&str] = &["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
/// The same, by how they begin.
const OUTER_PREFIXES: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CFG_", "CARGO_FEATURE_"];

/// The environment of every command of a service.
#[derive(Debug)]
pub(super) struct Environment<'a> {
    removed: Vec<OsString>,
    set: &'a BTreeMap<String, String>,
}

impl<'a> Environment<'a> {
    /// hero's own environment without what an outer cargo left, and with what
    /// the description of the service sets.
    pub(super) fn new(set: &'a BTreeMap<String, String>) -> Self {
        let mut removed = leftovers(std::env::vars_os());
        removed.extend(environment::hidden(false));
        Self { removed, set }
    }

    /// A program in a folder.
    pub(super) fn command(&self, program: &str, cwd: &Path) -> Cmd {
        let cmd = self.removed.iter().fold(Cmd::new(program).cwd(cwd), Cmd::env_remove);
        self.set.iter().fold(cmd, |cmd, (name, value)| cmd.env(name, value))
    }

    /// cargo in a folder, with binaries in the service's build directory and all
    /// else in `intermediate`, mostly the same: a shared one that the user has
    /// configured could deliver another service's binary.
    pub(super) fn cargo(&self, cwd: &Path, build_dir: &Path, intermediate: &Path) -> Cmd {
        self.command("cargo", cwd)
            .env("CARGO_TARGET_DIR", absolute(build_dir))
            .env("CARGO_BUILD_BUILD_DIR", absolute(intermediate))
    }

    /// The value that a command sees.
    pub(super) fn get(&self, name: &str) -> Option<OsString> {
        match self.set.get(name) {
            Some(value) => Some(value.into()),
            None if self.removed.iter().any(|removed| removed == name) => None,
            None => std::env::var_os(name),
        }
    }

    /// The names of all variables that a command sees.
    pub(super) fn names(&self) -> impl Iterator<Item = OsString> {
        let inherited = std::env::vars_os().map(|(name, _value)| name);
        inherited.filter(|name| !self.removed.contains(name)).chain(self.set.keys().map(Into::into))
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Which of these variables an outer cargo has left. `CARGO` alone says nothing: users
/// set it too.
fn leftovers(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    let variables: Vec<(OsString, OsString)> = variables.collect();
    let get = |wanted: &str| {
        let found = variables.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.to_string_lossy())
    };
    let depth = get("RUST_RECURSION_COUNT");
    let nested = get("CARGO").is_some() && (depth.is_some() || get("CARGO_MANIFEST_DIR").is_some());
    // The toolchain that rustup chose for the outer cargo would win over the one that
    // the service's own folder asks for. One that the user has exported is for all, but
    // for a cargo in a cargo each looks like that.
    let exported = get("RUSTUP_TOOLCHAIN_SOURCE").is_some_and(|source| source == "env")
        && depth.as_deref() == Some("1");
    let left = |name: &OsStr| {
        let text = name.to_string_lossy();
        OUTER.contains(&text.as_ref())
            || OUTER_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
            || (text.starts_with("RUSTUP_TOOLCHAIN") && !(exported && text == "RUSTUP_TOOLCHAIN"))
    };
    let names = variables.iter().map(|(name, _)| name).filter(|name| nested && left(name));
    names.cloned().collect()
}

/// What decides how `cargo build` is called, beside the request itself.
pub(super) struct Circumstances<'a> {
    pub(super) environment: &'a Environment<'a>,
    pub(super) settings: &'a Settings,
    pub(super) cargo: Capabilities,
    pub(super) target: Option<String>,
    pub(super) locked: bool,
}

impl Circumstances<'_> {
    /// The settings of cargo that hero makes for a build.
    fn settings(&self, options: &Options) -> Vec<(&'static str, Value)> {
        // Totals are in the progress bar only, which needs the first two.
        let mut settings: Vec<(&str, Value)> = vec![
            ("term.progress.when", "always".into()),
            ("term.progress.width", 100.into()),
            ("term.progress.term-integration", false.into()),
            ("term.quiet", false.into()),
            ("term.color", if options.color { "always" } else { "never" }.into()),
        ];
        let debug = options.profile == Profile::Debug && !options.full_debuginfo;
        if debug && !self.settings.sets_dev_debug() {
            settings.push(("profile.dev.debug", self.cargo.line_tables().into()));
        }
        if self.settings.lacks_fast(&options.profile) {
            settings.extend(Profile::fast());
        }
        settings
    }

    /// `cargo` with its folders and settings. A wrapper such as sccache counts every
    /// variable that begins with `CARGO_` in the key of what it keeps, so that nothing of
    /// one service would be found for another: then they are arguments.
    fn cargo(&self, options: &Options, place: &Place) -> Cmd {
        let cmd = self.environment.cargo(options.source, options.build_dir, &place.dir);
        let wrapped = wrapper::chosen(self.settings, self.environment, options.source).is_some();
        let by_argument = wrapped && self.cargo.has_config_arguments();
        let folders = (absolute(options.build_dir), absolute(&place.dir));
        let mut cmd = match (by_argument, folders.1.to_str()) {
            (true, Some(intermediate)) => {
                let build_dir = wrapper::argument("build.build-dir", &intermediate.into());
                cmd.env_remove("CARGO_TARGET_DIR")
                    .env_remove("CARGO_BUILD_BUILD_DIR")
                    .arg("build")
                    .arg("--target-dir")
                    .arg(folders.0)
                    .args(["--config", &build_dir])
            }
            _ => cmd.arg("build"),
        };
        for (key, value) in self.settings(options) {
            cmd = if by_argument {
                cmd.args(["--config", &wrapper::argument(key, &value)])
            } else {
                cmd.env(variable(key), text(&value))
            };
        }
        cmd
    }
}

/// `cargo build` for what was selected.
pub(super) fn build(
    options: &Options,
    selection: &Selection,
    circumstances: &Circumstances,
    place: &Place,
) -> Cmd {
    let format = if options.color { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut cmd = circumstances
        .cargo(options, place)
        .args(["--profile", options.profile.cargo_name()])
        .args(["--message-format", format]);
    if let Some(target) = &circumstances.target {
        cmd = cmd.args(["--target", target]);
    }
    if let Some(compiler) = &place.compiler {
        cmd = cmd.env("RUSTC_WORKSPACE_WRAPPER", compiler);
    }
    if let Some(wrapper) = &place.wrapper {
        cmd = cmd.env("RUSTC_WRAPPER", wrapper);
    }
    for package in selection.packages() {
        cmd = cmd.args(["--package", &package.name]);
    }
    if options.bins.is_empty() {
        cmd = cmd.arg("--bins");
    }
    for bin in selection.named(options) {
        cmd = cmd.args(["--bin", bin]);
    }
    let features = options.feature_list().into_iter().collect::<Vec<_>>().join(",");
    if !features.is_empty() {
        cmd = cmd.args(["--features", &features]);
    }
    for (on, flag) in [
        (options.all_features, "--all-features"),
        (options.no_default_features, "--no-default-features"),
        (circumstances.locked, "--locked"),
        (options.offline, "--offline"),
    ] {
        if on {
            cmd = cmd.arg(flag);
        }
    }
    match (options.jobs, &options.slots) {
        (Some(jobs), _) => cmd = cmd.args(["--jobs", &jobs.to_string()]),
        (None, Some(slots)) => cmd = cmd.jobs(slots),
        (None, None) => {}
    }
    match options.nice {
        Some(nice) => cmd.nice(nice),
        None => cmd,
    }
}

/// `cargo clean` for packages of a build.
pub(super) fn clean(
    options: &Options,
    packages: &BTreeSet<String>,
    circumstances: &Circumstances,
    place: &Place,
) -> Cmd {
    let environment = circumstances.environment;
    let mut cmd = environment.cargo(options.source, options.build_dir, &place.dir);
    for (key, value) in circumstances.settings(options) {
        cmd = cmd.env(variable(key), text(&value));
    }
    cmd = cmd.args(["clean", "--profile", options.profile.cargo_name()]);
    if let Some(target) = &circumstances.target {
        cmd = cmd.args(["--target", target]);
    }
    packages.iter().fold(cmd, |cmd, package| cmd.args(["--package", package]))
}

/// The environment variable of a setting of cargo.
fn variable(key: &str) -> String {
    format!("CARGO_{}", key.to_uppercase().replace(['.', '-'], "_"))
}

/// The value of a setting as a variable has it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these are an outer cargo's: names, or `NAME=value`.
    fn left(variables: &[&str]) -> Vec<OsString> {
        let pairs = variables.iter().map(|text| text.split_once('=').unwrap_or((text, "x")));
        leftovers(pairs.map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn what_an_outer_cargo_set_is_removed_and_the_users_own_stays() {
        let names = ["HOME", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTFLAGS", "RUSTUP_HOME"];
        assert!(left(&names).is_empty());
        assert!(left(&["RUSTUP_TOOLCHAIN", "CARGO_HOME"]).is_empty());
        let outer = ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN"];
        assert_eq!(left(&[&names[..], &outer[..]].concat()), outer);
    }

    #[test]
    fn a_toolchain_that_the_user_has_exported_stays() {
        // A makefile's variable, and `rustup run`.
        assert!(left(&["CARGO=cargo", "RUSTUP_TOOLCHAIN=nightly"]).is_empty());
        assert!(left(&["RUST_RECURSION_COUNT=1", "RUSTUP_TOOLCHAIN=nightly"]).is_empty());
        // A subcommand of cargo's, such as `cargo xtask`, has no manifest.
        let subcommand = |source: &str, depth: &str| {
            let source = format!("RUSTUP_TOOLCHAIN_SOURCE={source}");
            let depth = format!("RUST_RECURSION_COUNT={depth}");
            left(&["CARGO=/c", "RUSTUP_TOOLCHAIN=nightly", &source, &depth])
        };
        let all = ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_TOOLCHAIN_SOURCE"];
        assert_eq!(subcommand("default", "1"), all);
        assert_eq!(subcommand("cli", "1"), all);
        assert_eq!(subcommand("env", "1"), ["CARGO", "RUSTUP_TOOLCHAIN_SOURCE"]);
        // The inner of two takes what rustup told it for the user's word.
        assert_eq!(subcommand("env", "2"), all);
    }
}
