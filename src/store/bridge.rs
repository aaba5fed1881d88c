//! Strangers' files that give way without a moment in which some binaries are
//! old and others new.
//!
//! A name in `bin/` that a stranger's file has must become hero's link, which is
//! a rename of its own beside the one that commits. So for a moment
//! `current/<service>` leads to a bridge: a folder that shows what was there
//! before, the strangers' files too.
//!
//! ```text
//! store/<service>/.bridge-…/bin/<name>   -> a binary of the old generation, or a stranger's file
//!                           kept/<name>  -> replaced/<name>@<time>
//!                           before       -> the old generation, if there was one
//! ```
//!
//! Then the strangers' names become links through it, and nothing looks
//! different; then the commit is one rename as always. A kill on the way leaves
//! the bridge, which says how to go back.

use std::path::{Path, PathBuf};

use super::aside::{self, beside};
use super::layout::{BRIDGE, Layout, has_prefix, same_folder};
use crate::sys::fs;
use crate::sys::name::Name;

/// A bridge of one service.
#[derive(Debug)]
pub(super) struct Bridge<'a> {
    layout: &'a Layout,
    service: &'a Name,
    folder: PathBuf,
    /// Strangers' files and where they are kept.
    pub(crate) kept: Vec<(PathBuf, PathBuf)>,
}

impl<'a> Bridge<'a> {
    /// Leads `current/<service>` and the strangers' names over a new bridge.
    /// What fails is taken back.
    pub(crate) fn build(
        layout: &'a Layout,
        service: &'a Name,
        strangers: &[PathBuf],
    ) -> fs::Result<Self> {
        let parent = layout.service(service);
        layout.make(&parent)?;
        let folder = beside(&parent, BRIDGE);
        let mut bridge = Self { layout, service, folder, kept: Vec::new() };
        bridge
            .raise(strangers)
            .and_then(|()| bridge.cross())
            .inspect_err(|_| bridge.take_down())?;
        Ok(bridge)
    }

    /// The bridges that a service has, of which only a kill leaves any.
    pub(crate) fn left(layout: &'a Layout, service: &'a Name) -> fs::Result<Vec<Self>> {
        let mut folders = fs::list(&layout.service(service))?;
        folders.retain(|path| has_prefix(path, BRIDGE));
        let bridge = |folder: PathBuf| {
            let mut kept = Vec::new();
            for link in fs::list(&folder.join("kept"))? {
                let target = fs::link_target(&link)?;
                // Nothing else is believed: what is kept may be removed.
                let ours = |it: &PathBuf| same_folder(fs::parent(it), &layout.replaced());
                if let Some(target) = target.filter(ours) {
                    kept.push((layout.bin().join(link.file_name().unwrap_or_default()), target));
                }
            }
            Ok(Self { layout, service, folder, kept })
        };
        folders.into_iter().map(bridge).collect()
    }

    /// Goes back to what was before, and removes the bridge. Each step that
    /// fails leaves something that the next change takes down.
    pub(crate) fn take_down(&self) {
        // A commit that a kill left whole is not taken back.
        let crossed = fs::read_link(&self.layout.current_link(self.service));
        if crossed.is_some_and(|target| self.is_this(&target)) {
            let given = self.kept.iter().all(|(path, kept)| self.give_back(path, kept).is_ok());
            if !given || self.go_back().is_err() {
                return;
            }
        }
        for (path, kept) in &self.kept {
            // Still in its place: it need not be kept.
            if fs::same_file(path, kept).unwrap_or(false) {
                drop(fs::remove_file(kept));
            }
        }
        drop(self.remove());
    }

    /// Whether a link's target is this bridge, also by another path to the root.
    fn is_this(&self, target: &Path) -> bool {
        target.file_name() == self.folder.file_name()
            && same_folder(fs::parent(target), fs::parent(&self.folder))
    }

    /// Removes it when nothing leads over it any more.
    pub(crate) fn remove(&self) -> fs::Result<()> {
        fs::remove_dir_all(&self.folder).map(drop)
    }

    /// Keeps the strangers' files and makes the folder.
    fn raise(&mut self, strangers: &[PathBuf]) -> fs::Result<()> {
        let (bin, kept) = (self.folder.join("bin"), self.folder.join("kept"));
        let mode = self.layout.folder_mode();
        for folder in [&bin, &kept] {
            fs::create_dir_all_durably(folder, mode)?;
        }
        if let Some(before) = fs::link_target(&self.layout.current_link(self.service))? {
            fs::symlink(&before, &self.folder.join("before"))?;
            for old in fs::list(&before.join("bin"))? {
                fs::symlink(&old, &bin.join(old.file_name().unwrap_or_default()))?;
            }
        }
        for path in strangers {
            let name = path.file_name().unwrap_or_default();
            let place = aside::place_for(self.layout, path)?;
            // Noted first: nothing is kept that a kill could make us forget.
            fs::symlink(&place, &kept.join(name))?;
            self.kept.push((path.clone(), place.clone()));
            aside::keep(path, &place)?;
            // A link's target may be relative to its folder.
            let shown = fs::canonicalize(path).ok().filter(|_| fs::read_link(path).is_some());
            // An old version of the binary is hidden by the stranger's file.
            fs::remove_file(&bin.join(name))?;
            fs::symlink(&shown.unwrap_or(place), &bin.join(name))?;
        }
        fs::sync_dir(&bin)?;
        fs::sync_dir(&kept)?;
        fs::sync_dir(&self.folder)
    }

    fn cross(&self) -> fs::Result<()> {
        aside::link_over(&self.folder, &self.layout.current_link(self.service))?;
        fs::sync_dir(self.layout.current())?;
        for (path, _) in &self.kept {
            aside::link_over(&self.link(path), path)?;
        }
        fs::sync_dir(self.layout.bin())
    }

    /// What hero's link at a path in `bin/` says.
    fn link(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default();
        self.layout.current_link(self.service).join("bin").join(name)
    }

    fn give_back(&self, path: &Path, kept: &Path) -> fs::Result<()> {
        let ours = self.layout.own(path)?.is_some_and(|link| link.service == *self.service);
        if ours { aside::give_back(kept, path) } else { Ok(()) }
    }

    fn go_back(&self) -> fs::Result<()> {
        fs::sync_dir(self.layout.bin())?;
        let link = self.layout.current_link(self.service);
        match fs::link_target(&self.folder.join("before"))? {
            Some(before) => aside::link_over(&before, &link)?,
            None => fs::remove_file(&link).map(drop)?,
        }
        fs::sync_dir(self.layout.current())
    }
}
