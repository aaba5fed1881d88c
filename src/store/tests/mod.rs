//! The laws of the store, on real folders.

mod clear;
mod commit;
mod evict;
mod install;
mod recover;
mod remove;
mod strangers;
mod verify;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tempfile::TempDir;

use super::{Error, Installed, NewGeneration, Policy, Store};
use crate::event::{Event, Recorder};
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Root;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::process::{Cmd, which};

pub(crate) fn name(text: &str) -> Name {
    Name::new("test", text).unwrap()
}

/// An install root in a temporary folder, and a place for built files.
pub(crate) struct Home {
    dir: TempDir,
    pub root: Root,
    pub store: Store,
    pub events: Recorder,
    pub cancel: Cancel,
}

/// What to install; the defaults are a clean release build of one commit.
#[must_use]
pub(crate) struct Build<'a> {
    home: &'a Home,
    service: Name,
    bins: Vec<(Name, PathBuf)>,
    debug_files: Vec<PathBuf>,
    commit: Option<String>,
    dirty: bool,
    profile: String,
    pub policy: Policy,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join("home").join(name);
        let root = Root {
            system: false,
            bin: at("bin"),
            store: at("store"),
            current: at("current"),
            locks: dir.path().join("locks"),
        };
        let store = Store::open(&root);
        Self { dir, root, store, events: Recorder::default(), cancel: Cancel::default() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// A build of `service` whose binaries say their own names and `text`.
    pub(crate) fn build(&self, service: &str, bins: &[&str], text: &str) -> Build<'_> {
        let bins = bins.iter().map(|bin| {
            let script = format!("#!/bin/sh\necho {bin} {text}\n");
            (name(bin), self.built(bin, script.as_bytes()))
        });
        Build {
            home: self,
            service: name(service),
            bins: bins.collect(),
            debug_files: Vec::new(),
            commit: Some("8e73ef0aa1b2c3d4e5f60718293a4b5c6d7e8f90".into()),
            dirty: false,
            profile: "release".into(),
            policy: Policy::default(),
        }
    }

    /// A built file.
    pub(crate) fn built(&self, bin: &str, content: &[u8]) -> PathBuf {
        let path = self.dir.path().join("target").join(bin);
        fs::write(&path, content).unwrap();
        fs::set_mode(&path, 0o700).unwrap();
        path
    }

    pub(crate) fn bin(&self, bin: &str) -> PathBuf {
        self.root.bin.join(bin)
    }

    /// What a binary in `bin/` says; `None` when there is none that runs.
    pub(crate) fn run(&self, bin: &str) -> Option<String> {
        let output = Cmd::new("sh").arg(self.bin(bin)).output(&self.cancel).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.trim().to_owned())
    }

    /// Names in `bin/`.
    pub(crate) fn shown(&self) -> Vec<String> {
        names(&self.root.bin)
    }

    /// Names in `store/<service>/`, hidden ones too.
    pub(crate) fn stored(&self, service: &str) -> Vec<String> {
        names(&self.root.store.join(service))
    }

    /// Everything below the home: content, mode and target of each path.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let entries = walkdir::WalkDir::new(self.dir.path()).into_iter().map(Result::unwrap);
        let describe = |path: &Path| match fs::read_link(path) {
            Some(target) => format!("-> {}", target.display()),
            None if path.is_dir() => "folder".into(),
            None => {
                let mode = fs::metadata(path).unwrap().permissions().mode();
                format!("{mode:o} {:?}", fs::read(path).unwrap())
            }
        };
        entries.map(|entry| (entry.path().to_owned(), describe(entry.path()))).collect()
    }

    /// The same without the lock files, which say who held them last.
    pub(crate) fn snapshot_without_locks(&self) -> BTreeMap<PathBuf, String> {
        let mut snapshot = self.snapshot();
        snapshot.retain(|path, _| path.extension().is_none_or(|it| it != "lock"));
        snapshot
    }

    /// No link of this root leads nowhere, nothing half-done lies about, and
    /// the list has no complaints.
    pub(crate) fn assert_sound(&self) {
        for path in self.snapshot().keys() {
            let file = path.file_name().unwrap().to_string_lossy();
            let hidden = file.starts_with('.') && path.starts_with(self.path());
            assert!(!hidden, "left over: {}", path.display());
            assert!(path.exists(), "leads nowhere: {}", path.display());
        }
        assert_eq!(self.store.list().unwrap().problems, []);
    }

    pub(crate) fn activate(&self, service: &str, generation: &str) -> Result<Installed, Error> {
        self.store.activate(&name(service), generation, false, &self.events, &self.cancel)
    }

    pub(crate) fn rollback(&self, service: &str) -> Result<Installed, Error> {
        self.store.rollback(&name(service), false, &self.events, &self.cancel)
    }

    pub(crate) fn remove(&self, service: &str) -> Result<super::Removed, Error> {
        self.store.remove(&name(service), false, &self.events, &self.cancel)
    }

    pub(crate) fn has_event(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.events.events().iter().any(wanted)
    }

    /// Installs a shell under the name `sh` in the debug profile and starts it
    /// from `bin/`; returns when it runs.
    pub(crate) fn start_shell(&self, service: &str) -> Running {
        let shell = fs::read(&which("sh").unwrap()).unwrap();
        let mut build = self.build(service, &[], "").profile("debug");
        build.bins.push((name("sh"), self.built("sh", &shell)));
        build.install().unwrap();
        let cancel = Cancel::default();
        let (sender, receiver) = mpsc::channel();
        let cmd = Cmd::new(self.bin("sh")).arg("-c").arg("echo ready; sleep 3600; :");
        let token = cancel.clone();
        let thread = std::thread::spawn(move || {
            let result = cmd.run(&token, &mut |_, _| sender.send(()).unwrap());
            assert!(result.is_err(), "ended by itself: {result:?}");
        });
        receiver.recv().unwrap();
        Running { cancel, thread: Some(thread) }
    }
}

impl Build<'_> {
    pub(crate) fn commit(mut self, commit: Option<&str>) -> Self {
        self.commit = commit.map(str::to_owned);
        self
    }

    pub(crate) fn dirty(mut self) -> Self {
        self.dirty = true;
        self
    }

    pub(crate) fn profile(mut self, profile: &str) -> Self {
        self.profile = profile.into();
        self
    }

    pub(crate) fn replace(mut self) -> Self {
        self.policy.replace = true;
        self
    }

    pub(crate) fn dry_run(mut self) -> Self {
        self.policy.dry_run = true;
        self
    }

    pub(crate) fn keep(mut self, keep: usize) -> Self {
        self.policy.keep = keep;
        self
    }

    /// Uses another file for the last binary.
    pub(crate) fn file(mut self, path: PathBuf) -> Self {
        self.bins.last_mut().unwrap().1 = path;
        self
    }

    /// Adds a binary that is there already.
    pub(crate) fn again(mut self) -> Self {
        self.bins.push(self.bins[0].clone());
        self
    }

    pub(crate) fn install(self) -> Result<Installed, Error> {
        let (home, policy) = (self.home, self.policy.clone());
        home.store.install(&self.new_generation(), &policy, &home.events, &home.cancel)
    }

    /// What [`Build::install`] hands to the store.
    pub(crate) fn new_generation(self) -> NewGeneration {
        NewGeneration {
            service: self.service,
            bins: self.bins,
            debug_files: self.debug_files,
            repo: "https://example.org/it".into(),
            commit: self.commit,
            reference: Some("main".into()),
            dirty: self.dirty,
            profile: self.profile,
            features: vec!["b".into(), "a".into()],
            rustc: "rustc 1.95.0".into(),
            lockfile: None,
            script: None,
            inputs: None,
        }
    }
}

/// A process that is ended when dropped.
pub(crate) struct Running {
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel(signal_hook::consts::SIGTERM);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    fs::list(folder).unwrap().iter().map(name).collect()
}
