//! Making what was built the current generation.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Context;
use super::build_options::{BuildOptions, with_options};
use crate::cargo::{self, Inputs, Profile};
use crate::error::Fault;
use crate::git;
use crate::model::{Build, Checkout, Flags, Installed, Service};
use crate::store::{NewGeneration, Policy};
use crate::sys::name::Name;

/// What is installed.
#[derive(Debug)]
pub(crate) struct Install<'a> {
    /// The service.
    pub(crate) name: &'a Name,
    /// What cargo has built.
    pub(crate) build: Option<&'a Build>,
    /// How the files were compiled; that of the build if `None`.
    pub(crate) profile: Option<Profile>,
    /// What it was built from, for the receipt.
    pub(crate) checkout: Option<&'a Checkout>,
    /// Binaries that were made otherwise.
    pub(crate) files: Vec<PathBuf>,
    /// Move files aside that others put where the binaries go.
    pub(crate) replace: bool,
    /// How many generations stay beside the current one, of each profile.
    pub(crate) keep: Option<usize>,
    /// The script that describes the service.
    pub(crate) script: Option<String>,
}

/// Finds out before a long build what would stop the install: a root that cannot be written,
/// a name that is taken.
///
/// # Errors
/// What would stop it.
pub(crate) fn check(
    context: &Context,
    service: &Name,
    bins: &[Name],
    replace: bool,
) -> Result<(), Fault> {
    let policy = policy(context, replace, None);
    let (reporter, cancel) = (&*context.reporter, context.cancel());
    Ok(context.store().check(service, bins, &policy, reporter, &cancel)?)
}

/// Makes a generation current that was built before from the same commit, without local
/// edits, if everything that its build read is unchanged; `None` if there is none.
///
/// # Errors
/// When the install root cannot be changed.
pub(crate) fn reuse(
    context: &Context,
    options: &BuildOptions,
    commit: &str,
) -> Result<Option<Installed>, Fault> {
    with_options(context, options, |request| {
        let unchanged = |inputs: &serde_json::Value| {
            let inputs = <Inputs as serde::Deserialize>::deserialize(inputs);
            inputs.is_ok_and(|inputs| inputs.is_unchanged(request))
        };
        let (dry_run, store) = (context.dry_run(), context.store());
        let (reporter, cancel) = (&*context.reporter, context.cancel());
        let reused =
            store.reuse(request.service, commit, &unchanged, dry_run, reporter, &cancel)?;
        if let Some(installed) = &reused {
            close(context, request.service, installed);
            used(context, installed)?;
        }
        Ok(reused)
    })
}

/// [`reuse`] for a service: not with local edits, nor with flags that want a build.
///
/// # Errors
/// As of that.
pub(crate) fn reuse_service(
    context: &Context,
    service: &Service,
    flags: &Flags,
    checkout: &Checkout,
) -> Result<Option<Installed>, Fault> {
    if checkout.dirty || flags.replace || flags.rebuild {
        return Ok(None);
    }
    let options = BuildOptions::new(service, flags, &checkout.path)?;
    reuse(context, &options, &checkout.commit)
}

/// Installs the binaries of a service as one unit: all of them change in one step, and
/// running ones are not disturbed.
///
/// # Errors
/// Nothing to install, a name that is taken, a root that cannot be changed.
pub(crate) fn install(context: &Context, what: Install) -> Result<Installed, Fault> {
    let (mut bins, mut debug_files) = (Vec::new(), Vec::new());
    for artifact in what.build.iter().flat_map(|build| &build.artifacts) {
        debug_files.extend(artifact.debug_files.iter().cloned());
        bins.push((Name::new("binary", &artifact.name)?, artifact.path.clone()));
    }
    for file in what.files {
        let base = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bins.push((Name::new("binary", &base)?, file));
    }
    let profile = what.profile.or_else(|| what.build.map(|build| build.profile.clone()));
    let profile = profile.unwrap_or_default();
    if bins.is_empty() && context.dry_run() {
        // Not cloned yet, and the script names no binaries.
        let root = context.root().bin.display();
        context.plans("install", format!("{}: every binary it has → {root}", what.name));
        return Ok(planned(what.name, &profile));
    }
    if bins.is_empty() {
        return Err(Fault::script("missing_option", "`bin::install` has nothing to install")
            .hint("give it `build` (what cargo::build returned) or `files`"));
    }
    let (build, checkout) = (what.build, what.checkout);
    // Edits made meanwhile may be in it.
    let edited = |checkout: &Checkout| {
        checkout.dirty
            || (!context.dry_run() && git::status(&checkout.path).is_ok_and(|status| status.dirty))
    };
    let new = NewGeneration {
        service: what.name.clone(),
        bins,
        debug_files,
        repo: checkout.map(|checkout| checkout.repo.clone()).unwrap_or_default(),
        // Empty in a dry run, before there is a checkout.
        commit: checkout
            .map(|checkout| checkout.commit.clone())
            .filter(|commit| !commit.is_empty()),
        reference: checkout.map(|checkout| checkout.reference.clone()),
        dirty: checkout.is_some_and(edited),
        profile: profile.to_string(),
        features: build.map(|build| build.features.clone()).unwrap_or_default(),
        rustc: build.map(|build| build.rustc.clone()).unwrap_or_default(),
        lockfile: build.and_then(|build| build.lockfile.clone()),
        script: what.script,
        inputs: build
            .and_then(|build| build.inputs.as_ref())
            .and_then(|inputs| serde_json::to_value(inputs).ok()),
    };
    let policy = policy(context, what.replace, what.keep);
    let (started, store) = (Instant::now(), context.store());
    let installed = store.install(&new, &policy, &*context.reporter, &context.cancel())?;
    let copied = Duration::from_millis(installed.copy_millis);
    context.accounts.add(&new.service, "copy", copied);
    context.accounts.add(&new.service, "commit", started.elapsed().saturating_sub(copied));
    close(context, &new.service, &installed);
    used(context, &installed)?;
    Ok(installed)
}

/// What the call says goes before what the user's configuration says.
fn policy(context: &Context, replace: bool, keep: Option<usize>) -> Policy {
    let policy = Policy { replace, dry_run: context.dry_run(), ..Policy::default() };
    let keep = keep.or(context.config.store.keep).unwrap_or(policy.keep);
    Policy { keep, ..policy }
}

/// Writes down what the install of a service did.
fn close(context: &Context, service: &Name, installed: &Installed) {
    if context.dry_run() {
        return;
    }
    // The install is complete without it.
    let file = context.dirs.account(service);
    if let Err(error) = context.accounts.close(&file, service, installed) {
        tracing::debug!(%error, "`hero why` will not know this install");
    }
}

/// Notes that a service was installed, and that its build files were of use.
fn used(context: &Context, installed: &Installed) -> Result<(), Fault> {
    if context.dry_run() {
        return Ok(());
    }
    if installed.changed {
        context.note_installed();
    }
    let profile = Profile::parse(&installed.profile)?;
    cargo::note_use(&context.dirs.build_dir(&installed.service), &profile);
    Ok(())
}

/// The result of an installation of which nothing is known yet.
fn planned(name: &Name, profile: &Profile) -> Installed {
    Installed {
        service: name.clone(),
        generation: String::new(),
        bins: Vec::new(),
        size: 0,
        changed: true,
        profile: profile.to_string(),
        commit: None,
        moved_aside: Vec::new(),
        copy_millis: 0,
    }
}
