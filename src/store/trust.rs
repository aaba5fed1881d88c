//! A system's store is for everybody to run: what others than its
//! administrator can change is not trusted.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::receipt::Receipt;
use super::{Error, Store};
use crate::sys::name::Name;
use crate::sys::{fs, process};

/// The sticky bit: in such a folder only owners rename and remove.
const STICKY: u32 = 0o1000;

/// Whom a store belongs to: this user if they made it, as for an image that is
/// put together, otherwise root.
fn master(layout: &Layout) -> fs::Result<u32> {
    let store = layout.store().ancestors().find(|path| fs::exists(path));
    let owner = store.map(fs::link_metadata).transpose()?.map_or(0, |data| data.uid());
    Ok(if owner == process::effective_user() { owner } else { 0 })
}

/// Why others than root and `master` can change what is at a path; `None` if
/// they cannot. A link has an owner only; who may change a folder may change
/// what lies in it.
fn fault(path: &Path, master: u32) -> fs::Result<Option<String>> {
    let data = fs::link_metadata(path)?;
    let (owner, mode) = (data.uid(), data.mode());
    Ok(if owner != 0 && owner != master {
        Some(format!("it belongs to user {owner}"))
    } else if data.is_symlink() || (data.is_dir() && mode & STICKY != 0) || mode & 0o022 == 0 {
        None
    } else if mode & 0o002 != 0 {
        Some("everybody can change it".into())
    } else {
        Some(format!("group {} can change it", data.gid()))
    })
}

/// The folders of a system root that are there, with those above them.
fn folders(layout: &Layout) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in [layout.store(), layout.current(), layout.locks()] {
        // Where a folder is reached by a link, both ways count.
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        for path in folder.ancestors().chain(real.ancestors()) {
            if fs::exists(path) && !folders.iter().any(|it| it == path) {
                folders.push(path.to_owned());
            }
        }
    }
    folders
}

/// Everything of a system root that others can change, of its folders.
pub(super) fn untrusted_folders(layout: &Layout) -> fs::Result<Vec<(PathBuf, String)>> {
    if !layout.system() {
        return Ok(Vec::new());
    }
    let mut all = untrusted(layout, folders(layout))?;
    // Where links are made; a group of administrators may share that.
    let master = master(layout)?;
    for path in layout.bin().ancestors().filter(|path| fs::exists(path)) {
        let reason = fault(path, master)?.filter(|reason| !reason.starts_with("group "));
        all.extend(reason.map(|reason| (path.to_owned(), reason)));
    }
    Ok(all)
}

/// The same of a generation, with its service's folder.
pub(super) fn untrusted_files(
    layout: &Layout,
    folder: &Path,
    receipt: &Receipt,
) -> fs::Result<Vec<(PathBuf, String)>> {
    if !layout.system() {
        return Ok(Vec::new());
    }
    let bin = folder.join("bin");
    let mut paths = vec![fs::parent(folder).to_owned(), folder.to_owned(), bin.clone()];
    paths.extend([super::receipt::FILE, super::inputs::FILE].map(|file| folder.join(file)));
    paths.extend(receipt.files().map(|file| bin.join(&file.name)));
    paths.retain(|path| fs::exists(path));
    untrusted(layout, paths)
}

/// The same of the folder of a service: what lies in it is acted upon.
pub(super) fn untrusted_service(
    layout: &Layout,
    service: &Name,
) -> fs::Result<Vec<(PathBuf, String)>> {
    let folder = layout.service(service);
    let there = layout.system() && fs::exists(&folder);
    untrusted(layout, if there { vec![folder] } else { Vec::new() })
}

fn untrusted(layout: &Layout, paths: Vec<PathBuf>) -> fs::Result<Vec<(PathBuf, String)>> {
    let mut all = Vec::new();
    if paths.is_empty() {
        return Ok(all);
    }
    let master = master(layout)?;
    for path in paths {
        if let Some(reason) = fault(&path, master)? {
            all.push((path, reason));
        }
    }
    Ok(all)
}

/// Refuses what others can change.
pub(super) fn refuse(untrusted: Vec<(PathBuf, String)>) -> Result<(), Error> {
    match untrusted.into_iter().next() {
        Some((path, reason)) => Err(Error::Untrusted { path, reason }),
        None => Ok(()),
    }
}

impl Store {
    /// Refuses a system root whose folders others can change.
    pub(super) fn trusted(&self) -> Result<(), Error> {
        refuse(untrusted_folders(&self.layout)?)
    }
}
