//! What native functions know of the run they serve.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

use rhai::{AST, ASTFlags, Stmt};

use super::account::Accounts;
use crate::disk;
use crate::event::{Event, Reporter};
use crate::git::{Credentials, Prompt};
use crate::store::Store;
use crate::supervise::{self, Kind, Places, Record, Supervisor};
use crate::sys::cancel::Cancel;
use crate::sys::config::Config;
use crate::sys::dirs::{Dirs, Root};
use crate::sys::disk::bytes;
use crate::sys::fs;
use crate::sys::jobs::Jobs;
use crate::sys::lock;
use crate::sys::name::Name;
use crate::sys::process;

/// The context of one run, shared by every native function.
pub struct Host {
    /// Where things lie.
    pub dirs: Dirs,
    /// What the user set once.
    pub config: Config,
    /// Tokens for git servers.
    pub credentials: Credentials,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// The wish to stop.
    pub cancel: Cancel,
    /// Whether diagnostics of the compiler are coloured.
    pub color: bool,
    /// Whether `--help` is coloured.
    pub color_stdout: bool,
    /// The arguments after the script's name.
    pub args: Vec<String>,
    /// Texts of everything loaded, for reports.
    pub sources: Sources,
    /// The script that runs.
    pub script: Mutex<Script>,
    /// Why services are built, and how long it takes.
    pub accounts: Accounts,
    dry_run: AtomicBool,
    /// Whether this run has installed something.
    installed: AtomicBool,
    system: AtomicBool,
    shields: AtomicUsize,
    /// The services this run has locked, with the thread that did.
    locked: Mutex<Vec<(String, ThreadId)>>,
    limits: Mutex<Limits>,
    builds: OnceLock<Jobs>,
    fetches: OnceLock<Jobs>,
    /// Services that have been dealt with, and how many there are.
    done: Mutex<(u64, u64)>,
    /// The supervisor that this run was told to use.
    supervisor: Mutex<Option<Kind>>,
    trial: OnceLock<Trial>,
}

/// A place for trying, gone with the run.
struct Trial {
    dir: tempfile::TempDir,
    root: Root,
}

/// How much this run does at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Compilers side by side; all processors when not set.
    pub jobs: Option<u32>,
    /// Fetches side by side; eight when not set.
    pub fetch_jobs: Option<u32>,
}

/// Fetches wait for servers, not for processors.
const FETCHES: usize = 8;

/// The script a run was started with.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// As the user typed it, for usage lines.
    pub name: String,
    /// Its file; `None` for one built in.
    pub path: Option<PathBuf>,
    /// The label of its source in positions.
    pub source: String,
    /// Its doc comment.
    pub doc: String,
}

/// What a host is made of.
pub struct Setup {
    /// Where things lie.
    pub dirs: Dirs,
    /// What the user set once.
    pub config: Config,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// The wish to stop.
    pub cancel: Cancel,
    /// Whether diagnostics of the compiler are coloured.
    pub color: bool,
    /// Whether `--help` is coloured.
    pub color_stdout: bool,
    /// The arguments after the script's name.
    pub args: Vec<String>,
    /// Whether nothing may be changed.
    pub dry_run: bool,
}

impl Host {
    /// A context for one run.
    pub fn new(setup: Setup) -> Self {
        let credentials = Credentials::of_user(&setup.config.git);
        Self {
            dirs: setup.dirs,
            config: setup.config,
            credentials,
            reporter: setup.reporter,
            cancel: setup.cancel,
            color: setup.color,
            color_stdout: setup.color_stdout,
            args: setup.args,
            sources: Sources::default(),
            script: Mutex::default(),
            accounts: Accounts::default(),
            dry_run: setup.dry_run.into(),
            installed: false.into(),
            system: false.into(),
            shields: 0.into(),
            locked: Mutex::default(),
            limits: Mutex::default(),
            builds: OnceLock::new(),
            fetches: OnceLock::new(),
            done: Mutex::default(),
            supervisor: Mutex::default(),
            trial: OnceLock::new(),
        }
    }

    /// Whether git may ask for passwords: where the user wants it, and sits there.
    pub fn prompt(&self) -> Prompt {
        let variable = std::env::var("HERO_GIT_PROMPT").ok();
        let asked = match variable.as_deref().map(str::trim) {
            Some("" | "0" | "false") => false,
            Some(_) => true,
            None => self.config.git.prompt,
        };
        if asked && process::is_interactive() { Prompt::Terminal } else { Prompt::Never }
    }

    /// Tells the reporter.
    pub fn report(&self, event: Event) {
        self.reporter.report(event);
    }

    /// Whether effects are only planned.
    pub fn dry_run(&self) -> bool {
        self.dry_run.load(Ordering::SeqCst)
    }

    /// From now on effects are only planned; never switched off again.
    pub fn set_dry_run(&self) {
        self.dry_run.store(true, Ordering::SeqCst);
    }

    /// Chooses the install root.
    pub fn set_system(&self, system: bool) {
        self.system.store(system, Ordering::SeqCst);
    }

    /// The install root of this run.
    pub fn root(&self) -> &Root {
        match self.trial.get() {
            Some(trial) => &trial.root,
            None => self.dirs.root(self.system.load(Ordering::SeqCst)),
        }
    }

    /// From now on installs and starts go to a place that is removed with the run,
    /// and what is started ends with it.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn try_only(&self) -> Result<(), fs::Error> {
        if self.trial.get().is_none() {
            let dir = fs::temporary_dir(&std::env::temp_dir(), "hero-smoke-")?;
            let root = Root::below(dir.path());
            // Somebody else was faster: theirs is as good.
            let _theirs = self.trial.set(Trial { dir, root });
        }
        Ok(())
    }

    /// Whether this run only tries.
    pub fn tries_only(&self) -> bool {
        self.trial.get().is_some()
    }

    /// Where things of the install root are kept that concern running.
    pub fn places(&self) -> Places {
        let Some(trial) = self.trial.get() else {
            return Places::of(&self.dirs, self.system.load(Ordering::SeqCst));
        };
        Places {
            run: trial.dir.path().join("run"),
            logs: self.dirs.logs.join("smoke"),
            store: trial.root.store.clone(),
            system: false,
            prefix: None,
            home: trial.dir.path().join("home"),
            tied: true,
        }
    }

    /// Chooses the supervisor of this run.
    pub fn use_supervisor(&self, kind: Kind) {
        *self.supervisor.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
    }

    /// The supervisor for a service: the one this run was told to use, the one that
    /// runs the service already, that of the configuration, or the first that is there.
    ///
    /// # Errors
    /// When the one that was named is not there, or the record cannot be read.
    pub fn supervisor(&self, service: &Name) -> Result<Box<dyn Supervisor>, supervise::Error> {
        let places = self.places();
        if self.tries_only() {
            return Ok(supervise::supervisor(Kind::Direct, &places));
        }
        let told = *self.supervisor.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = match (told, &self.config.start.supervisor) {
            (Some(told), _) => Some(told),
            (None, Some(name)) => Some(name.parse()?),
            (None, None) => Record::read(&places, service)?.map(|record| record.supervisor),
        };
        let Some(kind) = kind else { return Ok(supervise::first(&places)) };
        let supervisor = supervise::supervisor(kind, &places);
        supervisor.available()?;
        Ok(supervisor)
    }

    /// The store of the install root.
    pub fn store(&self) -> Store {
        Store::open(self.root())
    }

    /// If in a dry run, reports the plan and says true.
    pub fn plans(&self, action: &str, detail: impl Into<String>) -> bool {
        if self.dry_run() {
            self.report(Event::Plan { action: action.into(), detail: detail.into() });
        }
        self.dry_run()
    }

    /// While shielded, a cancelled run may still execute its clean-ups.
    pub fn shield<T>(&self, work: impl FnOnce() -> T) -> T {
        self.shields.fetch_add(1, Ordering::SeqCst);
        let result = work();
        self.shields.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// Does `work` while no other hero works on the service. A thread that has
    /// it locked already goes on.
    ///
    /// # Errors
    /// When the lock cannot be had in time.
    pub fn locked<T>(&self, service: &Name, work: impl FnOnce() -> T) -> Result<T, lock::Error> {
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
    pub fn note_installed(&self) {
        self.installed.store(true, Ordering::SeqCst);
    }

    /// Keeps the limits of disk space that the configuration sets, if this run has
    /// installed something. Says in one line how much that freed.
    pub fn keep_bounded(&self) {
        let limits = &self.config.disk;
        if !self.installed.load(Ordering::SeqCst) || self.dry_run() || self.tries_only() {
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
    pub fn disk<'a>(&'a self, store: &'a Store) -> disk::Context<'a> {
        disk::Context {
            dirs: &self.dirs,
            store,
            locks: self,
            reporter: &*self.reporter,
            cancel: &self.cancel,
        }
    }

    /// Sets how much is done at once, for what has not begun yet.
    pub fn limit(&self, limits: Limits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    /// The slots of compilers: one jobserver for every cargo of this run.
    ///
    /// # Errors
    /// When the system gives no pipe.
    pub fn builds(&self) -> io::Result<&Jobs> {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let given = limits.jobs.or(self.config.build.jobs).and_then(|jobs| jobs.try_into().ok());
        slots(&self.builds, given.unwrap_or(processors))
    }

    /// Begins to count services: none of `total`.
    pub fn begin(&self, total: u64) -> (u64, u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done = (0, total);
        *done
    }

    /// Counts one more service: how many of how many.
    pub fn done_one(&self) -> (u64, u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.0 += 1;
        *done
    }

    /// The slots of fetches.
    ///
    /// # Errors
    /// When the system gives no pipe.
    pub fn fetches(&self) -> io::Result<&Jobs> {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let given = limits.fetch_jobs.and_then(|jobs| jobs.try_into().ok());
        slots(&self.fetches, given.unwrap_or(FETCHES))
    }

    fn holders(&self) -> MutexGuard<'_, Vec<(String, ThreadId)>> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a script must stop at its next operation.
    pub fn must_stop(&self) -> bool {
        self.cancel.is_cancelled() && self.shields.load(Ordering::SeqCst) == 0
    }

    /// The token for commands: inside a clean-up the signal that led to it
    /// does not end them too.
    pub fn cancel(&self) -> Cancel {
        if self.shields.load(Ordering::SeqCst) > 0 {
            Cancel::default()
        } else {
            self.cancel.clone()
        }
    }

    /// The script that runs.
    pub fn script(&self) -> Script {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl disk::Locks for Host {
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

/// Texts by the label that positions carry.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Mutex<BTreeMap<String, Source>>,
    closures: Mutex<BTreeMap<String, Closure>>,
}

/// Where a closure was written.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The label of its script.
    pub label: String,
    /// That script without its effects: what the closure may call and read.
    pub script: Arc<AST>,
}

/// A script of which only the constants and imports at its top are evaluated
/// (functions see no variables), and nothing else is run; its functions are all there.
pub fn quiet(ast: &AST) -> AST {
    let top: Vec<Stmt> = ast
        .statements()
        .iter()
        .filter(|statement| match statement {
            Stmt::Var(_, flags, _) => flags.intersects(ASTFlags::CONSTANT),
            other => matches!(other, Stmt::Import(..)),
        })
        .cloned()
        .collect();
    let mut quiet = AST::new(top, ast.shared_lib().clone());
    if let Some(label) = ast.source() {
        quiet.set_source(label);
    }
    quiet
}

/// One script's text.
#[derive(Debug, Clone)]
pub struct Source {
    /// What people call it: its path as given, or `stdlib/service.rhai`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether it is part of hero, not of its user.
    pub builtin: bool,
}

impl Sources {
    /// Remembers a text.
    pub fn insert(&self, label: &str, source: Source) {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(label.into(), source);
    }

    /// Remembers where the closures of a script were written: when another
    /// script calls one, Rhai reports that script instead.
    pub fn insert_closures(&self, label: &str, ast: &AST) {
        let script = Arc::new(quiet(ast));
        let mut closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        for function in ast.iter_functions().filter(|function| function.name.starts_with("anon$")) {
            let script = Arc::clone(&script);
            closures.insert(function.name.to_owned(), Closure { label: label.to_owned(), script });
        }
    }

    /// Where a closure was written.
    pub fn closure(&self, name: &str) -> Option<Closure> {
        self.closures.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The text of a label.
    pub fn get(&self, label: &str) -> Option<Source> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(label).cloned()
    }
}

/// A path as people like it: relative to the working directory where it is
/// below it.
pub fn relative(path: &Path) -> String {
    std::env::current_dir()
        .ok()
        .and_then(|cwd| path.strip_prefix(cwd).ok().map(|path| path.display().to_string()))
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| path.display().to_string())
}
