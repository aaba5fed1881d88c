//! A checkout always recovers: what is begun in it is written down first, so that
//! the next run can tell what a kill left from what belongs to the user.
//!
//! `.git/hero-work.json` is there while hero, or a git that it started, changes
//! something. The next run ends a git that outlived its hero, removes the locks
//! that were not there before and unfinished files, and goes on.

mod leftovers;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::program::MARK;
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::processes::{self, Identity};
use crate::sys::{fs, lock};

const FILE: &str = "hero-work.json";
const FORMAT: u32 = 1;

/// How long a git that outlived its hero may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// How long a lock without a git that holds it may be there.
const MOMENT: Duration = Duration::from_secs(1);

/// What is written down before a checkout is changed.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: u32,
    /// The hero that changes it.
    hero: Option<Identity>,
    /// The run of the machine.
    boot: Option<String>,
    /// Locks, and packs to be kept, that are there already: the user's.
    locks: BTreeSet<PathBuf>,
}

/// A change of a checkout, from its beginning to its end.
pub(super) struct Work {
    /// The checkout, by which a git that works for it is known.
    checkout: PathBuf,
    /// The folder of its repository; `None` where nothing needs to be written down,
    /// as in the temporary folder of a clone.
    git: Option<PathBuf>,
    begun: Cell<bool>,
}

impl Work {
    /// A clone, which is thrown away if it does not come to its end.
    pub(crate) fn clone(checkout: &Path) -> Self {
        Self { checkout: checkout.to_owned(), git: None, begun: Cell::new(false) }
    }

    /// A change of a checkout that is there.
    pub(crate) fn on(checkout: &Path, git: &Path) -> Self {
        Self { git: Some(git.to_owned()), ..Self::clone(checkout) }
    }

    /// No change, for tests.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::clone(Path::new("/"))
    }

    /// The checkout that a git works for.
    pub(crate) fn checkout(&self) -> &Path {
        &self.checkout
    }

    /// Writes down that something is about to be changed; only the first call does.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        let Some(git) = self.git.as_ref().filter(|_| !self.begun.get()) else { return Ok(()) };
        let record = Record {
            format: FORMAT,
            hero: Identity::read(std::process::id()),
            boot: processes::boot(),
            locks: leftovers::locks(git).into_iter().chain(leftovers::keeps(git)).collect(),
        };
        let path = git.join(FILE);
        let text = serde_json::to_vec_pretty(&record).map_err(|error| Error::Git {
            action: "write",
            what: path.display().to_string(),
            reason: error.to_string(),
        })?;
        fs::write(&path, &text)?;
        self.begun.set(true);
        Ok(())
    }

    /// Ends the change. Where it failed, what a git has left is removed; one that did
    /// not fail has left nothing, and what is there belongs to others.
    pub(crate) fn end(&self, failed: bool) -> Result<(), Error> {
        let Some(git) = self.git.as_ref().filter(|_| self.begun.get()) else { return Ok(()) };
        self.begun.set(false);
        if failed {
            return clean(git, &read(git).unwrap_or_default());
        }
        fs::remove_file(&git.join(FILE))?;
        Ok(())
    }
}

/// Puts in order what a killed hero left of its last change, if it left anything.
pub(super) fn recover(checkout: &Path, git: &Path) -> Result<(), Error> {
    // A record that was being written when its hero was killed.
    for path in leftovers::scratch(git) {
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    if !fs::exists(&git.join(FILE)) {
        return Ok(());
    }
    let record = read(git);
    let same_boot = record.as_ref().is_none_or(|record| record.boot == processes::boot());
    if same_boot {
        end_orphans(checkout);
    }
    // A record that a power cut has damaged names no locks.
    clean(git, &record.unwrap_or_default())
}

/// Ends every git that an earlier hero started for this checkout. The caller holds
/// the checkout's lock, so that hero is gone.
pub(super) fn end_orphans(checkout: &Path) {
    let left = || {
        let mut all = processes::with_variable(MARK, checkout.as_os_str());
        // Not an agent that one of the user's helpers has started on the way.
        all.retain(|process| leftovers::is_git(process.pid));
        all
    };
    let orphans = left();
    if orphans.is_empty() {
        return;
    }
    for orphan in &orphans {
        orphan.signal(Signal::TERM);
    }
    let never = Cancel::default();
    if !processes::wait_until(GRACE, &never, || left().is_empty()) {
        for orphan in left() {
            orphan.signal(Signal::KILL);
        }
        processes::wait_until(GRACE, &never, || left().is_empty());
    }
}

impl Default for Record {
    fn default() -> Self {
        Self { format: FORMAT, hero: None, boot: None, locks: BTreeSet::new() }
    }
}

/// Removes what git has left in a new clone, which no other program knows yet.
pub(super) fn tidy(git: &Path) -> Result<(), Error> {
    let all = [leftovers::locks, leftovers::unfinished, leftovers::keeps, leftovers::probes];
    for path in all.iter().flat_map(|find| find(git)) {
        fs::remove_file(&path)?;
    }
    Ok(())
}

/// The record of a change; `None` when it is damaged.
fn read(git: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(&git.join(FILE)).ok()?).ok()
}

/// Removes what was not there before the change: locks that no process holds, and
/// unfinished files. The record goes last.
fn clean(git: &Path, record: &Record) -> Result<(), Error> {
    let root = git.parent().unwrap_or(git);
    for path in leftovers::locks(git) {
        let ours = !record.locks.contains(&path)
            && processes::at_work("git", root, &path).is_empty()
            && processes::holders(&path).is_empty();
        if ours {
            fs::remove_file(&path)?;
        }
    }
    if processes::at_work("git", root, git).is_empty() {
        let keeps = leftovers::keeps(git).into_iter().filter(|keep| !record.locks.contains(keep));
        for path in leftovers::unfinished(git).into_iter().chain(keeps) {
            if processes::holders(&path).is_empty() {
                fs::remove_file(&path)?;
            }
        }
    }
    fs::remove_file(&git.join(FILE))?;
    Ok(())
}

/// Waits for a git of the user's that works in the checkout, and names it.
///
/// # Errors
/// When a lock is there whose owner is gone, or the git goes on for too long.
pub(super) fn wait_for_others(
    service: &str,
    git: &Path,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<(), Error> {
    let root = git.parent().unwrap_or(git);
    let Some(first) = leftovers::blocking(git).into_iter().next() else { return Ok(()) };
    let owners = processes::at_work("git", root, &first);
    let Some(owner) = owners.first() else {
        // Another program may have it for a moment.
        return if processes::wait_until(MOMENT, cancel, || !fs::exists(&first)) {
            wait_for_others(service, git, reporter, cancel)
        } else {
            Err(Error::Locked { age: super::classify::age(&first), path: first })
        };
    };
    let holder = processes::describe(owner.pid);
    reporter.report(Event::Waiting { lock: first.display().to_string(), holder: holder.clone() });
    let gone = || !fs::exists(&first) || processes::at_work("git", root, &first).is_empty();
    if processes::wait_until(lock::limit(), cancel, gone) {
        return wait_for_others(service, git, reporter, cancel);
    }
    if cancel.is_cancelled() {
        return Err(Error::Interrupted { service: service.to_owned() });
    }
    Err(Error::Busy { path: root.to_owned(), holder })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        git2::Repository::init(dir.path()).unwrap();
        let git = dir.path().join(".git");
        (dir, git)
    }

    #[test]
    fn locks_of_the_change_go_and_those_before_it_stay() {
        let (dir, git) = repository();
        let users = git.join("refs/heads/users.lock");
        fs::write(&users, b"").unwrap();
        Work::on(dir.path(), &git).begin().unwrap();
        let ours = [
            "index.lock",
            "HEAD.lock",
            "packed-refs.lock",
            "shallow.lock",
            "config.lock",
            "refs/remotes/origin/a/b.lock",
            "modules/sub/index.lock",
            "objects/info/commit-graphs/commit-graph-chain.lock",
            "objects/pack/tmp_pack_Ab12Cd",
            "objects/pack/pack_git2_abc",
            "objects/1f/tmp_obj_Ab12Cd",
            "packed-refs.new",
            ".hero-Ab12Cd",
            "objects/tmp_object_git2_0123",
            "objects/pack/pack-1234.keep",
            "modules/sub/objects/pack/tmp_idx_Ab12Cd",
        ];
        for name in ours {
            fs::create_dir_all(fs::parent(&git.join(name))).unwrap();
            fs::write(&git.join(name), b"").unwrap();
        }
        recover(dir.path(), &git).unwrap();
        for name in ours {
            assert!(!fs::exists(&git.join(name)), "{name}");
        }
        assert!(fs::exists(&users) && !fs::exists(&git.join(FILE)));
        let error =
            wait_for_others("s", &git, &crate::event::Recorder::default(), &Cancel::default());
        assert!(matches!(error, Err(Error::Locked { path, .. }) if path == users));
    }

    #[test]
    fn without_a_record_nothing_is_touched() {
        let (dir, git) = repository();
        fs::write(&git.join("index.lock"), b"").unwrap();
        recover(dir.path(), &git).unwrap();
        assert!(fs::exists(&git.join("index.lock")));
        // Damaged by a power cut: what is there cannot have been there before.
        fs::write(&git.join(FILE), b"\0\0\0").unwrap();
        recover(dir.path(), &git).unwrap();
        assert!(!fs::exists(&git.join("index.lock")) && !fs::exists(&git.join(FILE)));
    }
}
