//! What a build is asked to do.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Profile;
use crate::sys::jobs::Jobs;
use crate::sys::name::Name;
use crate::sys::process::Cmd;

/// Which dependencies are resolved anew before a build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Refresh {
    /// None: what was resolved once stays.
    #[default]
    Nothing,
    /// Those from git repositories.
    Git,
    /// All.
    All,
}

/// What a build asks of git, which this module does not know.
pub(crate) trait Git: fmt::Debug {
    /// Adds what a command needs to log in at the servers of these addresses. What comes with it is
    /// kept until the command has ended.
    ///
    /// # Errors
    /// The reason, when git cannot be asked for the user's settings.
    fn lend(&self, cmd: Cmd, urls: &[String]) -> Result<(Cmd, Box<dyn Any>), String>;

    /// Returns whether the repository around a file tracks it, or `None` where there is no
    /// repository.
    fn tracks(&self, file: &Path) -> Option<bool>;

    /// Returns the tracked files of a checkout by their paths in it, each with whether git
    /// compares it with its content. Returns `None` where there is no repository.
    fn tracked_files(&self, checkout: &Path) -> Option<BTreeMap<PathBuf, bool>>;
}

/// One build of one service.
#[derive(Debug, Clone)]
pub(crate) struct Options<'a> {
    /// For messages.
    pub(crate) service: &'a Name,
    /// The folder with `Cargo.toml`: the checkout or a folder of it.
    pub(crate) source: &'a Path,
    /// The checkout that owns the build directory.
    pub(crate) checkout: &'a Path,
    /// Kept between builds; used by this checkout only, unless services share.
    pub(crate) build_dir: &'a Path,
    /// Whether intermediate files may lie in the build directory of another service
    /// beside this one's that has most crates in common, or the other way round;
    /// then this is the folder of the locks by which they take turns.
    pub(crate) share: Option<&'a Path>,
    /// The file for everything cargo says; replaced at each build.
    pub(crate) log: &'a Path,
    /// How to compile.
    pub(crate) profile: Profile,
    /// The target triple to compile for; `None` for what cargo is configured to, the
    /// host's where that is nothing or several.
    pub(crate) target: Option<String>,
    /// The wanted binaries; empty for every binary of the package or packages.
    pub(crate) bins: Vec<String>,
    /// The package they are in, where that is not clear.
    pub(crate) package: Option<String>,
    /// Features, also as `package/feature`.
    pub(crate) features: Vec<String>,
    /// All features of the packages.
    pub(crate) all_features: bool,
    /// Without the feature `default`.
    pub(crate) no_default_features: bool,
    /// Whether `Cargo.lock` must be used as it is; `None` for: when one is
    /// committed.
    pub(crate) locked: Option<bool>,
    /// Which dependencies are resolved anew, where no committed lockfile pins them.
    pub(crate) refresh: Refresh,
    /// No network.
    pub(crate) offline: bool,
    /// Parallel jobs of this cargo alone; it shares [`Options::slots`], or has its
    /// own choice, when not set.
    pub(crate) jobs: Option<u32>,
    /// The jobserver that builds side by side share.
    pub(crate) slots: Option<Jobs>,
    /// Niceness of cargo and the compilers.
    pub(crate) nice: Option<i32>,
    /// What git knows of the checkout, and how cargo logs in where dependencies lie in
    /// private repositories. Without it the checkout counts as a folder without git, and
    /// dependencies are not fetched before the build.
    pub(crate) git: Option<&'a dyn Git>,
    /// Variables for cargo, the compilers and build scripts.
    pub(crate) env: BTreeMap<String, String>,
    /// In the debug profile: types and variables too, not only line tables.
    pub(crate) full_debuginfo: bool,
    /// Diagnostics with colour in events; the log never has any.
    pub(crate) color: bool,
    /// Build the workspace's own packages anew, even if cargo takes them for up to date.
    pub(crate) rebuild: bool,
    /// Say what would be built, and build nothing.
    pub(crate) dry_run: bool,
}

#[cfg(test)]
impl<'a> Options<'a> {
    /// A release build of every binary in `source`, for tests.
    pub(crate) fn new(
        service: &'a Name,
        source: &'a Path,
        checkout: &'a Path,
        build_dir: &'a Path,
        log: &'a Path,
    ) -> Self {
        Self {
            service,
            source,
            checkout,
            build_dir,
            share: None,
            log,
            profile: Profile::Release,
            target: None,
            bins: Vec::new(),
            package: None,
            features: Vec::new(),
            all_features: false,
            no_default_features: false,
            locked: None,
            refresh: Refresh::Nothing,
            offline: false,
            jobs: None,
            slots: None,
            nice: None,
            git: None,
            env: BTreeMap::new(),
            full_debuginfo: false,
            color: false,
            rebuild: false,
            dry_run: false,
        }
    }
}

impl Options<'_> {
    /// The features one by one: cargo takes several in one word too.
    pub(super) fn feature_list(&self) -> BTreeSet<&str> {
        let words = self.features.iter().flat_map(|word| word.split([',', ' ']));
        words.filter(|word| !word.is_empty()).collect()
    }

    /// The features in one form that can be compared: sorted, each once, with
    /// `+all` and `-default` for the two switches.
    pub(crate) fn canonical_features(&self) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        if self.all_features {
            list.push("+all".into());
        }
        if self.no_default_features {
            list.push("-default".into());
        }
        list.extend(self.feature_list().into_iter().map(str::to_owned));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_compared_in_one_form() {
        let service = Name::new("service", "a").unwrap();
        let dir = Path::new("/");
        let mut options = Options::new(&service, dir, dir, dir, dir);
        options.features = vec!["tls, b".into(), "a".into(), "tls".into()];
        options.no_default_features = true;
        assert_eq!(options.canonical_features(), ["-default", "a", "b", "tls"]);
    }
}
