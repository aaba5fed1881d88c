//! What can go wrong with a build.

use std::path::PathBuf;

use crate::sys::{fs, lock, process};

/// A build, or a request for one, that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// cargo is not installed, or not on PATH.
    #[error("cannot find `cargo`")]
    NoCargo,
    /// The folder has no `Cargo.toml`.
    #[error("there is no `Cargo.toml` in `{}`", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
        /// Folders below it that have one, relative to it.
        dirs: Vec<String>,
    },
    /// cargo cannot read the manifest.
    #[error("cannot read the workspace in `{}`", folder.display())]
    BadManifest {
        /// The folder.
        folder: PathBuf,
        /// cargo's words.
        said: Vec<String>,
    },
    /// The toolchain that the service asks for does not run.
    #[error("cannot use the Rust toolchain of `{}`", folder.display())]
    Toolchain {
        /// The folder.
        folder: PathBuf,
        /// The words of rustup or the shell.
        said: Vec<String>,
    },
    /// No package has this binary.
    #[error("there is no binary `{}`", bin.escape_debug())]
    NoSuchBin {
        /// The name that was asked for.
        bin: String,
        /// The binaries that exist.
        has: Vec<String>,
        /// A package of the workspace, outside the folder, that has it.
        elsewhere: Option<String>,
    },
    /// Several packages have this binary.
    #[error("the binary `{bin}` is in several packages: {}", quoted(packages))]
    AmbiguousBin {
        /// The name.
        bin: String,
        /// The packages.
        packages: Vec<String>,
    },
    /// The workspace has no such package.
    #[error("there is no package `{}`", package.escape_debug())]
    NoSuchPackage {
        /// The name that was asked for.
        package: String,
        /// The packages that exist.
        has: Vec<String>,
    },
    /// The selected packages are libraries.
    #[error("there is no binary in `{}`: it is a library", folder.display())]
    NoBins {
        /// The folder.
        folder: PathBuf,
        /// Binaries of other packages of the workspace, with their packages.
        elsewhere: Vec<(String, String)>,
    },
    /// Every binary needs a feature that is not switched on.
    #[error("no binary was built: each needs features that are not enabled")]
    NoneEnabled {
        /// The binaries.
        bins: Vec<String>,
    },
    /// No selected package has this feature.
    #[error("there is no feature `{}` in {}", feature.escape_debug(), quoted(packages))]
    NoSuchFeature {
        /// The name that was asked for.
        feature: String,
        /// The packages that were searched.
        packages: Vec<String>,
        /// The features that exist.
        has: Vec<String>,
    },
    /// Not a name that a profile can have.
    #[error("`{}` is not a valid profile name", name.escape_debug())]
    BadProfile {
        /// The name.
        name: String,
    },
    /// Neither the manifest nor the configuration defines the profile.
    #[error("there is no profile `{profile}`")]
    NoSuchProfile {
        /// The name that was asked for.
        profile: String,
        /// The profiles that exist.
        has: Vec<String>,
    },
    /// Not a target that rustc could have.
    #[error("`{}` is not a target", target.escape_debug())]
    BadTarget {
        /// What was asked for.
        target: String,
    },
    /// cargo is configured for several targets, without that of this machine.
    #[error("cargo is configured to build for several targets: {}", quoted(targets))]
    SeveralTargets {
        /// The targets.
        targets: Vec<String>,
        /// This machine's.
        host: String,
    },
    /// The build directory belongs to another checkout.
    #[error(
        "the build directory `{}` belongs to another checkout, `{}`",
        build_dir.display(), checkout.display()
    )]
    BuildDirTaken {
        /// The directory.
        build_dir: PathBuf,
        /// Whose it is.
        checkout: PathBuf,
    },
    /// A folder that hero did not make will not be removed.
    #[error("`{}` is not a build directory of hero", build_dir.display())]
    NotABuildDir {
        /// The folder.
        build_dir: PathBuf,
    },
    /// cargo failed.
    #[error("building `{service}` failed ({status})")]
    Build {
        /// The service.
        service: String,
        /// How cargo ended, such as `cargo exited with 101`.
        status: String,
        /// cargo's own words, without the compiler's diagnostics.
        said: Vec<String>,
        /// The whole log.
        log: PathBuf,
    },
    /// A binary that would not start where it is installed.
    #[error(
        "the binary `{bin}` needs the shared library `{library}`, which is not installed with it"
    )]
    NeedsLibrary {
        /// The binary.
        bin: String,
        /// The file name of the library.
        library: String,
        /// The crate that it comes from or with; `None` for Rust's standard library alone.
        package: Option<String>,
    },
    /// cargo could not fetch dependencies in git repositories.
    #[error("fetching the dependencies of `{service}` failed ({status})")]
    Dependencies {
        /// The service.
        service: String,
        /// How cargo ended.
        status: String,
        /// cargo's and git's words.
        said: Vec<String>,
    },
    /// A command could not be run to its end.
    #[error(transparent)]
    Process(process::Error),
    /// Others build in the directory, and went on for too long.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] fs::Error),
}

impl From<process::Error> for Error {
    fn from(error: process::Error) -> Self {
        match error {
            process::Error::NotFound(program) if program == "cargo" || program == "rustc" => {
                Self::NoCargo
            }
            error => Self::Process(error),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
