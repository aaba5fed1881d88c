//! The files of a generation: its name, its hashes, whether it is whole.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::layout::Layout;
use super::model::NewGeneration;
use super::receipt::{Bin, Receipt, Source};
use crate::sys::fs::{self, Context};
use crate::sys::name::{self, Name};
use crate::sys::text::hex;

/// A name that no generation of the service has:
/// `<time>-<profile>-<commit or "local">[-dirty][-2…]`.
pub(super) fn name(
    layout: &Layout,
    new: &NewGeneration,
    now: Timestamp,
) -> Result<String, name::Error> {
    let profile = Name::new("profile", &new.profile)?;
    let commit = Name::new("commit", short(new.commit.as_deref()))?;
    let dirty = if new.dirty { "-dirty" } else { "" };
    let base = format!("{}-{profile}-{commit}{dirty}", now.strftime("%Y%m%dT%H%M%SZ"));
    let mut name = base.clone();
    let mut count = 1;
    while fs::exists(&layout.generation(&new.service, &name)) {
        count += 1;
        name = format!("{base}-{count}");
    }
    Name::new("generation", &name)?;
    Ok(name)
}

/// The commit as people read it.
pub(super) fn short(commit: Option<&str>) -> &str {
    commit.map_or("local", |commit| commit.get(..7).unwrap_or(commit))
}

/// The SHA-256 of what is left to read, and how many bytes that were.
pub(super) fn hash(mut from: impl Read) -> std::io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                hasher.update(&buffer[..length]);
                size += length as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((hex(&hasher.finalize()), size))
}

/// When a file was written, as receipts say it.
pub(super) fn modified(data: &std::fs::Metadata) -> Option<Timestamp> {
    data.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

/// Whether a stored binary is what its receipt says, and can be run. One with
/// another time than when it was installed is read: a copy of it may have been
/// put back.
pub(super) fn is_whole(folder: &Path, bin: &Bin) -> bool {
    let data = fs::metadata(&folder.join("bin").join(&bin.name));
    data.is_ok_and(|data| data.permissions().mode() & 0o111 != 0) && is_unchanged(folder, bin)
}

/// The same without the question whether it can be run.
fn is_unchanged(folder: &Path, bin: &Bin) -> bool {
    let path = folder.join("bin").join(&bin.name);
    let Ok(data) = fs::metadata(&path) else { return false };
    let untouched = bin.modified.is_some() && modified(&data) == bin.modified;
    let same = untouched || has_hash(&path, &bin.sha256).unwrap_or(false);
    data.is_file() && data.len() == bin.size && same
}

/// Whether the debug information of a generation is what its receipt says. Its binaries
/// are of use without.
pub(super) fn has_debug_files(folder: &Path, receipt: &Receipt) -> bool {
    receipt.debug_files.iter().all(|file| is_unchanged(folder, file))
}

/// Whether a file's content has this SHA-256.
///
/// # Errors
/// When it cannot be read: then it may be fine.
pub(super) fn has_hash(path: &Path, sha256: &str) -> fs::Result<bool> {
    Ok(hash(fs::open(path)?).at("read", path)?.0 == sha256)
}

/// Whether an installation of `new` would give what this generation is: the
/// same source, settings and compiler, and the same bytes.
pub(super) fn is_same(folder: &Path, old: &Receipt, new: &NewGeneration) -> fs::Result<bool> {
    let (mut old_features, mut new_features) = (old.features.clone(), new.features.clone());
    old_features.sort();
    new_features.sort();
    let same_build = old.profile == new.profile
        && old.commit == new.commit
        && old.dirty == new.dirty
        && old.rustc == new.rustc
        && old.lockfile == new.lockfile
        && old_features == new_features;
    let same_files =
        old.bins.len() == new.bins.len() && old.debug_files.len() == new.debug_files.len();
    if !same_build || !same_files || !has_debug_files(folder, old) {
        return Ok(false);
    }
    // Sizes first: most builds that differ, differ in those.
    let mut pairs = Vec::new();
    let bins = new.bins.iter().map(|(name, path)| (name.as_str(), path));
    let debug_files = new
        .debug_files
        .iter()
        .map(|path| (path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default(), path));
    for (name, path) in bins.chain(debug_files) {
        let Some(bin) = old.files().find(|bin| bin.name.as_str() == name) else { return Ok(false) };
        let data = fs::metadata(path)?;
        if data.len() != bin.size {
            return Ok(false);
        }
        let copied = bin.source.as_ref() == Some(&Source::new(&data));
        pairs.push((bin, path, copied));
    }
    for (bin, path, copied) in pairs {
        if !is_unchanged(folder, bin) || !(copied || has_hash(path, &bin.sha256)?) {
            return Ok(false);
        }
    }
    Ok(old.bins.iter().all(|bin| is_whole(folder, bin)))
}
