//! Small steps that a kill cannot leave half done: links put in place, folders
//! taken away, strangers' files kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::layout::{ASIDE, Layout, REMOVED};
use crate::sys::fs::{self, Context};

/// A path in `folder` that nobody else uses; what is left there is swept.
fn beside(folder: &Path, prefix: &str) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{prefix}{}-{count}", std::process::id()))
}

/// Puts a link where a link or file may be: made aside, renamed over it.
pub(super) fn link_over(target: &Path, link: &Path) -> fs::Result<()> {
    let aside = beside(fs::parent(link), ASIDE);
    fs::symlink(target, &aside)?;
    fs::rename(&aside, link).inspect_err(|_| drop(fs::remove_file(&aside)))
}

/// Takes a generation or a whole service away by one rename, then deletes it.
/// One that is not there is fine.
pub(super) fn discard(folder: &Path) -> fs::Result<()> {
    let parent = fs::parent(folder);
    let aside = beside(parent, REMOVED);
    match fs::rename(folder, &aside) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    fs::sync_dir(parent)?;
    fs::remove_dir_all(&aside)?;
    Ok(())
}

/// The same where an error is being reported already.
pub(super) fn discard_quietly(folder: &Path) {
    drop(discard(folder));
}

/// Keeps a stranger's file of `bin/` under a second name, while the first
/// stays in place: there is no moment without it.
pub(super) fn keep(layout: &Layout, path: &Path) -> fs::Result<PathBuf> {
    let folder = layout.replaced();
    layout.make(&folder)?;
    let kept = free_name(&folder, path)?;
    if let Some(target) = fs::read_link(path) {
        fs::symlink(&target, &kept)?;
    } else if fs::hard_link(path, &kept).is_err() {
        // Another file system, or a file that may not be linked.
        copy_over(path, &kept)?;
    }
    fs::sync_dir(&folder).inspect_err(|_| drop(fs::remove_file(&kept)))?;
    Ok(kept)
}

/// Puts a kept file back to where hero's link is now.
pub(super) fn give_back(kept: &Path, path: &Path) -> fs::Result<()> {
    if fs::rename(kept, path).is_ok() {
        return Ok(());
    }
    match fs::read_link(kept) {
        Some(target) => link_over(&target, path)?,
        None => copy_over(kept, path)?,
    }
    fs::remove_file(kept).map(drop)
}

/// Copies a file to its place by way of a rename.
fn copy_over(from: &Path, to: &Path) -> fs::Result<()> {
    let aside = beside(fs::parent(to), ASIDE);
    let copied = fs::copy(from, &aside)
        .and_then(|_| fs::open(&aside)?.sync_all().at("sync", &aside))
        .and_then(|()| fs::rename(&aside, to));
    copied.inspect_err(|_| drop(fs::remove_file(&aside)))
}

/// `<name>-<time>`, with a number where that is taken.
fn free_name(folder: &Path, path: &Path) -> fs::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut free = folder.join(format!("{name}-{time}"));
    let mut count = 1;
    while fs::kind(&free)?.is_some() {
        count += 1;
        free = folder.join(format!("{name}-{time}-{count}"));
    }
    Ok(free)
}
