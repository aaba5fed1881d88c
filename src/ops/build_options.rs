//! How a service is built, from its description and flags to what cargo is asked.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Context;
use crate::cargo::{self, Profile, Refresh};
use crate::error::Fault;
use crate::git;
use crate::model::{Flags, Service, check_folder};
use crate::sys::name::Name;
use crate::sys::process::Cmd;

/// What is built, and how.
#[derive(Debug, Clone)]
pub(crate) struct BuildOptions {
    /// The service.
    pub(crate) name: Name,
    /// The checkout.
    pub(crate) path: PathBuf,
    /// The folder in it that has the manifest.
    pub(crate) dir: Option<String>,
    /// How to compile.
    pub(crate) profile: Profile,
    /// For which target; `None` for what cargo is configured for.
    pub(crate) target: Option<String>,
    /// The package of the workspace.
    pub(crate) member: Option<String>,
    /// The binaries; all if empty.
    pub(crate) bins: Vec<String>,
    /// Features, also as `package/feature`.
    pub(crate) features: Vec<String>,
    /// All features of the packages.
    pub(crate) all_features: bool,
    /// Without the feature `default`.
    pub(crate) no_default_features: bool,
    /// Whether `Cargo.lock` must be used as it is.
    pub(crate) locked: Option<bool>,
    /// Which dependencies are resolved anew.
    pub(crate) refresh: Refresh,
    /// No network.
    pub(crate) offline: bool,
    /// Parallel jobs of this cargo alone.
    pub(crate) jobs: Option<u32>,
    /// Niceness, 1 to 19.
    pub(crate) nice: Option<i32>,
    /// Variables for cargo, the compilers and build scripts.
    pub(crate) env: BTreeMap<String, String>,
    /// Debug builds with types and variables, not line tables only.
    pub(crate) full_debuginfo: bool,
    /// Whether it may be built in the build directory of another service.
    pub(crate) share: Option<bool>,
    /// Compile the workspace's own packages again.
    pub(crate) rebuild: bool,
}

impl BuildOptions {
    /// How a service is built from its checkout, as the flags say.
    ///
    /// # Errors
    /// A profile whose name cannot be one.
    pub(crate) fn new(service: &Service, flags: &Flags, path: &Path) -> Result<Self, Fault> {
        let keys = service.build();
        Ok(Self {
            name: service.name.clone(),
            path: path.to_owned(),
            dir: service.dir().map(str::to_owned),
            profile: flags.profile(service)?,
            target: flags.target(service),
            member: service.member().map(str::to_owned),
            bins: service.bins.iter().map(ToString::to_string).collect(),
            features: keys.features.to_vec(),
            all_features: keys.all_features,
            no_default_features: keys.no_default_features,
            locked: keys.locked,
            refresh: flags.refresh(),
            offline: false,
            jobs: None,
            nice: None,
            env: service.env().clone(),
            full_debuginfo: flags.full_debuginfo,
            share: keys.share,
            rebuild: flags.rebuild,
        })
    }

    /// The folder with the manifest.
    pub(crate) fn source(&self) -> PathBuf {
        self.dir.as_ref().map_or_else(|| self.path.clone(), |dir| self.path.join(dir))
    }
}

/// Hands the options to `work` as the layer below wants them.
///
/// # Errors
/// Options that contradict themselves, and what `work` says.
pub(super) fn with_options<T>(
    context: &Context,
    options: &BuildOptions,
    work: impl FnOnce(&cargo::Options) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let wrong = |option: &'static str, message: String| {
        Err(Fault::script("wrong_option", message).option(option))
    };
    options.dir.as_deref().map_or(Ok(()), check_folder)?;
    if let Some(nice) = options.nice.filter(|nice| !(1..=19).contains(nice)) {
        return wrong("nice", format!("`nice` is 1 to 19, not {nice}"));
    }
    if options.jobs == Some(0) {
        return wrong("jobs", "`jobs` is at least 1".into());
    }
    let (source, name) = (options.source(), &options.name);
    let share = options.share.or(context.config.build.share).unwrap_or(true);
    let git = Git { context, checkout: &options.path };
    let log = context.dirs.logs.join(format!("{name}-build.log"));
    work(&cargo::Options {
        service: name,
        source: &source,
        checkout: &options.path,
        build_dir: &context.dirs.build_dir(name),
        share: share.then_some(&context.dirs.locks),
        log: &log,
        profile: options.profile.clone(),
        target: options.target.clone(),
        bins: options.bins.clone(),
        package: options.member.clone(),
        features: options.features.clone(),
        all_features: options.all_features,
        no_default_features: options.no_default_features,
        locked: options.locked,
        refresh: options.refresh,
        offline: options.offline,
        jobs: options.jobs,
        slots: context.builds().ok().cloned(),
        nice: options.nice.or(context.config.build.nice),
        git: Some(&git),
        env: options.env.clone(),
        full_debuginfo: options.full_debuginfo,
        color: context.color,
        rebuild: options.rebuild,
        dry_run: context.dry_run(),
    })
}

/// What git tells cargo, with the tokens of the run.
struct Git<'a> {
    context: &'a Context,
    checkout: &'a Path,
}

impl std::fmt::Debug for Git<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Git")
    }
}

impl cargo::Git for Git<'_> {
    fn lend(&self, cmd: Cmd, urls: &[String]) -> Result<(Cmd, Box<dyn Any>), String> {
        let (cmd, lent) = git::lend(cmd, urls, &self.context.credentials, self.checkout)
            .map_err(|error| error.to_string())?;
        Ok((cmd, Box::new(lent)))
    }

    fn tracks(&self, file: &Path) -> Option<bool> {
        git::is_tracked(file)
    }

    fn tracked_files(&self, checkout: &Path) -> Option<BTreeMap<PathBuf, bool>> {
        git::tracked_files(checkout)
    }
}
