//! The machine: its clock, its processes, its ports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::super::super::{Kind, Machine, Places, Probe, State, Status, Supervisor, Unit};
use super::does::Does;
use super::supervisor::FakeSupervisor;
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::{self, Cmd, Output};

/// The process that is nobody's.
pub(crate) const STRANGER: u32 = 666;

/// The machine. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<World>>);

pub(super) struct World {
    pub(super) origin: Instant,
    pub(super) clock: Duration,
    pub(super) pids: u32,
    /// By supervisor and name.
    pub(super) units: BTreeMap<String, Known>,
    pub(super) strangers: BTreeSet<u16>,
    /// A supervisor that does not answer any more.
    pub(super) gone: Option<Kind>,
    pub(super) commands_exit: i32,
    pub(super) done: Vec<String>,
}

/// What a supervisor knows of a unit.
pub(super) struct Known {
    pub(super) unit: Unit,
    pub(super) run: Option<Run>,
    pub(super) lost: bool,
}

/// A started process, or what is started again in its place.
pub(super) struct Run {
    pub(super) does: Does,
    pub(super) version: String,
    pub(super) program: PathBuf,
    pub(super) begun: Duration,
    pub(super) pid: u32,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(World {
            origin: Instant::now(),
            clock: Duration::ZERO,
            pids: 1000,
            units: BTreeMap::new(),
            strangers: BTreeSet::new(),
            gone: None,
            commands_exit: 0,
            done: Vec::new(),
        })))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// What supervisors did since the last question: `stop app, start app`.
    pub(crate) fn done(&self) -> String {
        std::mem::take(&mut self.world().done).join(", ")
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.world().clock += time;
    }

    /// Lets a process of somebody else listen on a port.
    pub(crate) fn take(&self, port: u16) {
        self.world().strangers.insert(port);
    }

    /// Lets a supervisor lose sight of its units.
    pub(crate) fn lose(&self) {
        self.world().units.values_mut().for_each(|known| known.lost = true);
    }

    /// Lets the processes that run do something else from now on.
    pub(crate) fn turn(&self, does: Does) {
        let mut world = self.world();
        let now = world.clock;
        for run in world.units.values_mut().filter_map(|known| known.run.as_mut()) {
            (run.does, run.begun) = (does, now);
        }
    }

    /// Lets a supervisor not answer any more.
    pub(crate) fn uninstall(&self, kind: Kind) {
        self.world().gone = Some(kind);
    }

    /// Sets the exit code of commands.
    pub(crate) fn commands_exit(&self, code: i32) {
        self.world().commands_exit = code;
    }

    /// Returns what the running processes were when they started: the text of their programs.
    pub(crate) fn running(&self) -> Vec<String> {
        let world = self.world();
        let runs = world.units.values().filter(|known| world.look(known).state.is_up());
        runs.filter_map(|known| Some(known.run.as_ref()?.version.clone())).collect()
    }
}

impl World {
    /// What there is to see of a unit now.
    pub(super) fn look(&self, known: &Known) -> Status {
        let Some(run) = &known.run else { return Status::new(State::Stopped) };
        let age = self.clock.checked_sub(run.begun).unwrap();
        if let Some((_, code)) = run.does.end().filter(|(end, _)| age >= *end) {
            let ended = Some(format!("exited with {code}"));
            let state = if code == 0 { State::Done } else { State::Failed };
            return Status { ended, ..Status::new(state) };
        }
        let restarts =
            run.does.life().map_or(0, |life| age.as_millis().div_euclid(life.as_millis()));
        let restarts = u32::try_from(restarts).unwrap();
        Status {
            state: State::Running,
            pid: Some(run.pid + restarts),
            since: None,
            ended: (restarts > 0).then(|| "exited with 101".into()),
            restarts: restarts.into(),
            lost: known.lost,
        }
    }

    fn listens(&self, known: &Known) -> bool {
        let Some(run) = known.run.as_ref().filter(|_| self.look(known).state.is_up()) else {
            return false;
        };
        run.does.listens_after().is_some_and(|after| self.clock >= run.begun + after)
    }

    /// The run that a process is of.
    fn run(&self, pid: u32) -> Option<&Run> {
        self.units.values().find(|known| self.look(known).pid == Some(pid))?.run.as_ref()
    }
}

impl Machine for Fake {
    fn supervisor(&self, kind: Kind, _places: &Places) -> Box<dyn Supervisor> {
        Box::new(FakeSupervisor { kind, fake: self.clone() })
    }

    fn now(&self) -> Instant {
        let world = self.world();
        world.origin + world.clock
    }

    fn time(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.world().clock
    }

    fn wait(&self, duration: Duration, cancel: &Cancel) -> bool {
        // Nobody gets around a wait for nothing.
        self.world().clock += duration.max(Duration::from_millis(1));
        !cancel.is_cancelled()
    }

    fn is_alive(&self, pid: u32) -> bool {
        self.world().run(pid).is_some()
    }

    fn runs(&self, pid: u32, program: &Path) -> Option<bool> {
        Some(self.world().run(pid)?.program == fs::canonicalize(program).unwrap())
    }

    fn program_of(&self, pid: u32) -> Option<PathBuf> {
        Some(self.world().run(pid)?.program.clone())
    }

    fn describe(&self, pid: u32) -> String {
        let name = if pid == STRANGER { "stranger" } else { "own" };
        format!("`{name}` (process {pid})")
    }

    fn family(&self, pid: u32) -> BTreeSet<u32> {
        BTreeSet::from([pid])
    }

    fn is_free(&self, port: u16) -> bool {
        self.listeners(port).is_empty()
    }

    fn listeners(&self, port: u16) -> BTreeSet<u32> {
        let world = self.world();
        let ours = world.units.values();
        let ours = ours.filter(|it| it.unit.ready.port == Some(port) && world.listens(it));
        let stranger = world.strangers.contains(&port).then_some(STRANGER);
        ours.filter_map(|known| world.look(known).pid).chain(stranger).collect()
    }

    fn accepts(&self, port: u16) -> bool {
        !self.is_free(port)
    }

    fn http(&self, url: &str) -> Result<u16, String> {
        let world = self.world();
        let asked = world.units.values().find(|known| {
            matches!(&known.unit.ready.probe, Probe::Http { url: own, .. } if own == url)
                && world.listens(known)
        });
        let run = asked.and_then(|known| known.run.as_ref()).ok_or("connection refused")?;
        Ok(if run.does == Does::Unwell { 503 } else { 200 })
    }

    fn output(&self, cmd: &Cmd, _cancel: &Cancel) -> Result<Output, process::Error> {
        let mut world = self.world();
        world.done.push(format!("run {}", cmd.display()));
        let (code, elapsed) = (Some(world.commands_exit), Duration::ZERO);
        let status = process::Status { code, signal: None, elapsed };
        Ok(Output { status, stdout: Vec::new(), stderr: Vec::new() })
    }
}
