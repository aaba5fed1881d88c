//! What every change begins with: clearing away and mending what a killed
//! process left, whichever service it was busy with. Nothing here stops the
//! change that follows; what cannot be mended is told.

use std::path::Path;

use super::bridge::Bridge;
use super::commit::warn;
use super::layout::{ASIDE, Layout, Owner, REMOVED, STAGING, TEMPORARY, has_prefix, leads_nowhere};
use super::state::{State, set_aside};
use super::{Error, generation, trust};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::fs;
use crate::sys::name::Name;

/// Brings the root in order; the caller holds its lock.
pub(super) fn run(layout: &Layout, reporter: &dyn Reporter) {
    let told = |result: fs::Result<()>| {
        if let Err(error) = result {
            warn(reporter, &error);
        }
    };
    told(sweep_links(layout));
    told(sweep_folders(layout.store()));
    let services = layout.services().unwrap_or_else(|error| {
        warn(reporter, &error);
        Vec::new()
    });
    for service in &services {
        let folder = layout.service(service);
        // Nothing is done as a folder of somebody else says.
        match trust::untrusted_service(layout, service) {
            Ok(untrusted) if untrusted.is_empty() => {}
            Ok(untrusted) => {
                for (path, reason) in untrusted {
                    warn(reporter, &Error::Untrusted { path, reason });
                }
                continue;
            }
            Err(error) => {
                warn(reporter, &error);
                continue;
            }
        }
        told(sweep_folders(&folder));
        // What is left of a first installation that was killed.
        told(fs::remove_empty_dir(&folder).map(drop));
        told(take_down(layout, service));
        told(sweep_temporary(layout, service));
        told(unlink_gone(layout, service));
        told(mend(layout, service, reporter));
    }
    told(unlink_stale(layout));
}

/// Takes back a commit that was killed while strangers' files gave way.
fn take_down(layout: &Layout, service: &Name) -> fs::Result<()> {
    Bridge::left(layout, service)?.iter().for_each(Bridge::take_down);
    Ok(())
}

/// Removes `current/<service>` where an uninstallation was killed before it
/// could: it names a generation that is no more.
fn unlink_gone(layout: &Layout, service: &Name) -> fs::Result<()> {
    let link = layout.current_link(service);
    let gone = fs::kind(&layout.service(service))?.is_none();
    if gone && fs::link_target(&link)?.is_some() && leads_nowhere(&link) {
        fs::remove_file(&link)?;
        fs::sync_dir(layout.current())?;
    }
    Ok(())
}

/// Links and copies that were to be renamed to their places.
fn sweep_links(layout: &Layout) -> fs::Result<()> {
    for folder in [layout.bin(), layout.current(), &layout.replaced()] {
        for path in fs::list(folder)? {
            if has_prefix(&path, ASIDE) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

/// Folders that were being put together or deleted by a process that is gone.
fn sweep_folders(folder: &Path) -> fs::Result<()> {
    for path in fs::list(folder)? {
        if has_prefix(&path, REMOVED) || (has_prefix(&path, STAGING) && is_abandoned(&path)) {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

/// Receipts that were being written anew.
fn sweep_temporary(layout: &Layout, service: &Name) -> fs::Result<()> {
    for (_, folder) in layout.generations(service)? {
        for path in fs::list(&folder)?.iter().filter(|path| has_prefix(path, TEMPORARY)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether the process that made a staging folder is gone: it locks the folder
/// as long as it lives. (The lock of the root should keep us apart already; but
/// it is only as good as the agreement on where the lock files are.)
pub(super) fn is_abandoned(path: &Path) -> bool {
    let Ok(folder) = fs::open(path) else { return false };
    !matches!(folder.try_lock(), Err(std::fs::TryLockError::WouldBlock))
}

/// Makes the links that the current generation of a service should have.
fn mend(layout: &Layout, service: &Name, reporter: &dyn Reporter) -> fs::Result<()> {
    let mut state = State::read(layout, service)?;
    let Some(current) = state.current.clone() else { return Ok(()) };
    for generation in &mut state.generations {
        if generation.name == current {
            set_aside(service, generation, reporter);
        }
    }
    let Some((current, receipt)) = state.current() else { return Ok(()) };
    let mut mended = false;
    for bin in &receipt.bins {
        let path = layout.bin_link(&bin.name);
        if layout.owner(&bin.name)? == Owner::Nobody && generation::is_whole(&current.folder, bin) {
            layout.make(layout.bin())?;
            // In place: it cannot overwrite a file that appears just now.
            fs::symlink(&layout.bin_target(service, &bin.name), &path)?;
            mended = true;
            reporter.report(Event::Log {
                level: LogLevel::Verbose,
                message: format!("mended the link `{}`", path.display()),
            });
        }
    }
    if mended { fs::sync_dir(layout.bin()) } else { Ok(()) }
}

/// Removes links that hero made and that lead nowhere.
fn unlink_stale(layout: &Layout) -> fs::Result<()> {
    let mut links = layout.own_links()?;
    links.retain(|link| leads_nowhere(&link.path));
    super::commit::unlink(layout, links.iter().map(|link| link.path.as_path()))
}
