//! Waiting for somebody to save a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::cancel::{Cancel, Subscription};
use super::fs;
use crate::error::{Diagnostic, ErrorKind};

/// Editors save in several steps, and people several files: what follows so
/// closely belongs together.
const QUIET: Duration = Duration::from_millis(50);
/// Something that never stops writing does not keep us waiting longer.
const LONGEST: Duration = Duration::from_secs(1);

/// A folder that cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch `{}`: {source}", folder.display())]
pub(crate) struct Error {
    folder: PathBuf,
    source: notify::Error,
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        ErrorKind::CannotWatch
    }

    fn hint(&self) -> Option<String> {
        let full = matches!(self.source.kind, notify::ErrorKind::MaxFilesWatch);
        full.then(|| "raise the limit: sudo sysctl fs.inotify.max_user_watches=524288".into())
    }
}

enum Message {
    Changed(Vec<PathBuf>),
    Cancelled,
}

/// Everything below a folder, from now on.
pub(crate) struct Watcher {
    messages: Receiver<Message>,
    system: RecommendedWatcher,
    folder: PathBuf,
    others: BTreeSet<PathBuf>,
    _subscription: Subscription,
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(crate) fn new(folder: &Path, cancel: &Cancel) -> Result<Self, Error> {
        let (sender, messages) = mpsc::channel();
        let interrupt = sender.clone();
        let subscription = cancel.subscribe(move || drop(interrupt.send(Message::Cancelled)));
        let tell = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if !event.kind.is_access() {
                drop(sender.send(Message::Changed(event.paths)));
            }
        };
        let watcher = notify::recommended_watcher(tell).and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::Recursive).map(|()| watcher)
        });
        let watcher = watcher.map_err(|source| Error { folder: folder.to_owned(), source })?;
        let (folder, others) = (folder.to_owned(), BTreeSet::new());
        Ok(Self { messages, system: watcher, folder, others, _subscription: subscription })
    }

    /// Watches these files and folders too, there or not. One that cannot be watched is
    /// left out.
    pub(crate) fn also<'a>(&mut self, paths: impl Iterator<Item = &'a Path>) {
        let real = |path: &'a Path| fs::canonicalize(path).ok();
        let paths = paths.flat_map(|path| [Some(path.to_owned()), real(path)]).flatten();
        for path in paths.filter(|path| !path.starts_with(&self.folder)).collect::<Vec<_>>() {
            // A file that is replaced by another is seen from its folder only.
            let (path, mode) = if path.is_dir() {
                (path, RecursiveMode::Recursive)
            } else {
                (fs::parent(&path).to_owned(), RecursiveMode::NonRecursive)
            };
            if fs::exists(&path) && self.others.insert(path.clone()) {
                drop(self.system.watch(&path, mode));
            }
        }
    }

    /// Waits until files that count have changed since the last call, and for a
    /// moment of quiet; `None` when cancelled.
    pub(crate) fn changed(&self, counts: impl Fn(&Path) -> bool) -> Option<Vec<PathBuf>> {
        let mut paths = Vec::new();
        let mut first: Option<Instant> = None;
        loop {
            let message = match first {
                None => self.messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(first) if first.elapsed() > LONGEST => Err(RecvTimeoutError::Timeout),
                Some(_) => self.messages.recv_timeout(QUIET),
            };
            match message {
                Ok(Message::Changed(changed)) => {
                    paths.extend(changed.into_iter().filter(|path| counts(path)));
                    if !paths.is_empty() && first.is_none() {
                        first = Some(Instant::now());
                    }
                }
                Ok(Message::Cancelled) | Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    paths.sort();
                    paths.dedup();
                    return Some(paths);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    #[test]
    fn what_is_saved_together_comes_together() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::write(&root.join("src/a"), b"1").unwrap();
        let cancel = Cancel::default();
        let watcher = Watcher::new(&root, &cancel).unwrap();
        for file in ["b.log", "src/a", "src/b"] {
            fs::write(&root.join(file), b"2").unwrap();
        }
        let counts = |path: &Path| ["a", "b"].iter().any(|name| path.ends_with(name));
        let changed = watcher.changed(counts).unwrap();
        assert_eq!(changed, [root.join("src/a"), root.join("src/b")]);
        // Reading is no change; the wish to stop ends the wait.
        fs::read(&root.join("src/a")).unwrap();
        cancel.cancel(signal_hook::consts::SIGINT);
        assert!(watcher.changed(counts).is_none());
    }
}
