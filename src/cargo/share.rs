//! Services that use most crates in the same versions build in one directory,
//! so that those are compiled once.
//!
//! One of them, the *host*, builds in its own directory as ever. The others are
//! its *guests*: cargo puts their intermediate files into the host's directory
//! and only their binaries into their own. Each guest calls the compiler of its
//! own packages by a name of its own (`RUSTC_WORKSPACE_WRAPPER`), which enters the
//! names of those files; without it cargo takes a package of the same name and
//! version for the same, and may deliver the binary of another service.
//! Builds in one directory take turns.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::claim::Claim;
use super::environment::Environment;
use super::metadata::Workspace;
use super::settings::Settings;
use super::{Error, Options, manifest, wrapper};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::lock::{self, Lock};
use crate::sys::name::Name;

/// Variables with which the user gives the compiler another name.
pub(super) const WRAPPERS: [&str; 2] =
    ["RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER"];
/// The same in a configuration file.
pub(super) const KEYS: [&str; 2] = ["build", "rustc-workspace-wrapper"];
/// The lock for choosing directories.
const CHOICE: &str = "build-directories";
/// Runs the compiler; what matters is its name.
const COMPILER: &str = "#!/bin/sh\n\
    # The compiler, under a name that no other service of this build directory has.\n\
    exec \"$@\"\n";

/// Where a service is built.
#[derive(Debug)]
pub(super) struct BuildSite {
    /// For intermediate files.
    pub(super) dir: PathBuf,
    /// A guest's name for the compiler.
    pub(super) compiler: Option<PathBuf>,
    /// A guest's stand-in for the wrapper of the user's that cargo would start.
    pub(super) wrapper: Option<PathBuf>,
    /// Nobody else builds there while this is held.
    turn: Option<Lock>,
}

impl BuildSite {
    /// The service's own directory.
    pub(super) fn own(options: &Options) -> Self {
        Self { dir: options.build_dir.to_owned(), compiler: None, wrapper: None, turn: None }
    }

    /// Finds the place of a build, takes it, and waits until nobody builds there.
    ///
    /// # Errors
    /// When the service's own directory belongs to another checkout, a file
    /// cannot be written, or the wait is interrupted.
    pub(super) fn take(
        options: &Options,
        checkout: &Path,
        workspace: &Workspace,
        settings: &Settings,
        environment: &Environment,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let Some(locks) = options.share else {
            Claim::new(checkout).take(options.build_dir)?;
            return Ok(Self::own(options));
        };
        let joins = may_join(options, checkout, workspace, settings, environment);
        let lockfile = workspace.root.join("Cargo.lock");
        let host = {
            let _choice = lock::acquire(locks, CHOICE, reporter, cancel)?;
            let host = if joins { choose(options, checkout, &lockfile) } else { None };
            let claim = Claim {
                guest_of: host.clone(),
                lockfile: (joins && host.is_none()).then_some(lockfile),
                ..Claim::new(checkout)
            };
            claim.take(options.build_dir)?;
            host
        };
        let mut site = Self::own(options);
        if let Some(host) = &host {
            site.dir = beside(options, host.as_str());
            let compiler = compiler(options.build_dir)?;
            let wrapper = wrapper::chosen(settings, environment, options.source);
            site.wrapper =
                wrapper.map(|wrapper| wrapper::around(&compiler, &wrapper)).transpose()?;
            site.compiler = Some(compiler);
            let message = format!(
                "`{}` is built in the build directory of `{host}`: most crates are the same",
                options.service
            );
            reporter.report(Event::Log { level: LogLevel::Verbose, message });
        }
        site.turn = lock::try_acquire(locks, &lock_name(&site.dir))?;
        if site.turn.is_none() {
            reporter.report(waits(options, host.as_ref().unwrap_or(options.service)));
            site.turn = Some(turn(locks, &site.dir, reporter, cancel)?);
        }
        Ok(site)
    }
}

/// What a build does meanwhile.
fn waits(options: &Options, host: &Name) -> Event {
    Event::BuildProgress {
        service: options.service.to_string(),
        profile: options.profile.to_string(),
        done: 0,
        total: 0,
        current: format!("waits for its turn in the build directory of `{host}`"),
    }
}

/// Waits until nobody builds in a directory.
///
/// # Errors
/// When the lock cannot be written, or the wait is too long or interrupted.
pub(super) fn turn(
    locks: &Path,
    dir: &Path,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Lock, lock::Error> {
    lock::acquire(locks, &lock_name(dir), reporter, cancel)
}

/// Takes the lock without waiting; `None` while another build holds it.
///
/// # Errors
/// When the lock cannot be written.
pub(super) fn try_turn(locks: &Path, dir: &Path) -> Result<Option<Lock>, lock::Error> {
    lock::try_acquire(locks, &lock_name(dir))
}

fn lock_name(dir: &Path) -> String {
    format!("build-{}", dir.file_name().unwrap_or_default().to_string_lossy())
}

/// Whether the service may be built beside others: its packages are told from
/// theirs by the compiler's name, which cargo counts for members of the
/// workspace only, and everything else must be what its name and version say.
fn may_join(
    options: &Options,
    checkout: &Path,
    workspace: &Workspace,
    settings: &Settings,
    environment: &Environment,
) -> bool {
    let own_wrapper = WRAPPERS.iter().any(|name| environment.get(name).is_some())
        || settings.values(&KEYS).next().is_some();
    let own_crates = settings.values(&["paths"]).next().is_some()
        || settings.values(&["patch"]).any(|(file, _)| !file.ends_with("Cargo.toml"))
        || settings.values(&["source"]).any(|(file, _)| file.starts_with(checkout));
    // Build scripts may read a variable without telling cargo.
    let own_variables = !options.env.is_empty();
    workspace.cargo.has_build_dir()
        && !own_wrapper
        && !own_crates
        && !own_variables
        && names_members_only(workspace)
}

/// Whether every package that the workspace names by path is a member of it.
fn names_members_only(workspace: &Workspace) -> bool {
    let members: Option<BTreeSet<PathBuf>> =
        workspace.members.iter().map(|member| fs::canonicalize(&member.dir).ok()).collect();
    let Some(members) = members else { return false };
    members.iter().chain([&workspace.root]).all(|folder| {
        let named = manifest::packages(folder);
        named.is_some_and(|named| named.iter().all(|package| members.contains(package)))
    })
}

/// The service to be a guest of; `None` for the own directory. What was chosen
/// once stays, so that no warm directory is left.
fn choose(options: &Options, checkout: &Path, lockfile: &Path) -> Option<Name> {
    let claim = Claim::read(options.build_dir).filter(|claim| claim.checkout == checkout);
    if let Some(claim) = claim {
        let host = claim.guest_of?;
        if lockfile_of_host(&beside(options, host.as_str())).is_some() {
            return Some(host);
        }
    }
    let own = crates(lockfile);
    let dirs = fs::list(fs::parent(options.build_dir)).unwrap_or_default();
    let hosts = dirs.iter().filter(|dir| *dir != options.build_dir).filter_map(|dir| {
        let name = Name::new("service", &dir.file_name()?.to_string_lossy()).ok()?;
        let common = crates(&lockfile_of_host(dir)?).intersection(&own).count();
        Some((common, name))
    });
    let (common, host) = hosts.max_by_key(|(common, _)| *common)?;
    // Half: below that, building side by side gains more than sharing does.
    (common > 0 && 2 * common >= own.len()).then_some(host)
}

/// The lockfile of a directory whose owner is there and takes guests.
fn lockfile_of_host(dir: &Path) -> Option<PathBuf> {
    let claim = Claim::read(dir).filter(|claim| fs::exists(&claim.checkout))?;
    claim.lockfile.filter(|_| claim.guest_of.is_none())
}

fn beside(options: &Options, service: &str) -> PathBuf {
    fs::parent(options.build_dir).join(service)
}

/// The crates of a lockfile that are not the repository's own, with their
/// versions; none where it cannot be read.
fn crates(lockfile: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(lockfile).unwrap_or_default();
    let table: Table = text.parse().unwrap_or_default();
    let packages = table.get("package").and_then(Value::as_array);
    let name = |package: &Value| {
        let get = |key: &str| package.get(key).and_then(Value::as_str);
        Some(format!("{} {} {}", get("name")?, get("version")?, get("source")?))
    };
    packages.into_iter().flatten().filter_map(name).collect()
}

/// Makes a guest's name for the compiler.
fn compiler(build_dir: &Path) -> Result<PathBuf, Error> {
    let build_dir = std::path::absolute(build_dir).unwrap_or_else(|_| build_dir.to_owned());
    let path = build_dir.join("compiler");
    wrapper::script(&path, COMPILER)?;
    Ok(path)
}
