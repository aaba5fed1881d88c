//! Mending what a verification found, without building anything.

use std::os::unix::fs::PermissionsExt;

use super::begin::go_on;
use super::clear::discard;
use super::commit::{in_the_way, warn};
use super::elevate::Change;
use super::inspect::is_sound;
use super::layout::Layout;
use super::problem::{Problem, ProblemKind};
use super::receipt::{Receipt, ReceiptFault};
use super::state::{Generation, State, put_aside};
use super::verify::Verified;
use super::{Error, Store, generation};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::disk;
use crate::sys::fs;
use crate::sys::name::Name;

/// What becomes of a generation that cannot be used.
enum Remedy<'a> {
    /// It is not current: it goes.
    Remove,
    /// Another one takes its place; then it goes.
    GoTo(&'a Generation, &'a Receipt),
    /// There is no other: it stays, and no install takes it for good.
    Distrust,
}

impl Store {
    /// Mends what [`Store::verify`] finds: makes and removes links, sweeps what
    /// was left, sets corrupt receipts aside, removes damaged generations. If
    /// the current one is damaged, the newest whole one takes its place, of its
    /// own profile if there is one. Foreign files are not touched.
    ///
    /// # Errors
    /// As for [`Store::verify`]; when the root is not writable.
    pub(crate) fn repair(
        &self,
        services: &[Name],
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Verified, Error> {
        let before = self.verify(services)?;
        if before.problems.is_empty() {
            return Ok(before);
        }
        if dry_run {
            self.plan_repair(&before, reporter)?;
            return Ok(before);
        }
        if let Some(sudo) = self.elevation()? {
            return sudo.ask(Change::Repair { services: services.to_vec() }, reporter, cancel);
        }
        let _lock = self.begin(None, reporter, cancel)?;
        for service in broken(&before) {
            go_on(Some(&service), cancel)?;
            if let Err(error) = self.repair_service(&service, &before, reporter) {
                warn(reporter, &error);
            }
        }
        let there = still_there(&self.layout, services)?;
        let after = if there.is_empty() && !services.is_empty() {
            Verified::default()
        } else {
            self.verify(&there)?
        };
        let is_left = |problem: &&Problem| after.problems.iter().any(|it| is_about(it, problem));
        let repaired = before.problems.iter().filter(|it| !is_left(it)).cloned().collect();
        Ok(Verified { repaired, ..after })
    }

    fn repair_service(
        &self,
        service: &Name,
        before: &Verified,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        make_executable(&self.layout, &State::read(&self.layout, service)?)?;
        let state = self.state_to_change(service, reporter)?;
        let link = self.layout.current_link(service);
        let names_one = state.current.as_deref().is_some_and(|name| state.find(name).is_some());
        if !names_one && before.problems.iter().any(|problem| problem.path == link) {
            match substitute(&state, None) {
                Some((_, receipt)) => self.make_current(receipt, reporter)?,
                // Nothing that it could name.
                None if fs::read_link(&link).is_some() => self.take_out(service)?,
                None => {}
            }
        }
        for generation in state.generations.iter().filter(|it| is_useless(&state, it)) {
            match remedy(&state, generation) {
                Remedy::Remove => {}
                Remedy::GoTo(_, receipt) => self.make_current(receipt, reporter)?,
                Remedy::Distrust => {
                    if generation.receipt.is_ok() {
                        put_aside(&generation.folder, "damaged")?;
                    }
                    continue;
                }
            }
            let (what, size) =
                (format!("{service} {}", generation.name), disk::used(&generation.folder));
            discard(&generation.folder, reporter)?;
            reporter.report(Event::Removed { what, size });
        }
        Ok(())
    }

    fn make_current(&self, receipt: &Receipt, reporter: &dyn Reporter) -> Result<(), Error> {
        let in_the_way = in_the_way(&self.layout, &receipt.service, receipt.names(), false)?;
        self.activate_under_lock(receipt, &in_the_way, reporter).map(drop)
    }

    fn plan_repair(&self, found: &Verified, reporter: &dyn Reporter) -> Result<(), Error> {
        let plan = |detail: String| {
            reporter.report(Event::Plan { action: "repair".into(), detail });
        };
        for problem in &found.problems {
            let path = problem.path.display();
            match problem.kind {
                ProblemKind::Leftover => plan(format!("sweep {path}")),
                ProblemKind::Dangling => plan(format!("remove the link {path}")),
                ProblemKind::Corrupt => plan(format!("set {path} aside")),
                ProblemKind::Missing if problem.generation.is_none() => {
                    plan(format!("make the link {path}"));
                }
                _ => {}
            }
        }
        for service in broken(found) {
            let state = State::read(&self.layout, &service)?;
            for generation in state.generations.iter().filter(|it| is_useless(&state, it)) {
                let name = &generation.name;
                plan(match remedy(&state, generation) {
                    Remedy::Remove => format!("remove {service} {name}"),
                    Remedy::GoTo(to, _) => format!("{service}: go to {}, remove {name}", to.name),
                    Remedy::Distrust => format!("distrust {service} {name}: there is no other"),
                });
            }
        }
        Ok(())
    }
}

/// Whether one problem is what is left of another.
fn is_about(left: &Problem, before: &Problem) -> bool {
    let same_generation = before.generation.is_some()
        && (&left.service, &left.generation) == (&before.service, &before.generation);
    same_generation || (&left.path, left.kind) == (&before.path, before.kind)
}

/// The services that have problems of their own.
fn broken(found: &Verified) -> Vec<Name> {
    let mut names: Vec<Name> =
        found.problems.iter().filter_map(|problem| problem.service.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Of the services asked for, those of which anything is left.
fn still_there(layout: &Layout, services: &[Name]) -> Result<Vec<Name>, Error> {
    let there = layout.services()?;
    Ok(services.iter().filter(|service| there.contains(service)).cloned().collect())
}

/// Whether it can never be used again. What a newer hero wrote, or what cannot
/// be read now, may be fine.
fn is_damaged(generation: &Generation) -> bool {
    match &generation.receipt {
        Ok(receipt) => is_sound(&generation.folder, receipt) == Some(false),
        Err(ReceiptFault::Missing | ReceiptFault::Corrupt(_)) => true,
        Err(ReceiptFault::Newer(_) | ReceiptFault::Unreadable(_)) => false,
    }
}

/// Whether it is damaged. Without its debug information a current one is of use still.
fn is_useless(state: &State, generation: &Generation) -> bool {
    let without_debug_files = |receipt| !generation::has_debug_files(&generation.folder, receipt);
    let lacks = || generation.receipt.as_ref().is_ok_and(without_debug_files);
    is_damaged(generation) || (!state.is_current(generation) && lacks())
}

fn remedy<'a>(state: &'a State, damaged: &Generation) -> Remedy<'a> {
    if !state.is_current(damaged) {
        return Remedy::Remove;
    }
    let profile = damaged.receipt.as_ref().ok().map(|receipt| receipt.profile.as_str());
    match substitute(state, profile) {
        Some((generation, receipt)) => Remedy::GoTo(generation, receipt),
        None => Remedy::Distrust,
    }
}

/// The newest whole generation that is not current, of this profile if there is
/// one.
fn substitute<'a>(
    state: &'a State,
    profile: Option<&str>,
) -> Option<(&'a Generation, &'a Receipt)> {
    let others = state.generations.iter().filter(|it| !state.is_current(it));
    let whole: Vec<_> = others
        .filter_map(|it| Some((it, it.receipt.as_ref().ok()?)))
        .filter(|(it, receipt)| is_sound(&it.folder, receipt) == Some(true))
        .collect();
    let same = |(_, receipt): &&(&Generation, &Receipt)| Some(receipt.profile.as_str()) == profile;
    whole.iter().find(same).or_else(|| whole.first()).copied()
}

/// Gives binaries back the right to be run.
fn make_executable(layout: &Layout, state: &State) -> fs::Result<()> {
    for generation in &state.generations {
        let Ok(receipt) = &generation.receipt else { continue };
        for name in receipt.names() {
            let path = layout.generation(&state.service, &generation.name).join("bin").join(name);
            let Ok(data) = fs::metadata(&path) else { continue };
            if data.is_file() && data.permissions().mode() & 0o111 == 0 {
                fs::set_mode(&path, super::stage::OPEN)?;
            }
        }
    }
    Ok(())
}
