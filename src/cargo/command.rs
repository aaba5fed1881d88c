//! cargo's command line and environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::select::Selection;
use super::settings::Settings;
use super::share::Place;
use super::{Options, Profile};
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
        let mut removed = leftovers(std::env::vars_os().map(|(name, _value)| name));
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
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
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

/// Which of these variables an outer cargo has left.
fn leftovers(names: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let names: Vec<OsString> = names.collect();
    // The toolchain that rustup chose for the outer cargo would win over the
    // one that the service's own folder asks for.
    let nested = names.iter().any(|name| name == "CARGO");
    let left = |name: &OsStr| {
        let text = name.to_string_lossy();
        OUTER.contains(&text.as_ref())
            || OUTER_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
            || text.starts_with("RUSTUP_TOOLCHAIN")
    };
    if nested { names.into_iter().filter(|name| left(name)).collect() } else { Vec::new() }
}

/// `cargo build` for what was selected.
pub(super) fn build(
    options: &Options,
    environment: &Environment,
    selection: &Selection,
    settings: &Settings,
    place: &Place,
    locked: bool,
) -> Cmd {
    let format = if options.color { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut cmd = environment
        .cargo(options.source, options.build_dir, &place.dir)
        // Totals are in the progress bar only, which needs both.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .env("CARGO_TERM_PROGRESS_TERM_INTEGRATION", "false")
        .env("CARGO_TERM_QUIET", "false")
        .env("CARGO_TERM_COLOR", if options.color { "always" } else { "never" })
        .args(["build", "--profile", options.profile.cargo_name()])
        .args(["--message-format", format]);
    if options.profile == Profile::Debug && !options.full_debuginfo && !settings.sets_dev_debug() {
        cmd = cmd.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    }
    if let Some(wrapper) = &place.wrapper {
        cmd = cmd.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
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
        (locked, "--locked"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn left(names: &[&str]) -> Vec<OsString> {
        leftovers(names.iter().map(OsString::from))
    }

    #[test]
    fn what_an_outer_cargo_set_is_removed_and_the_users_own_stays() {
        let names = ["HOME", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTFLAGS", "RUSTUP_HOME"];
        assert!(left(&names).is_empty());
        assert!(left(&["RUSTUP_TOOLCHAIN", "CARGO_HOME"]).is_empty());
        let outer = ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN"];
        assert_eq!(left(&[&names[..], &outer[..]].concat()), outer);
    }
}
