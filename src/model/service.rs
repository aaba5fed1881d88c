//! A service, as its script describes it.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{Hook, Revision, StartSpec};
use crate::cargo::Profile;
use crate::error::Fault;
use crate::git::{Reference, RemoteUrl, Submodules};
use crate::sys::name::Name;

/// The keys of a description, `start` and hooks aside: what is not checked yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Description {
    name: Option<String>,
    about: Option<String>,
    repo: String,
    branch: Option<String>,
    tag: Option<String>,
    commit: Option<String>,
    #[serde(rename = "ref")]
    full_ref: Option<String>,
    dir: Option<String>,
    submodules: Wanted,
    member: Option<String>,
    bins: Vec<String>,
    features: Vec<String>,
    all_features: bool,
    no_default_features: bool,
    locked: Option<bool>,
    profile: Option<String>,
    target: Option<String>,
    share: Option<bool>,
    env: BTreeMap<String, String>,
    flags: Vec<serde_json::Value>,
    check: Vec<String>,
    after: Vec<String>,
}

/// `submodules`: `true`, `false`, or the paths of those wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected true, false or an array of paths")]
pub(crate) enum Wanted {
    /// All or none.
    All(bool),
    /// Those at these paths.
    Only(Vec<String>),
    /// Not said: none.
    Unset(()),
}

impl Default for Wanted {
    fn default() -> Self {
        Self::All(false)
    }
}

impl From<Wanted> for Submodules {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::All(true) => Self::All,
            Wanted::All(false) | Wanted::Unset(()) => Self::None,
            Wanted::Only(paths) => Self::Only(paths),
        }
    }
}

/// What one script describes: a repository, or a folder of it, that yields binaries. Checked
/// when it was made.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// Its name: the checkout, the build directory and the generations are called so.
    pub(crate) name: Name,
    /// Where its repository is.
    pub(crate) repo: RemoteUrl,
    /// Which revision of it.
    pub(crate) reference: Reference,
    /// How to compile where the command line does not say.
    pub(crate) profile: Option<Profile>,
    /// The names of its binaries; empty for every binary of the package.
    pub(crate) bins: Vec<Name>,
    /// What is started.
    pub(crate) start: Vec<StartSpec>,
    /// The script that describes it.
    pub(crate) script: Option<String>,
    given: Description,
}

impl Service {
    /// Checks a description.
    ///
    /// # Errors
    /// A missing key, a name, address or folder that is not safe to use, a process that
    /// cannot be started as it is described.
    pub(crate) fn new(
        mut given: Description,
        start: Vec<StartSpec>,
        script: Option<String>,
    ) -> Result<Self, Fault> {
        if given.repo.is_empty() {
            let message = "the description of a service needs a `repo`";
            return Err(Fault::script("missing_option", message)
                .hint("repo: \"https://github.com/owner/name\""));
        }
        let of = |key: &'static str| move |fault: Fault| fault.option(key);
        let repo = RemoteUrl::parse(&given.repo).map_err(Fault::from).map_err(of("repo"))?;
        let name = given.name.get_or_insert_with(|| repo.name());
        let name = Name::new("service", name).map_err(Fault::from).map_err(of("name"))?;
        let bins = given.bins.iter().map(|bin| Name::new("binary", bin));
        let bins = bins.collect::<Result<_, _>>().map_err(Fault::from).map_err(of("bins"))?;
        let reference = given.revision().reference()?;
        given.dir.as_deref().map_or(Ok(()), check_folder)?;
        let profile = given.profile.as_deref().map(Profile::parse).transpose();
        let profile = profile.map_err(Fault::from).map_err(of("profile"))?;
        let start = StartSpec::checked(start)?;
        Ok(Self { name, repo, reference, profile, bins, start, script, given })
    }

    /// The same service with what its script says about it in the first line of its comment,
    /// where the description has no `about`.
    #[must_use]
    pub(crate) fn or_about(mut self, about: Option<&str>) -> Self {
        self.given.about = self.given.about.or(about.map(str::to_owned));
        self
    }

    /// Which submodules are fetched.
    pub(crate) fn submodules(&self) -> Submodules {
        self.given.submodules.clone().into()
    }

    /// The folder in the checkout that has the manifest.
    pub(crate) fn dir(&self) -> Option<&str> {
        self.given.dir.as_deref()
    }

    /// The package of the workspace.
    pub(crate) fn member(&self) -> Option<&str> {
        self.given.member.as_deref()
    }

    /// A command that exits with 0 when what is installed works.
    pub(crate) fn check(&self) -> &[String] {
        &self.given.check
    }

    /// Services that are started before it.
    pub(crate) fn after(&self) -> &[String] {
        &self.given.after
    }

    /// Every service that it waits for, those of its processes included.
    pub(crate) fn waits_for(&self) -> Vec<String> {
        let own = self.start.iter().flat_map(|start| &start.after);
        self.given.after.iter().chain(own).cloned().collect()
    }

    /// Variables for cargo, the compilers and build scripts.
    pub(crate) fn env(&self) -> &BTreeMap<String, String> {
        &self.given.env
    }

    /// How it is compiled, as far as the description says.
    pub(crate) fn build(&self) -> BuildKeys<'_> {
        BuildKeys {
            features: &self.given.features,
            all_features: self.given.all_features,
            no_default_features: self.given.no_default_features,
            locked: self.given.locked,
            target: self.given.target.as_deref(),
            share: self.given.share,
        }
    }

    /// Every key of the description with its value, as scripts see them.
    ///
    /// # Errors
    /// Never for what a script can describe.
    pub(crate) fn view(&self) -> serde_json::Result<serde_json::Value> {
        let mut view = serde_json::to_value(&self.given)?;
        view["start"] = serde_json::to_value(&self.start)?;
        view["script"] = serde_json::to_value(&self.script)?;
        Ok(view)
    }

    /// The keys that a description may have, hooks included, beside `known`: those that serde
    /// lists.
    pub(crate) fn keys(known: &[String]) -> Vec<&str> {
        let hooks = Hook::ALL.iter().map(|hook| hook.name());
        known.iter().map(String::as_str).chain(hooks).chain(["start"]).collect()
    }
}

/// The keys of a description that only concern the build.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuildKeys<'a> {
    /// Features, also as `package/feature`.
    pub(crate) features: &'a [String],
    /// All features of the packages.
    pub(crate) all_features: bool,
    /// Without the feature `default`.
    pub(crate) no_default_features: bool,
    /// Whether `Cargo.lock` must be used as it is.
    pub(crate) locked: Option<bool>,
    /// The target triple.
    pub(crate) target: Option<&'a str>,
    /// Whether it may be built in the build directory of another service.
    pub(crate) share: Option<bool>,
}

impl Description {
    fn revision(&self) -> Revision {
        Revision {
            branch: self.branch.clone(),
            tag: self.tag.clone(),
            commit: self.commit.clone(),
            full_ref: self.full_ref.clone(),
        }
    }
}

/// Checks a folder inside a repository: relative and without `..`.
///
/// # Errors
/// When it could lead outside.
pub(crate) fn check_folder(dir: &str) -> Result<(), Fault> {
    let mut parts = Path::new(dir).components();
    let inside = parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside && !dir.is_empty() && !dir.contains(char::is_control) {
        return Ok(());
    }
    let message = format!("`{}` is not a folder inside the repository", dir.escape_debug());
    Err(Fault::script("wrong_option", message)
        .option("dir")
        .hint("a relative path without `..`, such as `crates/server`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(json: serde_json::Value) -> Result<Service, Fault> {
        Service::new(serde_json::from_value(json).unwrap(), Vec::new(), None)
    }

    #[test]
    fn a_repository_is_enough() {
        let service = described(serde_json::json!({ "repo": "https://example.com/a/shop.git" }));
        let service = service.unwrap();
        assert_eq!(service.name.as_str(), "shop");
        assert_eq!(service.reference, Reference::Default);
        let view = service.view().unwrap();
        assert_eq!(view["name"], "shop");
        assert_eq!(view["bins"], serde_json::json!([]));
        assert!(view["tag"].is_null());
    }

    #[test]
    fn what_is_not_safe_is_refused_with_its_key() {
        let repo = "https://example.com/a/b";
        for (key, value) in [
            ("repo", serde_json::json!("")),
            ("repo", "-u".into()),
            ("name", "../x".into()),
            ("bins", serde_json::json!(["a/b"])),
            ("dir", "../up".into()),
            ("dir", "/etc".into()),
            ("profile", "-p".into()),
            ("branch", "a b".into()),
        ] {
            let mut json = serde_json::json!({ "repo": repo });
            json[key] = value.clone();
            let fault = described(json).unwrap_err();
            let named = fault.option.as_deref().unwrap_or("repo");
            assert_eq!(named, key, "{value}: {}", fault.message);
        }
    }

    #[test]
    fn one_revision_at_most() {
        let both = serde_json::json!({ "repo": "/a/b", "tag": "1", "branch": "c" });
        assert_eq!(described(both).unwrap_err().option.as_deref(), Some("tag"));
    }
}
