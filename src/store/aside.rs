//! Small steps that a kill cannot leave half done: links put in place, folders
//! taken away, strangers' files kept.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::layout::{ASIDE, Layout, REMOVED};
use crate::sys::fs::{self, Context};

/// A path in `folder` that nobody else uses; what is left there is swept.
pub(super) fn beside(folder: &Path, prefix: &str) -> PathBuf {
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

/// Takes a generation or a whole service away by one rename; it can be put
/// back until [`Gone::delete`]. `None` if it was not there.
pub(super) fn take_away(folder: &Path) -> fs::Result<Option<Gone>> {
    let parent = fs::parent(folder);
    let gone = Gone { folder: folder.to_owned(), aside: beside(parent, REMOVED) };
    match fs::rename(folder, &gone.aside) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        renamed => renamed?,
    }
    fs::sync_dir(parent).inspect_err(|_| gone.put_back())?;
    Ok(Some(gone))
}

/// A folder that was renamed away.
#[derive(Debug)]
pub(super) struct Gone {
    folder: PathBuf,
    aside: PathBuf,
}

impl Gone {
    /// Undoes it, as far as the disk lets us; the error that led here is what
    /// is reported.
    pub(crate) fn put_back(&self) {
        drop(fs::rename(&self.aside, &self.folder));
        drop(fs::sync_dir(fs::parent(&self.folder)));
    }

    /// Deletes it. What cannot be deleted now is swept by the next change.
    pub(crate) fn delete(self) -> fs::Result<()> {
        fs::remove_dir_all(&self.aside).map(drop)
    }
}

/// Takes a folder away and deletes it, where an error is being reported already.
pub(super) fn discard_quietly(folder: &Path) {
    if let Ok(Some(gone)) = take_away(folder) {
        drop(gone.delete());
    }
}

/// Where a stranger's file of `bin/` can be kept: `<name>@<time>`, with a number
/// where that is taken.
pub(super) fn place_for(layout: &Layout, path: &Path) -> fs::Result<PathBuf> {
    let folder = layout.replaced();
    layout.make(&folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut free = folder.join(format!("{name}@{time}"));
    let mut count = 1;
    while fs::kind(&free)?.is_some() {
        count += 1;
        free = folder.join(format!("{name}@{time}-{count}"));
    }
    Ok(free)
}

/// Keeps a stranger's file under a second name, while the first stays in place.
pub(super) fn keep(path: &Path, place: &Path) -> fs::Result<()> {
    if fs::hard_link(path, place).is_err() {
        // Another file system, or a file that may not be linked.
        match fs::link_target(path)? {
            Some(target) => fs::symlink(&target, place)?,
            None => copy_over(path, place)?,
        }
    }
    fs::sync_dir(fs::parent(place))
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
    let copied = copy_file(from, &aside).and_then(|()| fs::rename(&aside, to));
    copied.inspect_err(|_| drop(fs::remove_file(&aside)))
}

/// A copy with the mode and owner of the file, without what makes it run with
/// its owner's rights.
fn copy_file(from: &Path, to: &Path) -> fs::Result<()> {
    let original = fs::open(from)?;
    let data = original.metadata().at("look at", from)?;
    let copy = fs::copy_content(&original, to)?;
    if fs::metadata(to)?.uid() != data.uid() {
        std::os::unix::fs::chown(to, Some(data.uid()), Some(data.gid())).at("give away", to)?;
    }
    fs::set_mode(to, data.permissions().mode() & 0o777)?;
    copy.sync_all().at("sync", to)
}
