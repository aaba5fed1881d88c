//! Installing: from built files to a current generation.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use super::begin::go_on;
use super::commit::{InTheWay, commit, in_the_way, links_are_right, warn};
use super::elevate::Change;
use super::model::{Installed, NewGeneration, Policy};
use super::receipt::Receipt;
use super::stage::Staging;
use super::state::{Generation, State};
use super::{Error, Store, aside, generation, inputs, trust};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::process;

/// What follows the name of a binary in that of the file with its debug information.
const DEBUG_SUFFIX: &str = ".dwp";

impl Store {
    /// Whether an installation of these binaries could succeed, asked before
    /// time is spent on a build. Changes nothing.
    ///
    /// # Errors
    /// When the root is not writable, or a name in `bin/` is another service's
    /// or a stranger's.
    pub(crate) fn check(
        &self,
        service: &Name,
        bins: &[Name],
        policy: &Policy,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let sudo = self.elevation()?;
        in_the_way(&self.layout, service, bins, policy.replace)?;
        self.state_to_plan(service)?;
        match sudo {
            Some(sudo) if !policy.dry_run => {
                let (service, bins, policy) = (service.clone(), bins.to_vec(), policy.clone());
                sudo.ask(Change::Check { service, bins, policy }, reporter, cancel)
            }
            _ => Ok(()),
        }
    }

    /// Checks that the install root can be changed, by this process or with `sudo`.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn check_root(&self) -> Result<(), Error> {
        self.elevation().map(drop)
    }

    /// Makes built files the current generation of a service: all of its
    /// binaries change at once, or, when anything fails, none.
    ///
    /// # Errors
    /// As for [`Store::check`]; when a built file is missing or not executable;
    /// when copying or syncing fails; when interrupted. The old generation is
    /// then still current.
    pub(crate) fn install(
        &self,
        new: &NewGeneration,
        policy: &Policy,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Installed, Error> {
        check_artifacts(new, policy.dry_run)?;
        let sudo = self.elevation()?;
        if policy.dry_run {
            return self.plan_install(new, policy, reporter);
        }
        if let Some(sudo) = sudo {
            let (new, policy) = (Box::new(new.clone()), policy.clone());
            return sudo.ask(Change::Install { new, policy }, reporter, cancel);
        }
        let service = &new.service;
        let _lock = self.begin(Some(service), reporter, cancel)?;
        let state = self.state_to_change(service, reporter)?;
        let names = new.bins.iter().map(|(name, _)| name);
        let in_the_way = in_the_way(&self.layout, service, names, policy.replace)?;
        let (receipt, installed) = if let Some((generation, old)) = same(&state, new)? {
            if let Some(inputs) =
                new.inputs.as_ref().filter(|_| new.inputs != inputs::read(&generation.folder))
            {
                // Something changed that made no difference: the next run need not find
                // that out again.
                inputs::write(&generation.folder, inputs)?;
            }
            let current = state.is_current(generation);
            if current && links_are_right(&self.layout, service, old)? {
                return Ok(self.fresh(old, reporter));
            }
            let receipt = old.clone().chosen(&generation.folder)?;
            let installed = self.activate_under_lock(&receipt, &in_the_way, reporter)?;
            (receipt, installed)
        } else {
            let started = Instant::now();
            let receipt = self.publish(new, cancel)?;
            let copy_millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let commit = self.activate_under_lock(&receipt, &in_the_way, reporter);
            let installed = commit.inspect_err(|_| self.withdraw(&receipt))?;
            (receipt, Installed { copy_millis, ..installed })
        };
        if let Err(error) = self.prune(&receipt, policy.keep, reporter) {
            warn(reporter, &error);
        }
        Ok(installed)
    }

    /// Says that there was nothing to do.
    pub(super) fn fresh(&self, receipt: &Receipt, reporter: &dyn Reporter) -> Installed {
        reporter.report(Event::Fresh {
            service: receipt.service.to_string(),
            detail: generation::short(receipt.commit.as_deref()).into(),
        });
        self.result(receipt, false)
    }

    /// Takes a generation away that could not be made current. If the commit
    /// could not even be undone, it is current, and stays.
    fn withdraw(&self, receipt: &Receipt) {
        let current = self.layout.current_generation(&receipt.service);
        if current.is_ok_and(|current| current.as_ref() != Some(&receipt.generation)) {
            aside::discard_quietly(&self.layout.generation(&receipt.service, &receipt.generation));
            drop(fs::remove_empty_dir(&self.layout.service(&receipt.service)));
        }
    }

    /// Puts a generation into the store; it is not current yet.
    fn publish(&self, new: &NewGeneration, cancel: &Cancel) -> Result<Receipt, Error> {
        let staging = Staging::new(&self.layout, &new.service)?;
        let receipt = staging.fill(new, cancel)?;
        go_on(Some(&new.service), cancel)?;
        staging.publish(&receipt.generation)?;
        Ok(receipt)
    }

    /// Commits a generation that is in the store, and reports it.
    pub(super) fn activate_under_lock(
        &self,
        receipt: &Receipt,
        in_the_way: &InTheWay,
        reporter: &dyn Reporter,
    ) -> Result<Installed, Error> {
        let folder = self.layout.generation(&receipt.service, &receipt.generation);
        trust::refuse(trust::untrusted_files(&self.layout, &folder, receipt)?)?;
        let moved_aside = commit(&self.layout, receipt, in_the_way, reporter)?;
        let installed = Installed { moved_aside, ..self.result(receipt, true) };
        reporter.report(Event::Installed {
            service: receipt.service.to_string(),
            commit: format!(
                "{}{}",
                generation::short(receipt.commit.as_deref()),
                if receipt.dirty { "+edits" } else { "" }
            ),
            profile: receipt.profile.clone(),
            size: installed.size,
            bins: installed.bins.clone(),
        });
        Ok(installed)
    }

    pub(super) fn result(&self, receipt: &Receipt, changed: bool) -> Installed {
        Installed {
            service: receipt.service.clone(),
            generation: receipt.generation.clone(),
            bins: self.layout.bin_links(receipt.names()),
            size: receipt.size(),
            changed,
            profile: receipt.profile.clone(),
            commit: receipt.commit.clone(),
            moved_aside: Vec::new(),
            copy_millis: 0,
        }
    }

    /// What an installation would do. The files may not have been built.
    fn plan_install(
        &self,
        new: &NewGeneration,
        policy: &Policy,
        reporter: &dyn Reporter,
    ) -> Result<Installed, Error> {
        let plan = |detail: String| {
            reporter.report(Event::Plan { action: "install".into(), detail });
        };
        let names = || new.bins.iter().map(|(name, _)| name);
        let in_the_way = in_the_way(&self.layout, &new.service, names(), policy.replace)?;
        let state = self.state_to_plan(&new.service)?;
        let built = new.bins.iter().all(|(_, path)| fs::exists(path))
            && new.debug_files.iter().all(|path| fs::exists(path));
        if built
            && let Some((current, receipt)) = state.current()
            && generation::is_same(&current.folder, receipt, new)?
            && links_are_right(&self.layout, &new.service, receipt)?
        {
            plan(format!("{}: nothing to do", new.service));
            return Ok(self.result(receipt, false));
        }
        let generation = generation::name(&self.layout, new, jiff::Timestamp::now())?;
        for path in &in_the_way.strangers {
            let kept = self.layout.replaced();
            plan(format!("move {} to {}", path.display(), kept.display()));
        }
        let bins = names().map(Name::as_str).collect::<Vec<_>>().join(", ");
        plan(format!("{} {generation}: {bins} → {}", new.service, self.layout.bin().display()));
        Ok(Installed {
            service: new.service.clone(),
            generation,
            bins: self.layout.bin_links(names()),
            size: new.bins.iter().map(|(_, path)| fs::size(path)).sum(),
            changed: true,
            profile: new.profile.clone(),
            commit: new.commit.clone(),
            moved_aside: Vec::new(),
            copy_millis: 0,
        })
    }

    /// Whether this user may change all three folders of the root.
    pub(super) fn writable(&self) -> Result<(), Error> {
        for folder in [self.layout.store(), self.layout.current(), self.layout.bin()] {
            let existing = folder.ancestors().find(|path| fs::exists(path)).unwrap_or(folder);
            if !existing.is_dir() {
                let (folder, existing) = (folder.to_owned(), existing.to_owned());
                return Err(Error::RootNotFolder { folder, existing });
            }
            fs::check_writable(existing).map_err(|source| Error::RootNotWritable {
                folder: folder.to_owned(),
                existing: existing.to_owned(),
                system: self.layout.system() && process::effective_user() != 0,
                source,
            })?;
        }
        Ok(())
    }
}

/// The generation that an installation of `new` would only repeat: the current
/// one, one from before, or one that a kill kept from becoming current.
fn same<'a>(
    state: &'a State,
    new: &NewGeneration,
) -> fs::Result<Option<(&'a Generation, &'a Receipt)>> {
    let current = state.current();
    let others = state.generations.iter().filter(|it| !state.is_current(it));
    let others = others.filter_map(|it| Some((it, it.receipt.as_ref().ok()?)));
    for (generation, receipt) in current.into_iter().chain(others) {
        if generation::is_same(&generation.folder, receipt, new)? {
            return Ok(Some((generation, receipt)));
        }
    }
    Ok(None)
}

/// The names differ, and each file is a program. With `planned` files need not
/// be there yet.
fn check_artifacts(new: &NewGeneration, planned: bool) -> Result<(), Error> {
    if new.bins.is_empty() {
        return Err(Error::NoBinaries { service: new.service.clone() });
    }
    for (index, (name, path)) in new.bins.iter().enumerate() {
        if new.bins[..index].iter().any(|(other, _)| other == name) {
            return Err(Error::Duplicate { service: new.service.clone(), bin: name.clone() });
        }
        let (bin, path) = (name.clone(), path.clone());
        match is_program(&path) {
            Ok(true) => {}
            Ok(false) => return Err(Error::NotExecutable { bin, path }),
            Err(error) if error.source.kind() != std::io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            Err(_) if planned => {}
            Err(_) => return Err(Error::NoArtifact { bin, path }),
        }
    }
    for path in &new.debug_files {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if let Some((bin, _)) = new.bins.iter().find(|(bin, _)| bin.as_str() == name) {
            return Err(Error::Duplicate { service: new.service.clone(), bin: bin.clone() });
        }
        let is_of = |bin: &Name| name.strip_prefix(bin.as_str()) == Some(DEBUG_SUFFIX);
        if !new.bins.iter().any(|(bin, _)| is_of(bin)) {
            return Err(Error::NotDebugFile { path: path.clone() });
        }
    }
    Ok(())
}

fn is_program(path: &Path) -> fs::Result<bool> {
    let data = fs::metadata(path)?;
    Ok(data.is_file() && data.permissions().mode() & 0o111 != 0)
}
