//! The state of a file or folder: enough to see that it changed.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::sys::fs;
use crate::sys::text::hex;

/// Content above this many bytes is not hashed: then the times must be the same.
const MOST_BYTES: u64 = 64 << 20;
/// Folders with more entries are not compared.
const MOST_ENTRIES: usize = 20_000;
/// A file that changed this shortly before it was looked at may change again without
/// another time: its content decides.
const TICK: Duration = Duration::from_millis(20);
/// The state of what is not there.
const ABSENT: &str = "absent";

/// What a file, or a folder with everything below it, was like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Sizes, times and file numbers.
    stat: String,
    /// A hash of the content; empty where it was too large.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    content: String,
}

impl Mark {
    /// Looks at what lies at `path`; `None` for a folder with too many files.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let stat = stat(path)?;
        let content = content(path).unwrap_or_default();
        Some(Self { stat: stat.text, content })
    }

    /// Looks at the times only, for what is too large to be read.
    pub(super) fn read_times(path: &Path) -> Option<Self> {
        stat(path).map(|stat| Self { stat: stat.text, content: String::new() })
    }

    /// Whether nothing lay there.
    pub(super) fn is_absent(&self) -> bool {
        self.stat == ABSENT
    }

    /// Whether the content was the same; times decide where it was not read.
    pub(super) fn has_content_of(&self, other: &Self) -> bool {
        if self.content.is_empty() { self == other } else { self.content == other.content }
    }

    /// Whether the same lies there now: by times, and where they differ by content.
    pub(super) fn is_same_now(&self, path: &Path) -> bool {
        match stat(path) {
            Some(now) if now.text == self.stat && !now.fresh => true,
            None => false,
            Some(_) => !self.content.is_empty() && content(path).as_deref() == Some(&*self.content),
        }
    }
}

/// Whether something in a file or folder changed since `time`, or will have changed in
/// the future of this machine's clock.
pub(super) fn changed_since(path: &Path, time: SystemTime) -> bool {
    let since = nanoseconds(time);
    let newest = walk(path).iter().map(newest).max();
    newest.is_some_and(|newest| newest >= since)
}

struct Stat {
    text: String,
    /// It changed only just now.
    fresh: bool,
}

fn stat(path: &Path) -> Option<Stat> {
    let Ok(data) = fs::metadata(path) else {
        return Some(Stat { text: ABSENT.into(), fresh: false });
    };
    let soon = nanoseconds(SystemTime::now() - TICK);
    if !data.is_dir() {
        return Some(Stat { text: describe(&data), fresh: newest(&data) >= soon });
    }
    let mut hasher = Sha256::new();
    let mut fresh = false;
    let mut count = 0;
    for (name, data) in entries(path) {
        count += 1;
        if count > MOST_ENTRIES {
            return None;
        }
        let described = data.as_ref().map(describe).unwrap_or_default();
        fresh |= data.is_some_and(|data| newest(&data) >= soon);
        hasher.update(format!("{name}\0{described}\0"));
    }
    Some(Stat { text: digits(&hasher.finalize()), fresh })
}

/// The content's hash; `None` where it is too large or cannot be read.
fn content(path: &Path) -> Option<String> {
    let Ok(data) = fs::metadata(path) else { return Some(ABSENT.into()) };
    if !data.is_dir() {
        return (data.len() <= MOST_BYTES).then(|| hash_file(path)).flatten();
    }
    let mut hasher = Sha256::new();
    let mut left = MOST_BYTES;
    for (name, data) in entries(path) {
        hasher.update(format!("{name}\0"));
        if let Some(data) = data.filter(std::fs::Metadata::is_file) {
            let (file, _link) = name.split_once('\0').unwrap_or((&name, ""));
            left = left.checked_sub(data.len())?;
            hasher.update(hash_file(&path.join(file))?);
        }
    }
    Some(digits(&hasher.finalize()))
}

fn hash_file(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| hash(&bytes))
}

/// What lies below a folder, in the same order each time. Links are followed; their
/// targets stand behind their names. One that leads nowhere, or in a circle, has no data.
fn entries(folder: &Path) -> impl Iterator<Item = (String, Option<std::fs::Metadata>)> {
    let walk = walkdir::WalkDir::new(folder).min_depth(1).follow_links(true).sort_by_file_name();
    walk.into_iter().filter_map(move |entry| {
        let (path, data) = match entry {
            Ok(entry) => (entry.path().to_owned(), entry.metadata().ok()),
            Err(error) => (error.path()?.to_owned(), None),
        };
        let mut name = path.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
        if let Some(target) = fs::read_link(&path) {
            let _written = write!(name, "\0{}", target.display());
        }
        Some((name, data))
    })
}

fn walk(path: &Path) -> Vec<std::fs::Metadata> {
    let below = entries(path).filter_map(|(_, data)| data).take(MOST_ENTRIES);
    fs::metadata(path).into_iter().filter(|data| !data.is_dir()).chain(below).collect()
}

fn describe(data: &std::fs::Metadata) -> String {
    if data.is_dir() {
        return "folder".into();
    }
    let mut text = String::new();
    let _written = write!(
        text,
        "{} {}.{} {}.{} {}",
        data.len(),
        data.mtime(),
        data.mtime_nsec(),
        data.ctime(),
        data.ctime_nsec(),
        data.ino()
    );
    text
}

/// The later of the times of content and state.
fn newest(data: &std::fs::Metadata) -> i128 {
    let at = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    at(data.mtime(), data.mtime_nsec()).max(at(data.ctime(), data.ctime_nsec()))
}

fn nanoseconds(time: SystemTime) -> i128 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}

/// 128 bits of the SHA-256, in hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

fn digits(digest: &[u8]) -> String {
    hex(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(&dir.path().join("a/x"), b"1").unwrap();
        dir
    }

    #[test]
    fn content_decides_where_times_differ() {
        let dir = dir();
        let file = dir.path().join("a/x");
        for path in [&file, &dir.path().join("a")] {
            fs::write(&file, b"1").unwrap();
            let mark = Mark::read(path).unwrap();
            assert!(mark.is_same_now(path));
            fs::write(&file, b"1").unwrap();
            assert!(mark.is_same_now(path), "rewritten with the same content");
            fs::write(&file, b"2").unwrap();
            assert!(!mark.is_same_now(path));
        }
    }

    #[test]
    fn what_comes_and_goes_is_seen() {
        let dir = dir();
        let (file, folder) = (dir.path().join("a/x"), dir.path().join("a"));
        let (there, all) = (Mark::read(&file).unwrap(), Mark::read(&folder).unwrap());
        let absent = Mark::read(&dir.path().join("a/y")).unwrap();
        assert!(absent.is_absent());
        fs::write(&dir.path().join("a/y"), b"").unwrap();
        assert!(!absent.is_same_now(&dir.path().join("a/y")));
        assert!(!all.is_same_now(&folder));
        fs::remove_file(&file).unwrap();
        assert!(!there.is_same_now(&file));
    }

    #[test]
    fn a_change_that_keeps_size_and_time_of_content_is_seen() {
        let dir = dir();
        let file = dir.path().join("a/x");
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        let mark = Mark::read_times(&file).unwrap();
        fs::write(&file, b"2").unwrap();
        fs::open(&file).unwrap().set_modified(time).unwrap();
        assert!(!mark.is_same_now(&file));
    }

    #[test]
    fn changes_after_a_time_are_seen() {
        let dir = dir();
        let now = SystemTime::now();
        assert!(!changed_since(dir.path(), now + TICK));
        assert!(changed_since(dir.path(), now - Duration::from_mins(1)));
        assert!(!changed_since(&dir.path().join("absent"), UNIX_EPOCH));
    }
}
