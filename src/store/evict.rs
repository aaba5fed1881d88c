//! The disk space of services, and the removal of unused generations.

use std::path::PathBuf;

use super::clear::discard;
use super::elevate::Change;
use super::layout::{REMOVED, STAGING, has_prefix};
use super::running::Running;
use super::state::State;
use super::{Error, Store};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::disk::{self, Removal, Usage};
use crate::sys::fs;
use crate::sys::name::Name;

/// A generation that is neither current nor running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Idle {
    /// Its service.
    pub(crate) service: Name,
    /// Its name.
    pub(crate) generation: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// When it was last current.
    pub(crate) used: jiff::Timestamp,
}

/// The disk space of one service in the store, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ServiceUsage {
    /// Of its debug generations.
    pub(crate) debug: u64,
    /// Of everything else.
    pub(crate) other: u64,
}

impl Store {
    /// The names of all services that have anything in this root.
    ///
    /// # Errors
    /// When the folders of the root cannot be read.
    pub(crate) fn names(&self) -> Result<Vec<Name>, Error> {
        let mut names = self.layout.services()?;
        names.retain(|name| {
            State::read(&self.layout, name).map_or(true, |it| it.exists(&self.layout))
        });
        Ok(names)
    }

    /// Refuses a service of which nothing is in this root.
    ///
    /// # Errors
    /// When nothing is, with near names.
    pub(crate) fn require(&self, service: &Name) -> Result<(), Error> {
        self.installed(State::read(&self.layout, service)?).map(drop)
    }

    /// The folder of a service's generations.
    pub(crate) fn folder(&self, service: &Name) -> PathBuf {
        self.layout.service(service)
    }

    /// Whether this process can change the root without `sudo`.
    pub(crate) fn is_writable(&self) -> bool {
        matches!(self.elevation(), Ok(None))
    }

    /// Adds the disk space of a service to a report.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub(crate) fn usage(&self, service: &Name, usage: &mut Usage) -> Result<ServiceUsage, Error> {
        let state = State::read(&self.layout, service)?;
        let debug = state
            .generations
            .iter()
            .filter(|it| it.receipt.as_ref().is_ok_and(|receipt| receipt.profile == "debug"));
        let folders: Vec<PathBuf> = debug.map(|it| it.folder.clone()).collect();
        let other = usage.add_without(&self.layout.service(service), &folders);
        Ok(ServiceUsage { debug: folders.iter().map(|it| usage.add(it)).sum(), other })
    }

    /// The generations of these services that are neither current nor running, and whose
    /// receipts can be read. A service that cannot be looked at has none.
    pub(crate) fn idle(&self, services: &[Name]) -> Vec<Idle> {
        let running = Running::look();
        let mut idle = Vec::new();
        for service in services {
            let Ok(state) = self.state_to_plan(service) else { continue };
            for generation in &state.generations {
                let Some(used) = state.last_use(generation) else { continue };
                if !state.is_current(generation) && !running.has(&generation.folder) {
                    let (folder, name) = (generation.folder.clone(), generation.name.clone());
                    idle.push(Idle { service: service.clone(), generation: name, folder, used });
                }
            }
        }
        idle
    }

    /// Removes what killed processes left in a root that this process can change without
    /// `sudo`. Returns the bytes of disk space that this freed.
    ///
    /// # Errors
    /// When the folders of the root cannot be read, or its lock cannot be had.
    pub(crate) fn sweep(&self, reporter: &dyn Reporter, cancel: &Cancel) -> Result<u64, Error> {
        let is_left = |path: &PathBuf| has_prefix(path, REMOVED) || has_prefix(path, STAGING);
        let mut folders = vec![self.layout.store().to_owned()];
        folders.extend(self.layout.services()?.iter().map(|service| self.layout.service(service)));
        let left = |folder: &PathBuf| fs::list(folder).is_ok_and(|paths| paths.iter().any(is_left));
        if !folders.iter().any(left) || !self.is_writable() {
            return Ok(0);
        }
        let before = disk::used(self.layout.store());
        let _lock = self.begin(None, reporter, cancel)?;
        Ok(before.saturating_sub(disk::used(self.layout.store())))
    }

    /// Removes a generation unless it is current or running by now. Returns the bytes of
    /// disk space that this freed.
    ///
    /// # Errors
    /// When the root is not writable, a newer hero has installed what is current, or the
    /// generation cannot be removed.
    pub(crate) fn discard(
        &self,
        service: &Name,
        generation: &str,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<u64, Error> {
        if let Some(sudo) = self.elevation()? {
            let (service, generation) = (service.clone(), generation.to_owned());
            return sudo.ask(Change::Discard { service, generation }, reporter, cancel);
        }
        let _lock = self.begin(Some(service), reporter, cancel)?;
        let state = self.state_to_change(service, reporter)?;
        let Some(found) = state.find(generation).filter(|it| !state.is_current(it)) else {
            return Ok(0);
        };
        if Running::look().has(&found.folder) {
            return Ok(0);
        }
        let size = Removal::default().add(&found.folder);
        discard(&found.folder, reporter)?;
        reporter.report(Event::Removed { what: format!("{service} {generation}"), size });
        Ok(size)
    }
}
