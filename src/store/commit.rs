//! The commit: one rename makes a generation current, and a step that fails
//! takes everything back.
//!
//! The order: strangers' files give way by a bridge, which shows the same
//! (`bridge`); links of binaries that are new are made, which lead nowhere yet,
//! as if they were not there; then `current/<service>` is renamed over, and
//! every binary changes at once. After it the links of binaries that are no
//! more, which lead nowhere now, are removed. A kill before the rename leaves
//! the old version and after it the new one; `recover` finishes or takes back
//! the rest.

use std::path::{Path, PathBuf};

use super::bridge::Bridge;
use super::layout::{Layout, Owner};
use super::receipt::Receipt;
use super::{Error, aside};
use crate::error::Diagnostic;
use crate::event::{Event, Reporter};
use crate::sys::fs;
use crate::sys::name::Name;

/// What is in the way of a service's links.
#[derive(Debug, Default)]
pub(super) struct InTheWay {
    /// Strangers' files, which give way only if the policy says so.
    pub(crate) strangers: Vec<PathBuf>,
}

/// Looks whether these binaries may have their links.
///
/// Names that other services have are refused, strangers' files too unless
/// `replace`; they are returned then.
pub(super) fn in_the_way<'a>(
    layout: &Layout,
    service: &Name,
    bins: impl IntoIterator<Item = &'a Name>,
    replace: bool,
) -> Result<InTheWay, Error> {
    let mut taken = Vec::new();
    let mut strangers = Vec::new();
    for bin in bins {
        match layout.owner(bin)? {
            Owner::Nobody | Owner::Stale(_) => {}
            Owner::Service(owner) if owner == *service => {}
            Owner::Service(owner) => taken.push((bin.clone(), owner)),
            Owner::Stranger => strangers.push(layout.bin_link(bin)),
            Owner::StrangersFolder => {
                return Err(Error::ForeignFolder { path: layout.bin_link(bin) });
            }
        }
    }
    if let Some((bin, owner)) = taken.first().cloned() {
        return Err(Error::Taken { service: service.clone(), bin, owner, all: taken });
    }
    if !replace && !strangers.is_empty() {
        return Err(Error::Foreign { paths: strangers });
    }
    Ok(InTheWay { strangers })
}

/// Whether `bin/` shows exactly these binaries of the service.
pub(super) fn links_are_right(
    layout: &Layout,
    service: &Name,
    receipt: &Receipt,
) -> fs::Result<bool> {
    for bin in receipt.names() {
        if layout.owner(bin)? != Owner::Service(service.clone()) {
            return Ok(false);
        }
    }
    Ok(layout.links_of(service)?.len() == receipt.bins.len())
}

/// Makes a generation current; where strangers' files are kept now.
pub(super) fn commit(
    layout: &Layout,
    receipt: &Receipt,
    in_the_way: &InTheWay,
    reporter: &dyn Reporter,
) -> Result<Vec<PathBuf>, Error> {
    layout.make(layout.current())?;
    layout.make(layout.bin())?;
    refuse_foreign_current(layout, &receipt.service)?;
    let mut commit = Commit::new(layout, &receipt.service);
    if !in_the_way.strangers.is_empty() {
        commit.bridge = Some(Bridge::build(layout, &receipt.service, &in_the_way.strangers)?);
    }
    commit.link(receipt)?;
    commit.switch(&receipt.generation)?;
    let bridge = commit.finish();
    let kept = bridge.as_ref().map(|bridge| bridge.kept.clone()).unwrap_or_default();
    for (path, kept) in &kept {
        reporter.report(Event::Warning {
            message: format!("`{}` was not hero's and was moved aside", path.display()),
            hint: Some(format!("it is kept as {}", kept.display())),
        });
    }
    // The new version is complete: what follows is tidying, done again by the
    // next change if it fails.
    let removed = bridge.map_or(Ok(()), |bridge| bridge.remove());
    if let Err(error) = removed.and_then(|()| unlink_others(layout, receipt)) {
        warn(reporter, &error);
    }
    Ok(kept.into_iter().map(|(_, kept)| kept).collect())
}

/// Refuses what is in the place of `current/<service>` and is no link.
pub(super) fn refuse_foreign_current(layout: &Layout, service: &Name) -> Result<(), Error> {
    let current = layout.current_link(service);
    match fs::kind(&current)? {
        Some(kind) if !kind.is_symlink() => Err(Error::ForeignFolder { path: current }),
        _ => Ok(()),
    }
}

/// Tells of an error that stops nothing.
pub(super) fn warn(reporter: &dyn Reporter, error: &dyn Diagnostic) {
    reporter.report(Event::Warning { message: error.to_string(), hint: error.hint() });
}

/// Removes the service's links to binaries that the generation does not have.
fn unlink_others(layout: &Layout, receipt: &Receipt) -> fs::Result<()> {
    let mut links = layout.links_of(&receipt.service)?;
    links.retain(|link| receipt.names().all(|bin| *bin != link.bin));
    unlink(layout, links.iter().map(|link| link.path.as_path()))
}

/// Removes links from `bin/`.
pub(super) fn unlink<'a>(
    layout: &Layout,
    links: impl IntoIterator<Item = &'a Path>,
) -> fs::Result<()> {
    let mut any = false;
    for link in links {
        any |= fs::remove_file(link)?;
    }
    if any { fs::sync_dir(layout.bin()) } else { Ok(()) }
}

/// What has been done so far; undone when dropped unfinished.
struct Commit<'a> {
    layout: &'a Layout,
    service: &'a Name,
    /// What strangers' files give way by.
    bridge: Option<Bridge<'a>>,
    /// Links that were not there before.
    linked: Vec<PathBuf>,
    /// What `current/<service>` said before; `None` when it was not there.
    before: Option<PathBuf>,
    /// Whether it has been changed.
    switched: bool,
}

impl<'a> Commit<'a> {
    fn new(layout: &'a Layout, service: &'a Name) -> Self {
        Self { layout, service, bridge: None, linked: Vec::new(), before: None, switched: false }
    }

    /// Makes the links that are not there.
    fn link(&mut self, receipt: &Receipt) -> Result<(), Error> {
        for bin in receipt.names() {
            let path = self.layout.bin_link(bin);
            let target = self.layout.bin_target(self.service, bin);
            match self.layout.owner(bin)? {
                // It is there, if only for the version to come.
                Owner::Service(owner) | Owner::Stale(owner) if owner == *self.service => continue,
                Owner::Stale(_) => aside::link_over(&target, &path)?,
                // Making it in place cannot overwrite a file that appears just now.
                Owner::Nobody => fs::symlink(&target, &path)?,
                // It was not there when everything was checked.
                _ => return Err(Error::Foreign { paths: vec![path] }),
            }
            self.linked.push(path);
        }
        if self.linked.is_empty() { Ok(()) } else { Ok(fs::sync_dir(self.layout.bin())?) }
    }

    /// The commit point.
    fn switch(&mut self, generation: &str) -> fs::Result<()> {
        let link = self.layout.current_link(self.service);
        let target = self.layout.generation(self.service, generation);
        self.before = fs::link_target(&link)?;
        if self.before.as_ref() == Some(&target) {
            return Ok(());
        }
        aside::link_over(&target, &link)?;
        self.switched = true;
        fs::sync_dir(self.layout.current())
    }

    fn finish(mut self) -> Option<Bridge<'a>> {
        self.switched = false;
        self.linked.clear();
        self.bridge.take()
    }

    /// Puts back what was before, in the opposite order. Each step that fails
    /// leaves something that the next change mends; the error that led here is
    /// what is reported.
    fn undo(&mut self) {
        if self.switched {
            let link = self.layout.current_link(self.service);
            drop(match &self.before {
                Some(before) => aside::link_over(before, &link),
                None => fs::remove_file(&link).map(drop),
            });
            drop(fs::sync_dir(self.layout.current()));
        }
        for path in self.linked.drain(..) {
            drop(fs::remove_file(&path));
        }
        drop(fs::sync_dir(self.layout.bin()));
        if let Some(bridge) = self.bridge.take() {
            bridge.take_down();
        }
    }
}

impl Drop for Commit<'_> {
    fn drop(&mut self) {
        if self.switched || !self.linked.is_empty() || self.bridge.is_some() {
            self.undo();
        }
    }
}
