//! What each error of a build says about itself to a report.

use std::path::Path;

use super::{Error, hints};
use crate::error::{Diagnostic, ErrorKind, nearest};

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoCargo => ErrorKind::ProgramNotFound,
            Self::NoManifest { .. } => ErrorKind::NoManifest,
            Self::BadManifest { .. } => ErrorKind::BadManifest,
            Self::Toolchain { .. } => ErrorKind::Toolchain,
            Self::NoSuchBin { .. } => ErrorKind::NoSuchBin,
            Self::AmbiguousBin { .. } => ErrorKind::AmbiguousBin,
            Self::NoSuchPackage { .. } => ErrorKind::NoSuchPackage,
            Self::NoBins { .. } | Self::NoneEnabled { .. } => ErrorKind::NoBinaries,
            Self::NoSuchFeature { .. } => ErrorKind::NoSuchFeature,
            Self::BadProfile { .. } => ErrorKind::BadProfile,
            Self::NoSuchProfile { .. } => ErrorKind::NoSuchProfile,
            Self::BadTarget { .. } => ErrorKind::BadTarget,
            Self::SeveralTargets { .. } => ErrorKind::SeveralTargets,
            Self::BuildDirTaken { .. } => ErrorKind::BuildDirTaken,
            Self::NotABuildDir { .. } => ErrorKind::NotABuildDir,
            Self::Build { .. } => ErrorKind::BuildFailed,
            Self::NeedsLibrary { .. } => ErrorKind::NeedsLibrary,
            Self::Dependencies { .. } => ErrorKind::Dependencies,
            Self::Process(error) => error.kind(),
            Self::Lock(error) => error.kind(),
            Self::File(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCargo => Some(hints::INSTALL_RUST.into()),
            Self::NoManifest { dirs, .. } => Some(match dirs.first() {
                Some(dir) => format!("set `dir: {dir:?}`, or another folder with a `Cargo.toml`"),
                None => "set `dir:` to the folder with `Cargo.toml`".into(),
            }),
            Self::BadManifest { folder, said } => {
                outer_workspace(folder, said).or_else(|| hints::find(said))
            }
            Self::Toolchain { said, .. }
            | Self::Build { said, .. }
            | Self::Dependencies { said, .. } => hints::find(said),
            Self::NoSuchBin { elsewhere: Some(package), .. } => {
                Some(format!("set `member: {package:?}`"))
            }
            Self::NoSuchBin { bin, has, .. } => did_you_mean(bin, has),
            Self::AmbiguousBin { packages, .. } => {
                packages.first().map(|package| format!("set `member: {package:?}`, or another"))
            }
            Self::NoSuchPackage { package, has } => did_you_mean(package, has),
            Self::NoBins { elsewhere, .. } => {
                elsewhere.first().map(|(bin, _package)| format!("set `bins: [{bin:?}]`, or others"))
            }
            Self::NoneEnabled { .. } => Some("set `features:`, or `all_features: true`".into()),
            Self::NoSuchFeature { feature, has, .. } => {
                // Of `package/feature` the feature is unknown.
                did_you_mean(feature.rsplit('/').next().unwrap_or(feature), has)
            }
            Self::BadProfile { .. } => {
                Some("use `release`, `debug`, or a profile of the manifest".into())
            }
            Self::NoSuchProfile { profile, has } => did_you_mean(profile, has)
                .or_else(|| Some(format!("add `[profile.{profile}]` to the workspace's manifest"))),
            Self::NeedsLibrary { package: Some(package), .. } => Some(format!(
                "let it be linked in: `crate-type = [\"rlib\"]` in the manifest of `{package}`, also beside \"dylib\""
            )),
            Self::NeedsLibrary { package: None, .. } => {
                Some("take `prefer-dynamic` out of the flags for rustc".into())
            }
            Self::BadTarget { .. } => {
                Some("such as `x86_64-unknown-linux-musl`: rustc --print target-list".into())
            }
            Self::SeveralTargets { targets, host } => Some(format!(
                "set `target: {:?}`, or `target: {host:?}` for this machine",
                targets.first().unwrap_or(host)
            )),
            Self::BuildDirTaken { .. } => Some("give each checkout a build directory".into()),
            Self::NotABuildDir { .. } => Some("remove it yourself if it is not needed".into()),
            Self::Process(error) => error.hint(),
            Self::Lock(error) => error.hint(),
            Self::File(error) => error.hint(),
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::NoManifest { dirs, .. } if !dirs.is_empty() => {
                vec![format!("folders with one: {}", dirs.join(", "))]
            }
            Self::BadManifest { said, .. }
            | Self::Toolchain { said, .. }
            | Self::Dependencies { said, .. } => quote_cargo(said),
            Self::NoSuchBin { has, .. } => list("binaries", has),
            Self::AmbiguousBin { packages, .. } => list("packages", packages),
            Self::NoSuchPackage { has, .. } => list("packages", has),
            Self::NoBins { elsewhere, .. } => elsewhere
                .iter()
                .map(|(bin, package)| format!("the package `{package}` has the binary `{bin}`"))
                .collect(),
            Self::NoneEnabled { bins } => list("binaries", bins),
            Self::NoSuchFeature { has, .. } => list("features", has),
            Self::NoSuchProfile { has, .. } => list("profiles", has),
            Self::Build { said, log, .. } => {
                let mut lines = quote_cargo(said);
                lines.push(format!("full log: {}", log.display()));
                lines
            }
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::NoManifest { .. } => Some("dir"),
            Self::NoSuchBin { .. } | Self::NoBins { .. } => Some("bins"),
            Self::AmbiguousBin { .. } | Self::NoSuchPackage { .. } => Some("member"),
            Self::NoSuchFeature { .. } | Self::NoneEnabled { .. } => Some("features"),
            Self::BadProfile { .. } | Self::NoSuchProfile { .. } => Some("profile"),
            Self::BadTarget { .. } | Self::SeveralTargets { .. } => Some("target"),
            Self::BuildDirTaken { .. } | Self::NotABuildDir { .. } => Some("build_dir"),
            _ => None,
        }
    }
}

/// A way out of a workspace above the folder of checkouts.
fn outer_workspace(folder: &Path, said: &[String]) -> Option<String> {
    said.iter().find(|line| line.contains("believes it's in a workspace when it's not"))?;
    let data = folder.ancestors().find(|folder| folder.ends_with("src"))?.parent()?;
    let quote = |path: &str| {
        let path = data.join(path);
        shell_words::quote(&path.to_string_lossy()).into_owned()
    };
    Some(format!(
        "move the checkouts to where cargo sees no other project's workspace: mkdir -p {} && mv {} {}",
        quote("target"),
        quote("src"),
        quote("target/package")
    ))
}

fn did_you_mean(word: &str, has: &[String]) -> Option<String> {
    nearest(word, has.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
}

fn list(what: &str, names: &[String]) -> Vec<String> {
    if names.is_empty() { Vec::new() } else { vec![format!("{what}: {}", names.join(", "))] }
}

/// At most ten lines: how it began and how it ended, which tells most.
fn quote_cargo(said: &[String]) -> Vec<String> {
    let quote = |line: &String| match line.strip_prefix("error: ") {
        Some(text) => format!("cargo said: {text}"),
        None => format!("  {line}"),
    };
    if said.len() <= 10 {
        return said.iter().map(quote).collect();
    }
    let mut lines: Vec<String> = said[..3].iter().map(quote).collect();
    lines.push("  …".into());
    lines.extend(said[said.len() - 6..].iter().map(quote));
    lines
}
