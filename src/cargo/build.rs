//! One build of one service.

use std::time::{Duration, Instant};

use super::artifact::{Artifact, Built};
use super::attempt::{Attempt, Done};
use super::command::{self, Circumstances};
use super::environment::Environment;
use super::metadata::Workspace;
use super::select::Selection;
use super::settings::Settings;
use super::share::BuildSite;
use super::{Error, Options, claim, dependencies, folders, libraries, lockfile, refresh, target};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::jobs::Slot;
use crate::sys::{fs, process};

/// Builds the wanted binaries of a service.
///
/// Nothing is compiled before the request is known to be right: packages,
/// binaries, features and the profile are looked up first. A failed build
/// leaves the binaries of the build before where they are.
///
/// # Errors
/// When the request is wrong, cargo fails, or the user interrupts it.
pub(crate) fn build(
    options: &Options,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Built, Error> {
    let taken = if options.dry_run { None } else { refresh::begin(options)? };
    let built = build_with(options, taken.is_some(), reporter, cancel);
    if let (Err(_), Some(taken)) = (&built, taken) {
        taken.put_back()?;
    }
    built
}

/// The build itself; `anew` says that dependencies are resolved anew.
fn build_with(
    options: &Options,
    anew: bool,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Built, Error> {
    let begun = Instant::now();
    let checkout = fs::canonicalize(options.checkout).unwrap_or_else(|_| options.checkout.into());
    claim::check(options.build_dir, &checkout)?;
    if options.dry_run && !fs::exists(options.source) {
        return Ok(unseen(options, reporter));
    }
    let first_slot = slot(options, cancel)?;
    if !options.dry_run {
        // Before the first question: to answer it, rustup may have to fetch
        // the toolchain that the service asks for.
        reporter.report(Event::BuildStarted {
            service: options.service.to_string(),
            profile: options.profile.to_string(),
        });
    }
    let environment = Environment::new(&options.env);
    let workspace = Workspace::load(options.source, &environment, cancel)?;
    let selection = Selection::new(&workspace, options)?;
    let settings = Settings::load(&workspace.root, options.source, &environment);
    settings.check(&options.profile)?;
    let locked =
        options.locked.unwrap_or_else(|| lockfile::committed(&workspace.root, options.git));
    let target = target::choose(options, &settings, &environment, cancel)?;
    let circumstances = Circumstances {
        target,
        environment: &environment,
        settings: &settings,
        cargo: workspace.cargo,
        locked,
    };
    let command = |site: &BuildSite| command::build(options, &selection, &circumstances, site);
    if options.dry_run {
        plan(options, &command(&BuildSite::own(options)).display(), reporter);
        let artifacts = predicted(&selection);
        return Ok(Built {
            lockfile: lockfile::hash(&workspace.root),
            ..planned(options, artifacts)
        });
    }

    let told = (reporter, cancel);
    dependencies::fetch(options, &workspace, &settings, &environment, (locked, anew), told)?;
    // Whoever waits for a turn must not keep a processor from those who build.
    drop(first_slot);
    let site =
        BuildSite::take(options, &checkout, &workspace, &settings, &environment, reporter, cancel)?;
    let _slot = slot(options, cancel)?;
    folders::note_use(options.build_dir, &options.profile);
    let attempt = Attempt {
        options,
        circumstances: &circumstances,
        workspace: &workspace,
        selection: &selection,
        site: &site,
        cmd: command(&site),
        reporter,
        cancel,
    };
    let prepared = begun.elapsed();
    let started = Instant::now();
    let Done { seen, rustc, inputs, changed, link } = attempt.run()?;
    let mut artifacts = seen.artifacts;
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    if artifacts.is_empty() {
        let bins = selection.bins().map(|(bin, _)| bin.to_owned()).collect();
        return Err(Error::NoneEnabled { bins });
    }
    libraries::check(&artifacts, &seen.libraries)?;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    reporter.report(Event::Built {
        service: options.service.to_string(),
        profile: options.profile.to_string(),
        fresh: !seen.compiled,
        millis,
    });
    Ok(Built {
        fresh: !seen.compiled,
        millis,
        warnings: seen.warnings,
        rustc,
        lockfile: lockfile::hash(&workspace.root),
        phases: phases(prepared, started.elapsed(), link),
        inputs: Some(inputs),
        changed: changed.into_iter().collect(),
        ..planned(options, artifacts)
    })
}

/// The parts of a build. How long linking took is known of incremental builds only.
fn phases(
    prepared: Duration,
    built: Duration,
    link: Option<Duration>,
) -> Vec<(&'static str, Duration)> {
    let Some(link) = link else { return vec![("prepare", prepared), ("compile and link", built)] };
    vec![("prepare", prepared), ("compile", built.saturating_sub(link)), ("link", link)]
}

/// A slot among the builds that go on side by side; cargo counts it as its own.
fn slot(options: &Options, cancel: &Cancel) -> Result<Option<Slot>, Error> {
    let slots = options.slots.as_ref().filter(|_| options.jobs.is_none() && !options.dry_run);
    let Some(slots) = slots else { return Ok(None) };
    match slots.slot(cancel) {
        Ok(Some(slot)) => Ok(Some(slot)),
        Ok(None) => Err(process::Error::Interrupted("cargo build".into()).into()),
        // Without it more is done at once than wanted, and that is all.
        Err(error) => {
            tracing::debug!(%error, "no slot can be had");
            Ok(None)
        }
    }
}

/// The plan for a source that a dry run has not fetched.
fn unseen(options: &Options, reporter: &dyn Reporter) -> Built {
    let mut words = vec!["cargo build --profile".to_owned(), options.profile.cargo_name().into()];
    words.extend(options.bins.iter().map(|bin| format!("--bin {bin}")));
    plan(options, &words.join(" "), reporter);
    let bins = options.bins.iter().map(|name| Artifact {
        name: name.clone(),
        path: std::path::PathBuf::new(),
        debug_files: Vec::new(),
        package: options.package.clone().unwrap_or_default(),
        version: String::new(),
        fresh: false,
    });
    planned(options, bins.collect())
}

fn plan(options: &Options, command: &str, reporter: &dyn Reporter) {
    let detail = format!("{command} (in {})", options.source.display());
    reporter.report(Event::Plan { action: "run".into(), detail });
}

/// The artifacts that a build would make.
fn predicted(selection: &Selection) -> Vec<Artifact> {
    let artifacts = selection.bins().map(|(name, member)| Artifact {
        name: name.to_owned(),
        path: std::path::PathBuf::new(),
        debug_files: Vec::new(),
        package: member.name.clone(),
        version: member.version.clone(),
        fresh: false,
    });
    artifacts.collect()
}

/// What is known of a build without running it.
fn planned(options: &Options, artifacts: Vec<Artifact>) -> Built {
    Built {
        artifacts,
        fresh: false,
        profile: options.profile.clone(),
        millis: 0,
        log: options.log.to_owned(),
        warnings: 0,
        rustc: String::new(),
        lockfile: None,
        features: options.canonical_features(),
        phases: Vec::new(),
        inputs: None,
        changed: Vec::new(),
    }
}
