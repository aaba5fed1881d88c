//! What a workspace holds, as `cargo metadata` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::artifact::Binary;
use super::capabilities::Capabilities;
use super::environment::Environment;
use super::{Error, manifest, said::Said};
use crate::sys::cancel::Cancel;
use crate::sys::fs;

/// Folders of a workspace whose packages are not meant for users.
const HELPERS: [&str; 6] = ["benches", "examples", "fuzz", "tests", "xtask", "xtasks"];

/// A workspace, or a package that is one by itself.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The folder with the workspace's manifest and `Cargo.lock`.
    pub(super) root: PathBuf,
    /// Whether cargo runs in that folder, not in one below it.
    pub(super) at_root: bool,
    /// What this cargo can do.
    pub(super) cargo: Capabilities,
    /// Its packages.
    pub(super) members: Vec<Member>,
    /// The sources of dependencies in git repositories, as the manifests name them.
    pub(super) git_sources: BTreeSet<String>,
}

/// A package of a workspace.
#[derive(Debug)]
pub(super) struct Member {
    /// cargo's own name for it in its messages.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its folder.
    pub(super) dir: PathBuf,
    /// Its binaries.
    pub(super) bins: Vec<String>,
    /// Its features, with those that optional dependencies bring.
    pub(super) features: Vec<String>,
    /// The names of its dependencies, as its manifest calls them.
    pub(super) dependencies: Vec<String>,
    /// Whether it is built here by default: what `cargo build` builds, except helpers such
    /// as `xtask` in a workspace without `default-members`.
    pub(super) default: bool,
}

/// The binaries that a build in `source` makes when it is not told which, as
/// [`Member::default`] says; of the whole workspace where that would be none. Runs `cargo metadata` with the
/// variables of the build.
///
/// # Errors
/// When there is no manifest, or cargo cannot read it.
pub(crate) fn binaries(
    source: &Path,
    env: &BTreeMap<String, String>,
    cancel: &Cancel,
) -> Result<Vec<Binary>, Error> {
    let workspace = Workspace::load(source, &Environment::new(env), cancel)?;
    let list = |all: bool| {
        let members = workspace.members.iter().filter(|member| all || member.default);
        let binaries = members.flat_map(|member| {
            member.bins.iter().map(|name| Binary {
                name: name.clone(),
                package: member.name.clone(),
                manifest_dir: member.dir.clone(),
            })
        });
        binaries.collect::<Vec<_>>()
    };
    let default = list(false);
    Ok(if default.is_empty() { list(true) } else { default })
}

impl Workspace {
    /// Asks cargo, in `source`.
    ///
    /// # Errors
    /// When there is no manifest, or cargo cannot read it.
    pub(super) fn load(
        source: &Path,
        environment: &Environment,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        // cargo would take the next manifest above, which is another project's.
        if !fs::exists(&source.join("Cargo.toml")) {
            return Err(Error::NoManifest {
                folder: source.to_owned(),
                dirs: with_manifest(source),
            });
        }
        let args = ["metadata", "--no-deps", "--format-version", "1"];
        let output = environment.command("cargo", source).args(args).output(cancel)?;
        if !output.status.success() {
            return Err(refused(source, output.status.code, &output.stderr));
        }
        let metadata: cargo_metadata::Metadata =
            serde_json::from_slice(&output.stdout).map_err(|error| Error::BadManifest {
                folder: source.to_owned(),
                said: vec![format!("cargo metadata cannot be read: {error}")],
            })?;
        Ok(Self::new(source, metadata))
    }

    fn new(source: &Path, metadata: cargo_metadata::Metadata) -> Self {
        let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let at_root = source == root;
        let packages = metadata.workspace_packages();
        let here: Vec<bool> = packages
            .iter()
            .map(|package| package.manifest_path.parent().is_some_and(|dir| dir == source))
            .collect();
        // A cargo older than 1.71 does not say; then it is the package of the
        // folder, or all of them where the folder has none.
        let defaults = &metadata.workspace_default_members;
        let cargo = Capabilities::new(&metadata);
        let is_default = |index: usize| {
            if defaults.is_available() {
                defaults.contains(&packages[index].id)
            } else {
                here[index] || !here.contains(&true)
            }
        };
        let mut members: Vec<Member> = packages
            .iter()
            .enumerate()
            .map(|(index, package)| Member::new(package, is_default(index)))
            .collect();
        if at_root && !here.contains(&true) && !manifest::has_default_members(&root) {
            leave_helpers_out(&root, &mut members);
        }
        let dependencies = packages.iter().flat_map(|package| &package.dependencies);
        let git_sources = dependencies
            .filter_map(|dependency| dependency.source.as_ref().map(ToString::to_string))
            .filter(|source| source.starts_with("git+"))
            .collect();
        Self { root, at_root, cargo, members, git_sources }
    }
}

impl Member {
    fn new(package: &cargo_metadata::Package, default: bool) -> Self {
        let bins = package.targets.iter().filter(|target| target.is_bin());
        let dependencies = package.dependencies.iter();
        let dir = package.manifest_path.parent().unwrap_or(&package.manifest_path);
        Self {
            id: package.id.repr.clone(),
            name: package.name.to_string(),
            version: package.version.to_string(),
            dir: dir.to_owned().into_std_path_buf(),
            bins: bins.map(|target| target.name.clone()).collect(),
            features: package.features.keys().cloned().collect(),
            dependencies: dependencies
                .map(|dependency| dependency.rename.as_ref().unwrap_or(&dependency.name).clone())
                .collect(),
            default,
        }
    }
}

/// In a workspace without `default-members`, leaves out the packages that only help to
/// develop the others, unless there are no others.
fn leave_helpers_out(root: &Path, members: &mut [Member]) {
    let helps = |member: &Member| {
        let below = member.dir.strip_prefix(root).unwrap_or(&member.dir);
        member.name == "xtask"
            || below.iter().any(|part| HELPERS.iter().any(|helper| part == *helper))
    };
    if members.iter().any(|member| !member.bins.is_empty() && !helps(member)) {
        for member in members.iter_mut().filter(|member| helps(member)) {
            member.default = false;
        }
    }
}

/// What `cargo metadata` would not do: cargo exits with 101 where a manifest is
/// at fault; anything else means that no cargo ran.
fn refused(source: &Path, code: Option<i32>, stderr: &[u8]) -> Error {
    let mut said = Said::default();
    String::from_utf8_lossy(stderr).lines().for_each(|line| said.line(line));
    let (folder, said) = (source.to_owned(), said.finish(true));
    if code == Some(101) {
        Error::BadManifest { folder, said }
    } else {
        Error::Toolchain { folder, said }
    }
}

/// Folders at most two below this one that have a manifest.
fn with_manifest(source: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(source).max_depth(3).sort_by_file_name().into_iter();
    let hidden = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0 && (name.starts_with('.') || name == "target")
    };
    walk.filter_entry(|entry| !hidden(entry))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "Cargo.toml")
        .filter_map(|entry| {
            let folder = entry.path().parent()?.strip_prefix(source).ok()?;
            Some(folder.display().to_string())
        })
        .collect()
}
