//! File systems: what is free on them, what lies on them.

use std::collections::{BTreeSet, VecDeque};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::fs::{self, Context, Result};

/// Bytes as `31.2 MiB`.
pub fn bytes(count: u64) -> String {
    let options =
        humansize::FormatSizeOptions::from(humansize::BINARY).decimal_places(1).decimal_zeroes(0);
    humansize::format_size(count, options)
}

/// The nearest folder at or above a path that exists.
pub fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"))
}

/// The bytes that this user may still write where a folder is or would be.
///
/// # Errors
/// When the file system does not say.
pub fn free(folder: &Path) -> Result<u64> {
    let existing = existing(folder);
    let found = rustix::fs::statvfs(existing).map_err(std::io::Error::from);
    let found = found.at("ask for the free space of", existing)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Whether the file system where a folder is or would be forbids to run programs
/// (`noexec`). One that does not say so allows it.
pub fn forbids_programs(folder: &Path) -> bool {
    let found = rustix::fs::statvfs(existing(folder));
    found.is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

/// The file system where a folder is or would be.
///
/// # Errors
/// When it cannot be looked at.
pub fn file_system(folder: &Path) -> Result<u64> {
    Ok(fs::metadata(existing(folder))?.dev())
}

/// Bytes below a folder, a file with several names counted once, links not
/// followed; and whether that is all of it, or the time was over. What lies
/// nearest is counted first: in cargo's folders that is what is big.
pub fn measure(folder: &Path, limit: Duration) -> (u64, bool) {
    let started = Instant::now();
    let (mut total, mut seen) = (0, BTreeSet::new());
    let mut folders = VecDeque::from([folder.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        let entries = walkdir::WalkDir::new(folder).min_depth(1).max_depth(1);
        for entry in entries.into_iter().filter_map(std::result::Result::ok) {
            if started.elapsed() > limit {
                return (total, false);
            }
            if entry.file_type().is_dir() {
                folders.push_back(entry.into_path());
                continue;
            }
            let Ok(data) = entry.metadata() else { continue };
            if data.is_file() && (data.nlink() == 1 || seen.insert((data.dev(), data.ino()))) {
                total += data.len();
            }
        }
    }
    (total, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_one_decimal() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(32_715_571), "31.2 MiB");
    }

    #[test]
    fn a_file_with_two_names_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(&dir.path().join("deps/app"), b"12345").unwrap();
        fs::hard_link(&dir.path().join("deps/app"), &dir.path().join("app")).unwrap();
        fs::write(&dir.path().join("other"), b"1").unwrap();
        assert_eq!(measure(dir.path(), Duration::MAX), (6, true));
        assert_eq!(measure(&dir.path().join("none"), Duration::MAX), (0, true));
        assert!(!measure(dir.path(), Duration::ZERO).1);
    }

    #[test]
    fn a_folder_to_come_lies_where_its_parent_does() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("a/b");
        assert_eq!(existing(&none), dir.path());
        assert_eq!(file_system(&none).unwrap(), file_system(dir.path()).unwrap());
        free(&none).unwrap();
    }
}
