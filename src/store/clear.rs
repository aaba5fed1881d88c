//! Getting space back: clearing a profile, and pruning after an installation.

use std::collections::BTreeMap;
use std::path::Path;

use super::begin::go_on;
use super::commit::{in_the_way, warn};
use super::elevate::Change;
use super::model::{Clear, Cleared, ClearedGeneration, KeptGeneration, Reason};
use super::receipt::Receipt;
use super::running::Running;
use super::state::{Generation, State};
use super::{Error, Store, aside};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::disk::{self, Removal, Usage};
use crate::sys::fs;
use crate::sys::name::Name;

impl Store {
    /// Removes the generations of a profile, except what is current or running
    /// unless forced. With force, the newest generation of another profile
    /// becomes current; where there is none, the service's links go.
    ///
    /// # Errors
    /// When the service is not installed, or something cannot be removed.
    pub(crate) fn clear(
        &self,
        what: &Clear,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Cleared, Error> {
        if fs::kind(self.layout.store())?.is_none() {
            // No lock, no folder is made where there is nothing to clear.
            self.services_to_clear(what)?;
            return Ok(Cleared::default());
        }
        let _lock = if what.dry_run {
            None
        } else {
            if let Some(sudo) = self.elevation()? {
                return sudo.ask(Change::Clear { what: what.clone() }, reporter, cancel);
            }
            Some(self.begin(what.service.as_ref(), reporter, cancel)?)
        };
        let services = self.services_to_clear(what)?;
        let mut cleared = Cleared::default();
        let running = Running::look();
        let mut size_after = 0;
        let mut failed = None;
        for service in services {
            go_on(Some(&service), cancel)?;
            let folder = self.layout.service(&service);
            let before = disk::used(&folder);
            cleared.size_before += before;
            let freed = cleared.freed;
            match self.clear_service(&service, what, &running, &mut cleared, reporter) {
                Ok(()) => {}
                // Of several services, one that a newer hero installed is not
                // ours to change: it stays.
                Err(error @ Error::NewerFormat { .. }) if what.service.is_none() => {
                    warn(reporter, &error);
                }
                // One that is broken does not keep the others from being
                // cleared, but it is an error in the end.
                Err(error) => failed = failed.or(Some(error)),
            }
            let planned = before.saturating_sub(cleared.freed - freed);
            size_after += if what.dry_run { planned } else { disk::used(&folder) };
        }
        cleared.size_after = size_after;
        failed.map_or(Ok(cleared), Err)
    }

    fn services_to_clear(&self, what: &Clear) -> Result<Vec<Name>, Error> {
        match &what.service {
            Some(service) => {
                let state = self.installed(self.state_to_plan(service)?)?;
                Ok(vec![state.service])
            }
            None => Ok(self.layout.services()?),
        }
    }

    fn clear_service(
        &self,
        service: &Name,
        what: &Clear,
        running: &Running,
        cleared: &mut Cleared,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let state = if what.dry_run {
            self.state_to_plan(service)?
        } else {
            self.state_to_change(service, reporter)?
        };
        state.refuse_unreadable()?;
        let mut victims = Vec::new();
        let old = |it: &&Generation| {
            let used = state.last_use(it);
            what.used_before.is_none_or(|before| used.is_some_and(|used| used < before))
        };
        let all = state.generations.iter().filter(|it| it.has_profile(&what.profile));
        for generation in all.filter(old) {
            let reason = if what.force {
                None
            } else if state.is_current(generation) {
                Some(Reason::Current)
            } else {
                running.has(&generation.folder).then_some(Reason::Running)
            };
            match reason {
                None => victims.push(generation),
                Some(reason) => cleared.kept.push(KeptGeneration {
                    service: service.clone(),
                    generation: generation.name.clone(),
                    size: disk::used(&generation.folder),
                    reason,
                }),
            }
        }
        // The current one first: if it cannot go, nothing does.
        victims.sort_by_key(|it| !state.is_current(it));
        if victims.iter().any(|it| state.is_current(it)) {
            self.step_down(&state, what, reporter)?;
        }
        let folder = self.layout.service(service);
        // The folder of the service goes with the last of them.
        let others = fs::list(&folder)?.into_iter();
        let others = others.filter(|path| !victims.iter().any(|it| it.folder == *path)).count();
        let mut removed = Removal::default();
        let count = victims.len();
        for (index, generation) in victims.into_iter().enumerate() {
            let mut size = removed.add(&generation.folder);
            if others == 0 && index + 1 == count {
                let inside = fs::list(&folder)?;
                size += Usage::default().add_without(&folder, &inside);
            }
            let name = format!("{service} {}", generation.name);
            if what.dry_run {
                let detail = format!("{name} ({})", disk::bytes(size));
                reporter.report(Event::Plan { action: "clear".into(), detail });
            } else {
                discard(&generation.folder, reporter).inspect_err(|_| {
                    if state.is_current(generation) {
                        self.step_up(&state, reporter);
                    }
                })?;
                reporter.report(Event::Removed { what: name, size });
            }
            cleared.freed += size;
            cleared.removed.push(ClearedGeneration {
                service: service.clone(),
                generation: generation.name.clone(),
                size,
            });
        }
        if !what.dry_run
            && let Err(error) = fs::remove_empty_dir(&folder)
        {
            warn(reporter, &error);
        }
        Ok(())
    }

    /// Makes current again what was; the error that led here is what is reported.
    fn step_up(&self, state: &State, reporter: &dyn Reporter) {
        let Some((_, receipt)) = state.current() else { return };
        if let Ok(in_the_way) = in_the_way(&self.layout, &state.service, receipt.names(), false) {
            drop(self.activate_under_lock(receipt, &in_the_way, reporter));
        }
    }

    /// Finds something else for `bin/` to show before the current generation
    /// goes, or takes the service out of it.
    fn step_down(&self, state: &State, what: &Clear, reporter: &dyn Reporter) -> Result<(), Error> {
        let service = &state.service;
        let say = |message: String| {
            reporter.report(if what.dry_run {
                Event::Plan { action: "clear".into(), detail: message }
            } else {
                Event::Log { level: LogLevel::Info, message }
            });
        };
        let mut damaged = None;
        let others = state.generations.iter().filter(|it| it.is_other_than(&what.profile));
        let usable = others
            .map(|it| it.usable(service))
            .find_map(|usable| usable.map_err(|error| damaged = Some(error)).ok());
        let Some(receipt) = usable else {
            // One that is damaged is no reason to take the service out.
            if let Some(error) = damaged {
                return Err(error);
            }
            say(format!("`{service}` has no other generation, so it is uninstalled"));
            if what.dry_run {
                return Ok(());
            }
            return Ok(self.take_out(service)?);
        };
        let in_the_way = in_the_way(&self.layout, service, receipt.names(), false)?;
        say(format!("`{service}` switches to {} ({})", receipt.generation, receipt.profile));
        if what.dry_run {
            return Ok(());
        }
        self.activate_under_lock(receipt, &in_the_way, reporter).map(drop)
    }

    /// Removes old generations: of each profile, `keep` besides the current one
    /// stay, and what is running.
    pub(super) fn prune(
        &self,
        current: &Receipt,
        keep: usize,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let service = &current.service;
        let state = State::read(&self.layout, service)?;
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut old = Vec::new();
        for generation in &state.generations {
            let Ok(receipt) = &generation.receipt else { continue };
            if generation.name == current.generation {
                continue;
            }
            let seen = seen.entry(&receipt.profile).or_default();
            *seen += 1;
            if *seen > keep {
                old.push(generation);
            }
        }
        if old.is_empty() {
            return Ok(());
        }
        let running = Running::look();
        for generation in old.into_iter().filter(|it| !running.has(&it.folder)) {
            if let Err(error) = discard(&generation.folder, reporter) {
                // The next installation tries again.
                warn(reporter, &error);
                continue;
            }
            let message = format!("removed the old generation {} of {service}", generation.name);
            reporter.report(Event::Log { level: LogLevel::Verbose, message });
        }
        Ok(())
    }
}

/// Takes a generation away. What cannot be deleted is told, and swept by the
/// next change.
pub(super) fn discard(folder: &Path, reporter: &dyn Reporter) -> fs::Result<()> {
    let gone = aside::take_away(folder)?;
    if let Err(error) = gone.map_or(Ok(()), aside::Gone::delete) {
        warn(reporter, &error);
    }
    Ok(())
}

impl Generation {
    fn has_profile(&self, profile: &str) -> bool {
        self.receipt.as_ref().is_ok_and(|receipt| receipt.profile == profile)
    }

    fn is_other_than(&self, profile: &str) -> bool {
        self.receipt.as_ref().is_ok_and(|receipt| receipt.profile != profile)
    }
}
