//! Locks between processes: a file per lock, which names its holder.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::cancel::Cancel;
use super::fs::{self, Context};
use super::quantity::in_units;
use crate::error::{Diagnostic, ErrorKind};
use crate::event::{Event, Reporter};

/// Holds a lock until dropped; a process that dies gives it up.
#[derive(Debug)]
#[must_use]
pub(crate) struct Lock {
    _file: File,
    _claim: Claim,
}

impl Lock {
    fn new(file: File, path: &Path, claim: Claim) -> Self {
        // Only for those who wait; on a full disk there is no room for a name.
        if let Err(error) = sign(&file) {
            tracing::debug!(%error, path = %path.display(), "the lock is not signed");
        }
        Self { _file: file, _claim: claim }
    }
}

/// The locks that this process has or waits for, and how often: its threads
/// wait for each other without a word.
static CLAIMS: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// One entry of [`CLAIMS`].
#[derive(Debug)]
struct Claim(PathBuf);

impl Claim {
    /// The claim, and whether it is the only one.
    fn new(path: &Path) -> (Self, bool) {
        let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        let count = claims.entry(path.to_owned()).or_default();
        *count += 1;
        (Self(path.to_owned()), *count == 1)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = claims.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                claims.remove(&self.0);
            }
        }
    }
}

/// A lock that could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The lock file cannot be used.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// It was not given up in time.
    #[error("`{lock}` is held by {holder}")]
    Held {
        /// Its name.
        lock: String,
        /// Who holds it.
        holder: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The user interrupted the wait.
    #[error("interrupted while waiting for {holder}")]
    Interrupted {
        /// Who holds it.
        holder: String,
    },
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::File(error) => error.kind(),
            Self::Held { .. } => ErrorKind::Locked,
            Self::Interrupted { .. } => ErrorKind::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Held { limit, .. } => Some(format!(
                "waited {}; end that process, or wait longer: HERO_LOCK_TIMEOUT=SECONDS",
                in_units(*limit)
            )),
            Self::Interrupted { .. } => None,
        }
    }
}

/// Takes the lock `name` in `dir`, waiting for whoever holds it and saying so.
///
/// # Errors
/// When the lock file cannot be written, or the wait was interrupted.
pub(crate) fn acquire(
    dir: &Path,
    name: &str,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Lock, Error> {
    let (path, file) = open(dir, name)?;
    let (claim, alone) = Claim::new(&path);
    let file = if try_lock(&file, &path)? {
        file
    } else {
        wait(file, name, &path, alone.then_some(reporter), cancel)?
    };
    Ok(Lock::new(file, &path, claim))
}

/// Takes the lock `name` in `dir` if nobody holds it.
///
/// # Errors
/// When the lock file cannot be written.
pub(crate) fn try_acquire(dir: &Path, name: &str) -> Result<Option<Lock>, Error> {
    let (path, file) = open(dir, name)?;
    let (claim, _alone) = Claim::new(&path);
    Ok(try_lock(&file, &path)?.then(|| Lock::new(file, &path, claim)))
}

#[allow(clippy::disallowed_methods, reason = "the home of raw file calls")]
fn open(dir: &Path, name: &str) -> Result<(PathBuf, File), Error> {
    fs::create_dir_all_durably(dir, None)?;
    let path = dir.join(format!("{name}.lock"));
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        // Whoever can open it can hold it: only its owner may.
        .mode(0o600)
        .open(&path)
        .at("open the lock", &path)?;
    Ok((path, file))
}

fn try_lock(file: &File, path: &Path) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).at("lock", path).map_err(Into::into),
    }
}

/// Blocks in a thread of its own, so that a signal can end the wait.
fn wait(
    file: File,
    name: &str,
    path: &Path,
    reporter: Option<&dyn Reporter>,
    cancel: &Cancel,
) -> Result<File, Error> {
    let holder = holder(&file);
    if let Some(reporter) = reporter {
        reporter.report(Event::Waiting { lock: name.to_owned(), holder: holder.clone() });
    }
    let (sender, receiver) = mpsc::channel();
    let interrupt = sender.clone();
    let _subscription = cancel.subscribe(move || drop(interrupt.send(None)));
    std::thread::spawn(move || {
        let result = file.lock().map(|()| file);
        drop(sender.send(Some(result)));
    });
    let limit = limit();
    match receiver.recv_timeout(limit) {
        Ok(Some(result)) => Ok(result.at("lock", path)?),
        Err(RecvTimeoutError::Timeout) => Err(Error::Held { lock: name.to_owned(), holder, limit }),
        Ok(None) | Err(RecvTimeoutError::Disconnected) => Err(Error::Interrupted { holder }),
    }
}

/// How long to wait: `HERO_LOCK_TIMEOUT` in seconds, else half an hour, which
/// is longer than most builds.
pub(crate) fn limit() -> Duration {
    let seconds = std::env::var("HERO_LOCK_TIMEOUT").ok().and_then(|text| text.trim().parse().ok());
    seconds.map_or(Duration::from_mins(30), Duration::from_secs)
}

/// Writes who holds the lock into it.
fn sign(mut file: &File) -> std::io::Result<()> {
    // Only what names the work: an address may hold a password.
    let words = std::env::args().skip(1).filter(|word| !word.contains(['@', ':'])).take(3);
    let command: Vec<String> = std::iter::once("hero".to_owned()).chain(words).collect();
    file.set_len(0)?;
    file.rewind()?;
    writeln!(
        file,
        "process {} (`{}`) since {}",
        std::process::id(),
        command.join(" "),
        jiff::ZonedDateTime::now().strftime("%H:%M:%S")
    )
}

fn holder(mut file: &File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another hero".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::Recorder;

    #[test]
    fn threads_of_one_process_wait_without_a_word() {
        let dir = tempfile::tempdir().unwrap();
        let first = acquire(dir.path(), "a", &Recorder::default(), &Cancel::default()).unwrap();
        let (path, told) = (dir.path().to_owned(), Arc::new(Recorder::default()));
        let reporter = Arc::clone(&told);
        let second = std::thread::spawn(move || {
            acquire(&path, "a", &*reporter, &Cancel::default()).map(drop)
        });
        // It has its claim before it waits.
        let file = dir.path().join("a.lock");
        while CLAIMS.lock().unwrap()[&file] < 2 {
            std::thread::yield_now();
        }
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap().unwrap();
        assert_eq!(told.events(), []);
        assert!(!CLAIMS.lock().unwrap().contains_key(&file));
    }
}
