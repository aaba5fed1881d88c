//! Uninstalling.

use std::path::PathBuf;

use super::commit::unlink;
use super::model::Removed;
use super::recover;
use super::{Error, Store, aside, go_on};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

impl Store {
    /// Removes a service: its links, what is current, all generations. Files
    /// in `bin/` that hero did not make stay.
    ///
    /// # Errors
    /// When it is not installed, was installed by a newer hero, or something
    /// cannot be removed.
    pub fn remove(
        &self,
        service: &Name,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Removed, Error> {
        if dry_run {
            let state = self.installed(self.state_to_plan(service)?)?;
            let removed = self.removal(&state.service)?;
            let detail = format!("{service} ({} generations)", state.generations.len());
            reporter.report(Event::Plan { action: "remove".into(), detail });
            return Ok(removed);
        }
        if fs::kind(self.layout.store())?.is_none() {
            // No lock, no folder is made where there is nothing to remove.
            self.installed(self.state_to_plan(service)?)?;
        }
        self.writable()?;
        let _lock = self.begin(Some(service), reporter, cancel)?;
        self.installed(self.state_to_change(service, reporter)?)?;
        go_on(Some(service), cancel)?;
        let removed = self.removal(service)?;
        self.unlink_service(service, &removed.bins, reporter)?;
        aside::discard(&self.layout.service(service))?;
        reporter.report(Event::Removed { what: service.to_string(), size: removed.size });
        Ok(removed)
    }

    /// Takes a service out of `bin/` and `current/`: the links first, so that
    /// none leads nowhere. When that fails they are put back; a kill in between
    /// leaves it installed, and the next change puts them back.
    pub(super) fn unlink_service(
        &self,
        service: &Name,
        links: &[PathBuf],
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let current = self.layout.current_link(service);
        let unlinked = unlink(&self.layout, links.iter().map(PathBuf::as_path))
            .and_then(|()| fs::remove_file(&current));
        match unlinked {
            Ok(true) => Ok(fs::sync_dir(self.layout.current())?),
            Ok(false) => Ok(()),
            Err(error) => {
                recover::run(&self.layout, reporter);
                Err(error.into())
            }
        }
    }

    fn removal(&self, service: &Name) -> Result<Removed, Error> {
        let links = self.layout.links_of(service)?;
        Ok(Removed {
            service: service.clone(),
            size: fs::size(&self.layout.service(service)),
            bins: links.into_iter().map(|link| link.path).collect(),
        })
    }
}
