//! What is installed of one service, as it lies on disk.

use std::path::{Path, PathBuf};

use super::commit::warn;
use super::generation;
use super::layout::{Layout, has_prefix};
use super::model::Service;
use super::receipt::{self, Receipt, ReceiptFault};
use super::{Error, Store};
use crate::error::near;
use crate::event::{Event, Reporter};
use crate::sys::disk;
use crate::sys::fs;
use crate::sys::name::Name;

/// One service: what is current and all generations.
#[derive(Debug)]
pub(super) struct State {
    pub(crate) service: Name,
    /// The generation that `current/<service>` names.
    pub(crate) current: Option<String>,
    /// The newest first; those without a usable receipt last.
    pub(crate) generations: Vec<Generation>,
}

/// One generation.
#[derive(Debug)]
pub(super) struct Generation {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) receipt: Result<Receipt, ReceiptFault>,
}

impl State {
    pub(crate) fn read(layout: &Layout, service: &Name) -> fs::Result<Self> {
        let mut generations = Vec::new();
        for (name, folder) in layout.generations(service)? {
            let receipt = Receipt::read(&folder, service, &name);
            // Somebody may remove it while we look; then it is not there.
            if receipt.is_ok() || folder.is_dir() {
                generations.push(Generation { name, folder, receipt });
            }
        }
        generations.sort_by(|a, b| b.age().cmp(&a.age()));
        Ok(Self {
            service: service.clone(),
            current: layout.current_generation(service)?,
            generations,
        })
    }

    /// Whether anything of the service is there.
    pub(crate) fn exists(&self, layout: &Layout) -> bool {
        !self.generations.is_empty() || fs::exists(&layout.current_link(&self.service))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Generation> {
        self.generations.iter().find(|generation| generation.name == name)
    }

    /// The current generation and its receipt, if that can be used.
    pub(crate) fn current(&self) -> Option<(&Generation, &Receipt)> {
        let generation = self.find(self.current.as_deref()?)?;
        Some((generation, generation.receipt.as_ref().ok()?))
    }

    pub(crate) fn is_current(&self, generation: &Generation) -> bool {
        self.current.as_deref() == Some(generation.name.as_str())
    }

    /// When a generation was last current: the current one is now, one from before was
    /// until an install chose the next. `None` without a receipt.
    pub(crate) fn last_use(&self, generation: &Generation) -> Option<jiff::Timestamp> {
        let since = generation.receipt.as_ref().ok()?.since();
        if self.is_current(generation) {
            return Some(jiff::Timestamp::now());
        }
        let receipts = self.generations.iter().filter_map(|it| it.receipt.as_ref().ok());
        let next = receipts.map(Receipt::since).filter(|it| *it > since).min();
        Some(next.unwrap_or(since))
    }

    /// Names of all generations but the current, the newest first.
    pub(crate) fn others(&self) -> Vec<String> {
        let others = self.generations.iter().filter(|generation| !self.is_current(generation));
        others.map(|generation| generation.name.clone()).collect()
    }

    /// An error if a receipt cannot be read now: who chooses between
    /// generations must know all of them.
    pub(crate) fn refuse_unreadable(&self) -> Result<(), Error> {
        let unreadable = |it: &&Generation| matches!(it.receipt, Err(ReceiptFault::Unreadable(_)));
        match self.generations.iter().find(unreadable) {
            Some(generation) => generation.usable(&self.service).map(drop),
            None => Ok(()),
        }
    }

    /// What a person is told about the service.
    pub(crate) fn describe(&self, layout: &Layout, bins: Vec<PathBuf>) -> Service {
        let receipts = self.generations.iter().filter_map(|it| it.receipt.as_ref().ok());
        Service {
            name: self.service.clone(),
            current: self.current().map(|(_, receipt)| receipt.clone()),
            generations: receipts.cloned().collect(),
            size: disk::used(&layout.service(&self.service)),
            bins,
        }
    }

    /// An error if a newer hero has installed what is current. What else it
    /// has installed stays where it is and is in nobody's way.
    fn refuse_newer_current(&self) -> Result<(), Error> {
        match self.generations.iter().find(|it| self.is_current(it)) {
            Some(generation) => self.refuse_newer_one(generation),
            None => Ok(()),
        }
    }

    /// An error if a newer hero has installed anything of this service.
    pub(crate) fn refuse_newer(&self) -> Result<(), Error> {
        self.generations.iter().try_for_each(|generation| self.refuse_newer_one(generation))
    }

    fn refuse_newer_one(&self, generation: &Generation) -> Result<(), Error> {
        match generation.receipt {
            Err(ReceiptFault::Newer(format)) => Err(Error::NewerFormat {
                service: self.service.clone(),
                path: generation.folder.join(receipt::FILE),
                format,
            }),
            _ => Ok(()),
        }
    }
}

impl Generation {
    /// Sorts by when an install last chose it, then by name.
    fn age(&self) -> (Option<jiff::Timestamp>, &str) {
        (self.receipt.as_ref().ok().map(Receipt::since), &self.name)
    }

    /// The receipt of a generation that could be made current.
    pub(crate) fn usable(&self, service: &Name) -> Result<&Receipt, Error> {
        let receipt = self.receipt.as_ref().map_err(|fault| Error::Unusable {
            service: service.clone(),
            generation: self.name.clone(),
            message: fault.to_string(),
        })?;
        match receipt.bins.iter().find(|bin| !generation::is_whole(&self.folder, bin)) {
            Some(bin) => Err(Error::Damaged {
                service: service.clone(),
                generation: self.name.clone(),
                path: self.folder.join("bin").join(&bin.name),
            }),
            None => Ok(receipt),
        }
    }
}

impl Store {
    /// The state of a service that is about to be changed, under the lock:
    /// corrupt receipts are set aside; if a newer hero's version is current, it
    /// is refused.
    pub(super) fn state_to_change(
        &self,
        service: &Name,
        reporter: &dyn Reporter,
    ) -> Result<State, Error> {
        let mut state = State::read(&self.layout, service)?;
        state.refuse_newer_current()?;
        for generation in &mut state.generations {
            set_aside(service, generation, reporter);
        }
        Ok(state)
    }

    /// The same for a look that changes nothing.
    pub(super) fn state_to_plan(&self, service: &Name) -> Result<State, Error> {
        let state = State::read(&self.layout, service)?;
        state.refuse_newer_current()?;
        Ok(state)
    }

    /// `state` if anything of the service is there, an error with near names
    /// otherwise.
    pub(super) fn installed(&self, state: State) -> Result<State, Error> {
        if state.exists(&self.layout) {
            return Ok(state);
        }
        let mut names = Vec::new();
        for name in self.layout.services()? {
            if fs::list(&self.layout.service(&name))?.iter().any(|path| !has_prefix(path, ".")) {
                names.push(name);
            }
        }
        let candidates = near(state.service.as_str(), names.iter().map(Name::as_str));
        let near = candidates.into_iter().map(str::to_owned).collect();
        Err(Error::NotInstalled { service: state.service, near, installed: names.len() })
    }
}

/// Renames a corrupt receipt, so that it is reported once and stands in
/// nobody's way, and can still be looked at.
pub(super) fn set_aside(service: &Name, generation: &mut Generation, reporter: &dyn Reporter) {
    let Err(ReceiptFault::Corrupt(reason)) = &generation.receipt else { return };
    let file = generation.folder.join(receipt::FILE);
    match put_aside(&generation.folder, "corrupt") {
        Ok(aside) => reporter.report(Event::Warning {
            message: format!(
                "the receipt `{}` of `{service}` is corrupt and was set aside: {reason}",
                file.display()
            ),
            hint: Some(format!("install `{service}` again; it is kept as {}", aside.display())),
        }),
        Err(error) => warn(reporter, &error),
    }
    generation.receipt = Err(ReceiptFault::Missing);
}

/// Renames a generation's receipt, so that nobody uses it any more; its path
/// now.
pub(super) fn put_aside(folder: &Path, why: &str) -> fs::Result<PathBuf> {
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = folder.join(format!("{}.{why}-{time}", receipt::FILE));
    fs::rename(&folder.join(receipt::FILE), &aside)?;
    fs::sync_dir(folder)?;
    Ok(aside)
}
