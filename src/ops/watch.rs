//! Installing again whenever a file is saved.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::path::warn_if_not_on_path;
use super::start::{bring_up, say_runs};
use super::{Context, account};
use crate::cargo::{Inputs, Profile};
use crate::error::Fault;
use crate::event::Event;
use crate::git;
use crate::model::{Flags, Service};
use crate::report::duration;
use crate::supervise;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::watch::Watcher;

/// What a watch does with a service, in its script's own way.
pub(crate) trait Steps {
    /// Puts the checkout in place, as the flags say.
    ///
    /// # Errors
    /// Those of a fetch.
    fn fetch(&mut self) -> Result<(), Fault>;

    /// Installs what the checkout has now.
    ///
    /// # Errors
    /// Those of an install.
    fn install(&mut self) -> Result<(), Fault>;
}

/// Installs a service, and again whenever a file is saved that it is built from; restarts it
/// if it is meant to run. A build that fails is shown, and waits for the next change. Ends
/// only when interrupted.
///
/// # Errors
/// A fetch that fails, and at first whatever no edit of the checkout mends.
pub(crate) fn watch(
    context: &Context,
    service: &Service,
    flags: &Flags,
    steps: &mut dyn Steps,
) -> Result<(), Fault> {
    let path = context.dirs.checkout(&service.name);
    if flags.profile(service)? == Profile::Release {
        context.report(Event::Warning {
            message: "every change builds the release profile".into(),
            hint: Some("--debug builds many times faster".into()),
        });
    }
    if context.dry_run() {
        steps.install()?;
        context.plans("watch", path.display().to_string());
        return Ok(());
    }
    context.locked(&service.name, || steps.fetch())??;
    on_changes(context, &path, Some(&service.name), &mut |paths| {
        if let [first, more @ ..] = paths {
            let more =
                if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            context.step("Changed", format!("{first}{more}"));
        }
        let begun = Instant::now();
        match steps.install().and_then(|()| swap_in(context, service)) {
            Ok(()) => context.report(Event::Finished {
                message: format!("in {}", duration(begun.elapsed())),
                failed: false,
            }),
            Err(fault) if context.interrupt().is_cancelled() => return Err(fault),
            Err(fault) if fault.kind == "interrupted" => return Err(fault),
            Err(fault) if paths.is_empty() && !is_mendable(&fault) => return Err(fault),
            Err(fault) => {
                let service = service.name.to_string();
                context.report(Event::Failed { service, detail: fault.message.clone() });
                if fault.kind == "no_boot" {
                    for line in fault.details {
                        context.step("", line);
                    }
                }
            }
        }
        if paths.is_empty() {
            warn_if_not_on_path(context);
            context.step("Watching", format!("{} (Ctrl-C ends)", path.display()));
        }
        Ok(())
    })
}

/// Whether an edit of the checkout may mend it.
fn is_mendable(fault: &Fault) -> bool {
    matches!(fault.kind.as_str(), "build_failed" | "no_boot")
}

/// Restarts a service that runs an older binary than the one installed, or that failed to
/// come up.
fn swap_in(context: &Context, service: &Service) -> Result<(), Fault> {
    let known = supervise::overview(
        &*context.machine,
        &context.places(),
        &service.name,
        &context.cancel(),
    )?;
    if known.is_some_and(|known| known.wanted) {
        let up = context.locked(&service.name, || bring_up(context, service, false))??;
        say_runs(context, &service.name, &up);
    }
    Ok(())
}

/// Calls `work` with no path, then each time files of the checkout have been saved, with
/// their paths in it; with `service` also for whatever else its current generation was built
/// from. Returns when interrupted.
///
/// # Errors
/// No checkout, files that cannot be watched, what `work` says.
pub(crate) fn on_changes<E: From<Fault>>(
    context: &Context,
    path: &Path,
    service: Option<&Name>,
    work: &mut dyn FnMut(&[String]) -> Result<(), E>,
) -> Result<(), E> {
    let path = fs::canonicalize(path).map_err(Fault::from)?;
    let tracked = git::Tracked::of(&path).map_err(Fault::from)?;
    let mut watcher = Watcher::new(&path, &context.cancel()).map_err(Fault::from)?;
    let mut changes: Option<Vec<PathBuf>> = Some(Vec::new());
    while let Some(changed) = changes {
        let relative =
            |file: &PathBuf| file.strip_prefix(&path).unwrap_or(file).display().to_string();
        let paths: Vec<String> = changed.iter().map(relative).collect();
        work(&paths)?;
        let inputs = service.and_then(|service| inputs(context, service));
        watcher.also(inputs.iter().flat_map(Inputs::paths));
        changes = watcher.changed(|file| {
            tracked.counts(file) || inputs.as_ref().is_some_and(|it| it.has_changed(file))
        });
    }
    Ok(())
}

/// What the current generation of a service was built from.
fn inputs(context: &Context, service: &Name) -> Option<Inputs> {
    let store = context.store();
    account::inputs(&store, &store.service(service).ok()??.current?)
}
