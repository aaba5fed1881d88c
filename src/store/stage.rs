//! Putting a generation together, out of sight.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::begin::go_on;
use super::layout::{Layout, STAGING};
use super::model::NewGeneration;
use super::receipt::{Bin, FORMAT, Receipt, Source};
use super::{Error, aside, generation, inputs};
use crate::sys::cancel::Cancel;
use crate::sys::fs::{self, Context};
use crate::sys::name::Name;

/// Folders of generations, and what is in them, for everybody to read and run.
pub(super) const OPEN: u32 = 0o755;

/// A generation that nobody sees yet; gone when dropped.
#[derive(Debug)]
pub(super) struct Staging<'a> {
    layout: &'a Layout,
    service: &'a Name,
    folder: TempDir,
    /// Tells others that this folder's process lives.
    _alive: File,
}

impl<'a> Staging<'a> {
    /// An empty one, on the store's file system.
    pub(crate) fn new(layout: &'a Layout, service: &'a Name) -> fs::Result<Self> {
        let parent = layout.service(service);
        layout.make(&parent)?;
        let folder = tempfile::Builder::new()
            .prefix(&format!("{STAGING}{}-", std::process::id()))
            .tempdir_in(&parent)
            .at("create a folder in", &parent)?;
        let alive = fs::open(folder.path())?;
        // Where folders cannot be locked, the lock of the root is enough.
        drop(alive.try_lock());
        Ok(Self { layout, service, folder, _alive: alive })
    }

    /// Copies the built files into it and writes the receipt; all of it is on
    /// disk when this returns.
    pub(crate) fn fill(&self, new: &NewGeneration, cancel: &Cancel) -> Result<Receipt, Error> {
        self.fill_folder(new, cancel).map_err(|error| match error {
            // Nobody knows the folder; which disk is full is what matters.
            Error::File(fs::Error { path, source, .. }) if path.starts_with(self.folder.path()) => {
                let path = self.layout.store().to_owned();
                Error::File(fs::Error { action: "write to", path, source })
            }
            error => error,
        })
    }

    fn fill_folder(&self, new: &NewGeneration, cancel: &Cancel) -> Result<Receipt, Error> {
        let bin = self.folder.path().join("bin");
        fs::create_dir_all(&bin)?;
        fs::set_mode(&bin, OPEN)?;
        let mut bins = Vec::new();
        for (name, built) in &new.bins {
            go_on(Some(self.service), cancel)?;
            bins.push(copy(name, built, &bin.join(name), Kind::Program)?);
        }
        let mut debug_files = Vec::new();
        for built in &new.debug_files {
            go_on(Some(self.service), cancel)?;
            let name = built.file_name().unwrap_or_default().to_string_lossy();
            let name = Name::new("file", &name)?;
            debug_files.push(copy(&name, built, &bin.join(&name), Kind::Data)?);
        }
        fs::sync_dir(&bin)?;
        let now = jiff::Timestamp::now();
        let receipt = Receipt {
            format: FORMAT,
            service: self.service.clone(),
            generation: generation::name(self.layout, new, now)?,
            repo: new.repo.clone(),
            commit: new.commit.clone(),
            reference: new.reference.clone(),
            dirty: new.dirty,
            profile: new.profile.clone(),
            features: new.features.clone(),
            rustc: new.rustc.clone(),
            lockfile: new.lockfile.clone(),
            installed_at: now,
            activated_at: None,
            script: new.script.clone(),
            hero: env!("CARGO_PKG_VERSION").into(),
            bins,
            debug_files,
        };
        if let Some(inputs) = &new.inputs {
            inputs::write(self.folder.path(), inputs)?;
        }
        receipt.write(self.folder.path())?;
        go_on(Some(self.service), cancel)?;
        Ok(receipt)
    }

    /// Gives it its name: from here on it is a generation, though not the
    /// current one.
    pub(crate) fn publish(mut self, name: &str) -> fs::Result<PathBuf> {
        let to = self.layout.generation(self.service, name);
        // Only now: nobody runs what is not whole.
        fs::set_mode(self.folder.path(), OPEN)?;
        fs::sync_dir(self.folder.path())?;
        fs::rename(self.folder.path(), &to)?;
        self.folder.disable_cleanup(true);
        if let Err(error) = fs::sync_dir(fs::parent(&to)) {
            aside::discard_quietly(&to);
            return Err(error);
        }
        Ok(to)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // A first installation that failed leaves no trace. What cannot be
        // removed now is swept by the next change.
        if !self.folder.path().exists() {
            return;
        }
        drop(fs::remove_dir_all(self.folder.path()));
        drop(fs::remove_empty_dir(&self.layout.service(self.service)));
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Program,
    Data,
}

impl Kind {
    fn mode(self) -> u32 {
        match self {
            Self::Program => OPEN,
            Self::Data => 0o644,
        }
    }
}

/// Copies a binary and says what arrived. The system shares or copies the blocks
/// (reflink, `copy_file_range`), which a loop that hashes on the way could not
/// have; so the hash is taken of the copy, from the page cache. That way the
/// receipt is true of the file it describes, even when the built one changes
/// meanwhile. Never a hard link: changing the mode or stripping symbols of one
/// would change the other. What is judged is the open file, not its name: with
/// the system's rights, a name could be made to mean something else.
fn copy(name: &Name, from: &Path, to: &Path, kind: Kind) -> Result<Bin, Error> {
    let built = fs::open(from)?;
    let data = built.metadata().at("look at", from)?;
    let runs = kind == Kind::Data || data.permissions().mode() & 0o111 != 0;
    if !data.is_file() || !runs {
        return Err(Error::NotExecutable { bin: name.clone(), path: from.to_owned() });
    }
    let copy = fs::copy_content(&built, to)?;
    let (sha256, size) = generation::hash(fs::open(to)?).at("read", to)?;
    fs::set_mode(to, kind.mode())?;
    copy.sync_all().at("sync", to)?;
    let modified = generation::modified(&copy.metadata().at("look at", to)?);
    // From before the copy: what changed it meanwhile makes it another state.
    let source = Some(Source::new(&data));
    Ok(Bin { name: name.clone(), size, sha256, modified, source })
}
