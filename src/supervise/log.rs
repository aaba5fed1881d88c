//! What a unit said, in a file that does not grow without end.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::sys::fs;
use crate::sys::text::{printable, shortened};

/// Bytes of a log before it makes way for a new one; one older part is kept.
const LIMIT: u64 = 10 * 1024 * 1024;
/// Bytes that are read at most to show the last lines, however long those are.
const SHOWN: u64 = 256 * 1024;

/// A log that is written.
pub(super) struct Log {
    path: PathBuf,
    file: Option<File>,
    size: u64,
}

impl Log {
    /// Goes on with a log, or begins one.
    pub(super) fn open(path: &Path) -> Self {
        let mut log = Self { path: path.to_owned(), file: None, size: 0 };
        log.reopen();
        log
    }

    fn reopen(&mut self) {
        self.file = fs::append(&self.path).ok();
        self.size = fs::metadata(&self.path).map_or(0, |data| data.len());
    }

    /// Appends what was said. On a full disk it is lost: a service is not stopped
    /// for its log.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.size > 0 && self.size + bytes.len() as u64 > LIMIT {
            // Without the old part in the way, or at least with what is new.
            let _kept = fs::rename(&self.path, &older(&self.path));
            self.reopen();
        }
        if let Some(file) = &mut self.file
            && file.write_all(bytes).is_ok()
        {
            self.size += bytes.len() as u64;
        }
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> u64 {
        self.size
    }
}

/// The part before.
pub(super) fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

/// The last `lines` lines, of the part before too where that is needed; of very
/// long ones the end.
pub(super) fn tail(path: &Path, lines: usize) -> Vec<u8> {
    let mut bytes = end_of(path, 0);
    if bytes.split(|byte| *byte == b'\n').count() <= lines && (bytes.len() as u64) < SHOWN {
        let mut all = end_of(&older(path), 0);
        all.append(&mut bytes);
        bytes = all;
    }
    last_lines(&bytes, lines).to_vec()
}

/// What was written at `from` and after, of very much the end.
pub(super) fn since(path: &Path, from: u64) -> Vec<u8> {
    let size = fs::metadata(path).map_or(0, |data| data.len());
    // It has made way meanwhile: everything here is later.
    end_of(path, if size < from { 0 } else { from })
}

fn end_of(path: &Path, from: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = fs::open(path) {
        let size = file.metadata().map_or(0, |data| data.len());
        let start = from.max(size.saturating_sub(SHOWN));
        if file.seek(SeekFrom::Start(start)).is_ok() {
            let _whole = file.take(SHOWN).read_to_end(&mut bytes);
        }
    }
    bytes
}

/// Reads what is appended to a log, also where it makes way for a new one.
pub(super) struct Follower {
    path: PathBuf,
    file: Option<File>,
}

impl Follower {
    /// Begins at the end.
    pub(super) fn at_end(path: &Path) -> Self {
        let mut file = fs::open(path).ok();
        if let Some(file) = &mut file {
            let _at_its_end = file.seek(SeekFrom::End(0));
        }
        Self { path: path.to_owned(), file }
    }

    /// Hands over what is new.
    pub(super) fn read(&mut self, sink: &mut dyn FnMut(&[u8])) {
        use std::os::unix::fs::MetadataExt;
        loop {
            if let Some(file) = &mut self.file {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(length @ 1..) = file.read(&mut buffer) {
                    sink(&buffer[..length]);
                }
            }
            // To the end of the old one first.
            let place = |data: Metadata| (data.dev(), data.ino());
            let now = fs::metadata(&self.path).ok().map(place);
            let read = self.file.as_ref().and_then(|file| file.metadata().ok()).map(place);
            if now.is_none() || now == read {
                return;
            }
            self.file = fs::open(&self.path).ok();
            if self.file.is_none() {
                return;
            }
        }
    }
}

/// The last lines of a text; a newline at its end ends the last of them.
pub(super) fn last_lines(bytes: &[u8], lines: usize) -> &[u8] {
    if lines == 0 {
        return &[];
    }
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let breaks = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    let start = breaks.map(|(index, _)| index + 1).nth(lines - 1);
    &bytes[start.unwrap_or(0)..]
}

/// Bytes as lines for people: no control characters, and none longer than a
/// screen or two.
pub(super) fn readable(bytes: &[u8], lines: usize) -> Vec<String> {
    const LONGEST: usize = 400;
    let text = String::from_utf8_lossy(last_lines(bytes, lines));
    text.lines().map(|line| shortened(&printable(line), LONGEST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_whole_ones() {
        let lines = |text: &str, count| {
            String::from_utf8(last_lines(text.as_bytes(), count).to_vec()).unwrap()
        };
        assert_eq!(lines("a\nb\nc\n", 2), "b\nc\n");
        assert_eq!(lines("a\nb\nc", 2), "b\nc");
        assert_eq!(lines("a\n", 5), "a\n");
        assert_eq!(lines("", 5), "");
        assert_eq!(lines("a\nb", 0), "");
        assert_eq!(lines("\n\n", 1), "\n");
    }

    #[test]
    fn a_log_makes_way_and_its_end_is_found_in_both_parts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.log");
        let mut log = Log::open(&path);
        log.write(b"first\n");
        let line = [vec![b'x'; 1024 * 1024 - 1], vec![b'\n']].concat();
        for _ in 0..10 {
            log.write(&line);
        }
        assert!(fs::exists(&older(&path)));
        assert!(fs::metadata(&path).unwrap().len() <= LIMIT);
        log.write(b"last\n");
        assert!(tail(&path, 1).ends_with(b"\nlast\n") || tail(&path, 1) == b"last\n");
        // An endless line is shown by its end.
        assert!(tail(&path, 2).len() as u64 <= SHOWN);
    }

    #[test]
    fn nothing_is_missed_where_a_log_makes_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.log");
        let mut log = Log::open(&path);
        log.write(b"before\n");
        let mut reader = Follower::at_end(&path);
        let mut seen = Vec::new();
        let line = vec![b'x'; 3 * 1024 * 1024];
        for _ in 0..4 {
            log.write(&line);
        }
        log.write(b"last");
        reader.read(&mut |bytes| seen.extend_from_slice(bytes));
        assert!(fs::exists(&older(&path)));
        assert_eq!(seen.len(), 4 * line.len() + 4);
        assert!(seen.ends_with(b"xlast"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_harmlessly() {
        let shown = readable(b"\x1b[31mred\x1b[0m \xff\x00\x07\nplain\n", 10);
        assert_eq!(shown, ["red \u{fffd} ", "plain"]);
        let long = readable(&vec![b'y'; 10_000], 1);
        assert_eq!(long[0].chars().count(), 401);
    }
}
