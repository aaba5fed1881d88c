//! File systems: what is free on them, what lies on them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::fs::{self, Context, Result};

/// Bytes as `31.2 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    let options =
        humansize::FormatSizeOptions::from(humansize::BINARY).decimal_places(1).decimal_zeroes(0);
    humansize::format_size(count, options)
}

/// The nearest folder at or above a path that exists.
pub(crate) fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"))
}

/// The bytes that this user may still write where a folder is or would be.
///
/// # Errors
/// When the file system does not say.
pub(crate) fn free(folder: &Path) -> Result<u64> {
    let existing = existing(folder);
    let found = rustix::fs::statvfs(existing).map_err(std::io::Error::from);
    let found = found.at("ask for the free space of", existing)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Whether the file system where a folder is or would be forbids to run programs
/// (`noexec`). One that does not say so allows it.
pub(crate) fn forbids_programs(folder: &Path) -> bool {
    let found = rustix::fs::statvfs(existing(folder));
    found.is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

/// The file system where a folder is or would be.
///
/// # Errors
/// When it cannot be looked at.
pub(crate) fn file_system(folder: &Path) -> Result<u64> {
    Ok(fs::metadata(existing(folder))?.dev())
}

/// Disk space as `du` counts it: the blocks of files, links and folders, a file
/// with several names once. Everything that goes into one report is added to one
/// `Usage`.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    seen: HashSet<Id>,
    total: u64,
}

/// What tells a file from all others: its device and inode.
type Id = (u64, u64);

impl Usage {
    /// Adds a path with everything below it, links not followed. Returns the bytes
    /// that were not counted before. What cannot be looked at counts nothing.
    pub(crate) fn add(&mut self, path: &Path) -> u64 {
        self.add_without(path, &[])
    }

    /// The same without the paths in `left_out` and what is below them.
    pub(crate) fn add_without(&mut self, path: &Path, left_out: &[PathBuf]) -> u64 {
        let before = self.total;
        for data in entries(path, |path| left_out.iter().any(|it| it == path)) {
            self.count(&data);
        }
        self.total - before
    }

    /// The bytes added so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    fn count(&mut self, data: &Metadata) {
        if !has_names(data) || self.seen.insert(id(data)) {
            self.total += blocks(data);
        }
    }
}

/// The disk space of a path with everything below it, in bytes, as `du` counts it.
pub(crate) fn used(path: &Path) -> u64 {
    Usage::default().add(path)
}

/// What removing paths frees: a file with several names only when the last of them
/// goes, and nothing twice. Paths are added in the order in which they are removed.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    /// How many names of a file have been removed.
    names: HashMap<Id, u64>,
    /// The paths that were added.
    paths: HashSet<PathBuf>,
}

impl Removal {
    /// Adds a path with everything below it. Returns the bytes that its removal frees
    /// after that of all added before.
    pub(crate) fn add(&mut self, path: &Path) -> u64 {
        if path.ancestors().any(|path| self.paths.contains(path)) {
            return 0;
        }
        let there: Vec<Metadata> = entries(path, |path| self.paths.contains(path)).collect();
        self.paths.insert(path.to_owned());
        there.iter().map(|data| self.freed(data)).sum()
    }

    fn freed(&mut self, data: &Metadata) -> u64 {
        if !has_names(data) {
            return blocks(data);
        }
        let gone = self.names.entry(id(data)).or_default();
        *gone += 1;
        if *gone == data.nlink() { blocks(data) } else { 0 }
    }
}

/// A path with everything below it, without what is left out.
fn entries(path: &Path, left_out: impl Fn(&Path) -> bool) -> impl Iterator<Item = Metadata> {
    walkdir::WalkDir::new(path)
        .into_iter()
        .filter_entry(move |entry| !left_out(entry.path()))
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| entry.metadata().ok())
}

/// Whether a file has several names. A folder's links are those of the folders in it.
fn has_names(data: &Metadata) -> bool {
    !data.is_dir() && data.nlink() > 1
}

fn id(data: &Metadata) -> Id {
    (data.dev(), data.ino())
}

/// POSIX counts blocks in units of 512 bytes, whatever the file system's are.
fn blocks(data: &Metadata) -> u64 {
    data.blocks() * 512
}

/// The disk space of a folder, as [`used`] counts it, and whether that is all of it
/// or the time was over. What lies nearest is counted first: in cargo's folders
/// that is what is big.
pub(crate) fn measure(folder: &Path, limit: Duration) -> (u64, bool) {
    let started = Instant::now();
    let mut usage = Usage::default();
    let mut folders = VecDeque::from([folder.to_owned()]);
    if let Ok(data) = fs::link_metadata(folder) {
        usage.count(&data);
    }
    while let Some(folder) = folders.pop_front() {
        let entries = walkdir::WalkDir::new(folder).min_depth(1).max_depth(1);
        for entry in entries.into_iter().filter_map(std::result::Result::ok) {
            if started.elapsed() > limit {
                return (usage.total, false);
            }
            if let Ok(data) = entry.metadata() {
                usage.count(&data);
            }
            if entry.file_type().is_dir() {
                folders.push_back(entry.into_path());
            }
        }
    }
    (usage.total, true)
}

#[cfg(test)]
mod tests {
    use super::super::cancel::Cancel;
    use super::super::process::Cmd;
    use super::*;

    #[test]
    fn bytes_have_one_decimal() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(32_715_571), "31.2 MiB");
    }

    fn du(paths: &[&Path]) -> u64 {
        let mut cmd = Cmd::new("du").args(["--summarize", "--total", "--block-size=1"]);
        for path in paths {
            cmd = cmd.arg(path);
        }
        let output = cmd.output(&Cancel::default()).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().last().unwrap().split('\t').next().unwrap().parse().unwrap()
    }

    /// Files of several sizes, one with a name inside and one outside of `a`, a link,
    /// a file with a hole.
    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::write(&at("a/deps/app"), &vec![1; 10_000]).unwrap();
        fs::hard_link(&at("a/deps/app"), &at("a/app")).unwrap();
        fs::write(&at("a/deps/lib"), &vec![1; 5_000]).unwrap();
        fs::create_dir_all(&at("b")).unwrap();
        fs::hard_link(&at("a/deps/lib"), &at("b/lib")).unwrap();
        fs::write(&at("b/small"), b"1").unwrap();
        fs::symlink(Path::new("/"), &at("b/link")).unwrap();
        fs::create(&at("b/hole")).unwrap().set_len(1_000_000).unwrap();
        dir
    }

    #[test]
    fn a_report_counts_as_du_does() {
        let dir = tree();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        assert_eq!(used(&a), du(&[&a]));
        assert_eq!(used(dir.path()), du(&[dir.path()]));
        assert_eq!(measure(dir.path(), Duration::MAX), (du(&[dir.path()]), true));
        let mut usage = Usage::default();
        let (first, second) = (usage.add(&a), usage.add(&b));
        assert_eq!((first, usage.total()), (du(&[&a]), du(&[&a, &b])));
        assert!(second < du(&[&b]), "the library was counted with `a`");
        let without = Usage::default().add_without(dir.path(), std::slice::from_ref(&a));
        assert_eq!(without + used(&a), du(&[dir.path()]) + du(&[&a.join("deps/lib")]));
        assert_eq!((used(&dir.path().join("none")), measure(&a, Duration::ZERO).1), (0, false));
    }

    #[test]
    fn a_file_is_free_when_its_last_name_goes() {
        let dir = tree();
        let at = |path: &str| dir.path().join(path);
        let mut nested = Removal::default();
        let inner = nested.add(&at("a/deps"));
        assert_eq!(inner + nested.add(&at("a")), Removal::default().add(&at("a")));
        assert_eq!((nested.add(&at("a")), nested.add(&at("a/app"))), (0, 0));
        let mut planned = Removal::default();
        for path in ["a", "b/lib", "b/small"] {
            let before = du(&[dir.path()]);
            let expected = planned.add(&at(path));
            assert_eq!(Removal::default().add(&at(path)), expected, "{path}");
            fs::remove_dir_all(&at(path)).or_else(|_| fs::remove_file(&at(path))).unwrap();
            assert_eq!(before - du(&[dir.path()]), expected, "{path}");
        }
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
