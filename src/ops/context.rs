//! What every operation of a run shares: folders, configuration, mode, locks, slots.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

use super::account::Accounts;
use super::sandbox::Sandbox;
use crate::disk;
use crate::event::{Event, Reporter};
use crate::git::{Credentials, Prompt};
use crate::model::Run;
use crate::store::Store;
use crate::supervise::{self, Kind, Local, Machine, Places, Record, Supervisor};
use crate::sys::cancel::Cancel;
use crate::sys::config::Config;
use crate::sys::dirs::{Dirs, Root};
use crate::sys::disk::bytes;
use crate::sys::fs;
use crate::sys::jobs::Jobs;
use crate::sys::lock;
use crate::sys::name::Name;
use crate::sys::process;

/// Fetches wait for servers, not for processors.
const FETCHES: usize = 8;

/// What the operations of one run share.
pub(crate) struct Context {
    /// Where things lie.
    pub(crate) dirs: Dirs,
    /// What the user set once.
    pub(crate) config: Config,
    /// The mode, fixed by the command line.
    pub(crate) run: Run,
    /// Tokens for git servers.
    pub(crate) credentials: Credentials,
    /// Where events go.
    pub(crate) reporter: Arc<dyn Reporter>,
    /// Where services run.
    pub(crate) machine: Arc<dyn Machine>,
    /// Whether diagnostics of the compiler are coloured.
    pub(crate) color: bool,
    /// Why services are built, and how long it takes.
    pub(crate) accounts: Accounts,
    cancel: Cancel,
    sandbox: Option<Sandbox>,
    /// Whether this run has installed something.
    installed: AtomicBool,
    shields: AtomicUsize,
    /// The services that this run has locked, with the thread that did.
    locked: Mutex<Vec<(String, ThreadId)>>,
    builds: OnceLock<Jobs>,
    fetches: OnceLock<Jobs>,
    /// How many services are finished, and how many there are.
    done: Mutex<(u64, u64)>,
}

/// What a context is made of.
pub(crate) struct Setup {
    /// Where things lie.
    pub(crate) dirs: Dirs,
    /// What the user set once.
    pub(crate) config: Config,
    /// The mode.
    pub(crate) run: Run,
    /// Where events go.
    pub(crate) reporter: Arc<dyn Reporter>,
    /// Set by the signals that end a run.
    pub(crate) cancel: Cancel,
    /// Whether diagnostics of the compiler are coloured.
    pub(crate) color: bool,
}

impl Context {
    /// A context for one run.
    ///
    /// # Errors
    /// When the sandbox cannot be made.
    pub(crate) fn new(setup: Setup) -> Result<Self, fs::Error> {
        let credentials = Credentials::of_user(&setup.config.git);
        let wanted = setup.run.smoke && !setup.run.dry_run;
        Ok(Self {
            dirs: setup.dirs,
            config: setup.config,
            credentials,
            reporter: setup.reporter,
            machine: Arc::new(Local),
            color: setup.color,
            accounts: Accounts::default(),
            cancel: setup.cancel,
            sandbox: wanted.then(Sandbox::new).transpose()?,
            run: setup.run,
            installed: false.into(),
            shields: 0.into(),
            locked: Mutex::default(),
            builds: OnceLock::new(),
            fetches: OnceLock::new(),
            done: Mutex::default(),
        })
    }

    /// Whether git may ask for passwords: where the user wants it and a terminal is there.
    pub(crate) fn prompt(&self) -> Prompt {
        let variable = std::env::var("HERO_GIT_PROMPT").ok();
        let asked = match variable.as_deref().map(str::trim) {
            Some("" | "0" | "false") => false,
            Some(_) => true,
            None => self.config.git.prompt,
        };
        if asked && process::is_interactive() { Prompt::Terminal } else { Prompt::Never }
    }

    /// Reports an event.
    pub(crate) fn report(&self, event: Event) {
        self.reporter.report(event);
    }

    /// Reports something that was done or seen, in a word and a text.
    pub(crate) fn step(&self, verb: &str, text: impl Into<String>) {
        self.report(Event::Step { verb: verb.into(), text: text.into() });
    }

    /// Whether this run only says what it would do.
    pub(crate) fn dry_run(&self) -> bool {
        self.run.dry_run
    }

    /// Whether this run works in a sandbox.
    pub(crate) fn is_sandboxed(&self) -> bool {
        self.sandbox.is_some()
    }

    /// The install root of this run.
    pub(crate) fn root(&self) -> &Root {
        match &self.sandbox {
            Some(sandbox) => sandbox.root(),
            None => self.dirs.root(self.run.root),
        }
    }

    /// Where things of the install root are kept that concern running.
    pub(crate) fn places(&self) -> Places {
        match &self.sandbox {
            Some(sandbox) => sandbox.places(&self.dirs),
            None => Places::of(&self.dirs, self.run.root),
        }
    }

    /// The supervisor for a service: the one named by the command line, the one of the
    /// configuration, the one that runs the service already, or the first available.
    ///
    /// # Errors
    /// When the one that was named is not available, or the record cannot be read.
    pub(crate) fn supervisor(
        &self,
        service: &Name,
    ) -> Result<Box<dyn Supervisor>, supervise::Error> {
        let places = self.places();
        if self.is_sandboxed() {
            return Ok(self.machine.supervisor(Kind::Direct, &places));
        }
        let kind = match (self.run.supervisor, &self.config.start.supervisor) {
            (Some(named), _) => Some(named),
            (None, Some(name)) => Some(name.parse()?),
            (None, None) => Record::read(&places, service)?.map(|record| record.supervisor),
        };
        let Some(kind) = kind else { return Ok(self.machine.first(&places)) };
        let supervisor = self.machine.supervisor(kind, &places);
        supervisor.available()?;
        Ok(supervisor)
    }

    /// The store of the install root.
    pub(crate) fn store(&self) -> Store {
        Store::open(self.root())
    }

    /// In a dry run, reports what would be done and returns true.
    pub(crate) fn plans(&self, action: &str, detail: impl Into<String>) -> bool {
        if self.dry_run() {
            self.report(Event::Plan { action: action.into(), detail: detail.into() });
        }
        self.dry_run()
    }

    /// Does `work` as a clean-up: a signal that has ended the run does not end it too.
    pub(crate) fn shield<T>(&self, work: impl FnOnce() -> T) -> T {
        self.shields.fetch_add(1, Ordering::SeqCst);
        let result = work();
        self.shields.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// Whether a script must stop at its next operation.
    pub(crate) fn must_stop(&self) -> bool {
        self.cancel.is_cancelled() && self.shields.load(Ordering::SeqCst) == 0
    }

    /// What ends commands and waits; inside a clean-up nothing does.
    pub(crate) fn cancel(&self) -> Cancel {
        if self.shields.load(Ordering::SeqCst) > 0 {
            Cancel::default()
        } else {
            self.cancel.clone()
        }
    }

    /// What ends the run, also inside a clean-up.
    pub(crate) fn interrupt(&self) -> &Cancel {
        &self.cancel
    }

    /// Does `work` while no other hero works on the service. A thread that holds the
    /// lock already goes on.
    ///
    /// # Errors
    /// When the lock is not released in time.
    pub(crate) fn locked<T>(
        &self,
        service: &Name,
        work: impl FnOnce() -> T,
    ) -> Result<T, lock::Error> {
        let entry = (service.to_string(), std::thread::current().id());
        if self.dry_run() || self.holders().contains(&entry) {
            return Ok(work());
        }
        let name = lock_name(service);
        let _lock = lock::acquire(&self.dirs.locks, &name, &*self.reporter, &self.cancel())?;
        self.holders().push(entry.clone());
        let result = work();
        self.holders().retain(|holder| *holder != entry);
        Ok(result)
    }

    /// Notes that something was installed.
    pub(crate) fn note_installed(&self) {
        self.installed.store(true, Ordering::SeqCst);
    }

    /// Keeps the limits of disk space that the configuration sets, if this run has
    /// installed something. Says in one line how much that freed.
    pub(crate) fn keep_bounded(&self) {
        let limits = &self.config.disk;
        if !self.installed.load(Ordering::SeqCst) || self.dry_run() || self.is_sandboxed() {
            return;
        }
        let store = self.store();
        let context = self.disk(&store);
        let freed = disk::keep_bounded(&context, limits.max_size, limits.older_than);
        if freed > 0 {
            let message = format!("freed {} as `[disk]` in config.toml says", bytes(freed));
            self.report(Event::Finished { message, failed: false });
        }
    }

    /// What operations on disk space work with.
    pub(crate) fn disk<'a>(&'a self, store: &'a Store) -> disk::Context<'a> {
        disk::Context {
            dirs: &self.dirs,
            store,
            locks: self,
            reporter: &*self.reporter,
            cancel: &self.cancel,
        }
    }

    /// The slots of compilers: one jobserver for every cargo of this run.
    ///
    /// # Errors
    /// When the system gives no pipe.
    pub(crate) fn builds(&self) -> io::Result<&Jobs> {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let given = self.run.jobs.or(self.config.build.jobs).and_then(|jobs| jobs.try_into().ok());
        slots(&self.builds, given.unwrap_or(processors))
    }

    /// The slots of fetches.
    ///
    /// # Errors
    /// When the system gives no pipe.
    pub(crate) fn fetches(&self) -> io::Result<&Jobs> {
        let given = self.run.fetch_jobs.and_then(|jobs| jobs.try_into().ok());
        slots(&self.fetches, given.unwrap_or(FETCHES))
    }

    /// Begins to count services: none of `total`.
    pub(crate) fn begin(&self, total: u64) -> (u64, u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done = (0, total);
        *done
    }

    /// Counts one more service: how many of how many.
    pub(crate) fn done_one(&self) -> (u64, u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.0 += 1;
        *done
    }

    fn holders(&self) -> MutexGuard<'_, Vec<(String, ThreadId)>> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl disk::Locks for Context {
    fn with(&self, service: &Name, wait: bool, work: &mut dyn FnMut()) -> Result<(), lock::Error> {
        if wait || self.dry_run() {
            return self.locked(service, work);
        }
        if let Some(_lock) = lock::try_acquire(&self.dirs.locks, &lock_name(service))? {
            work();
        }
        Ok(())
    }
}

/// The lock of those who work on a service.
fn lock_name(service: &Name) -> String {
    format!("service-{service}")
}

fn slots(jobs: &OnceLock<Jobs>, count: usize) -> io::Result<&Jobs> {
    if let Some(jobs) = jobs.get() {
        return Ok(jobs);
    }
    let made = Jobs::new(count)?;
    Ok(jobs.get_or_init(|| made))
}
