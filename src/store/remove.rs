//! Uninstalling.

use super::begin::go_on;
use super::commit::{refuse_foreign_current, unlink, warn};
use super::elevate::Change;
use super::model::Removed;
use super::{Error, Store, aside};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::disk;
use crate::sys::fs;
use crate::sys::name::Name;

impl Store {
    /// Removes a service: its links, what is current, all generations. Files
    /// in `bin/` that hero did not make stay.
    ///
    /// # Errors
    /// When it is not installed, was installed by a newer hero, or something
    /// cannot be removed.
    pub(crate) fn remove(
        &self,
        service: &Name,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Removed, Error> {
        if dry_run {
            let state = self.installed(self.state_to_plan(service)?)?;
            state.refuse_newer()?;
            let removed = self.removal(&state.service)?;
            let detail = format!("{service} ({} generations)", state.generations.len());
            reporter.report(Event::Plan { action: "remove".into(), detail });
            return Ok(removed);
        }
        if fs::kind(self.layout.store())?.is_none() {
            // No lock, no folder is made where there is nothing to remove.
            self.installed(self.state_to_plan(service)?)?;
        }
        if let Some(sudo) = self.elevation()? {
            return sudo.ask(Change::Remove { service: service.clone() }, reporter, cancel);
        }
        let _lock = self.begin(Some(service), reporter, cancel)?;
        self.installed(self.state_to_plan(service)?)?.refuse_newer()?;
        go_on(Some(service), cancel)?;
        refuse_foreign_current(&self.layout, service)?;
        let removed = self.removal(service)?;
        // One rename, and no binary of the service is there any more.
        let gone = aside::take_away(&self.layout.service(service))?;
        if gone.is_none() {
            // There is only a link that names nothing.
            self.take_out(service)?;
        }
        // What follows is tidying, done again by the next change if it fails.
        let tidied = self.take_out(service).and_then(|()| gone.map_or(Ok(()), aside::Gone::delete));
        if let Err(error) = tidied {
            warn(reporter, &error);
        }
        reporter.report(Event::Removed { what: service.to_string(), size: removed.size });
        Ok(removed)
    }

    /// Takes a service out of `current/`, which hides all its binaries at once,
    /// then removes its links.
    pub(super) fn take_out(&self, service: &Name) -> fs::Result<()> {
        let link = self.layout.current_link(service);
        let before = fs::link_target(&link)?;
        if fs::remove_file(&link)? {
            fs::sync_dir(self.layout.current()).inspect_err(|_| {
                drop(before.map(|before| aside::link_over(&before, &link)));
            })?;
        }
        let links = self.layout.links_of(service)?;
        unlink(&self.layout, links.iter().map(|link| link.path.as_path()))
    }

    fn removal(&self, service: &Name) -> Result<Removed, Error> {
        let links = self.layout.links_of(service)?;
        Ok(Removed {
            service: service.clone(),
            size: disk::used(&self.layout.service(service)),
            bins: links.into_iter().map(|link| link.path).collect(),
        })
    }
}
