//! cargo's command line.

use std::collections::BTreeSet;

use toml::Value;

use super::capabilities::Capabilities;
use super::environment::{Environment, absolute};
use super::select::Selection;
use super::settings::Settings;
use super::share::BuildSite;
use super::{Options, Profile, wrapper};
use crate::sys::process::Cmd;

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
    fn cargo(&self, options: &Options, site: &BuildSite) -> Cmd {
        let cmd = self.environment.cargo(options.source, options.build_dir, &site.dir);
        let wrapped = wrapper::chosen(self.settings, self.environment, options.source).is_some();
        let by_argument = wrapped && self.cargo.has_config_arguments();
        let folders = (absolute(options.build_dir), absolute(&site.dir));
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
    site: &BuildSite,
) -> Cmd {
    let format = if options.color { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut cmd = circumstances
        .cargo(options, site)
        .args(["--profile", options.profile.cargo_name()])
        .args(["--message-format", format]);
    if let Some(target) = &circumstances.target {
        cmd = cmd.args(["--target", target]);
    }
    if let Some(compiler) = &site.compiler {
        cmd = cmd.env("RUSTC_WORKSPACE_WRAPPER", compiler);
    }
    if let Some(wrapper) = &site.wrapper {
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
    site: &BuildSite,
) -> Cmd {
    let environment = circumstances.environment;
    let mut cmd = environment.cargo(options.source, options.build_dir, &site.dir);
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
