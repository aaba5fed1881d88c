//! A world in the state before a fetch, as often as it is needed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::expected::Expected;
use super::operations::Operation;
use super::shim::{Process, Shim};
use super::strace::Fault;
use super::support::World;
use super::trace::{self, Call, MUTATING};
use super::tree;

/// The command under test, and the next one.
pub const COMMAND: &str = "run svc";

pub struct Prepared {
    pub world: World,
    pub shim: Shim,
    pub expected: Expected,
}

/// A call of a process of the command under test.
#[derive(Debug, Clone)]
pub struct Point {
    pub process: Process,
    pub call: Call,
    /// The root of the world where it was seen.
    root: PathBuf,
    /// The how many-th call of its name it is for its file, where that has the
    /// same path each time. git writes to pipes as often as they are read, so
    /// among all its writes the place differs from run to run.
    at: Option<usize>,
}

impl Point {
    /// Whether the call is not hero's own.
    pub fn is_of_git(&self) -> bool {
        self.process != Process::Hero
    }
}

impl Prepared {
    pub fn new(operation: &Operation) -> Self {
        let world = World::below(&in_memory());
        let expected = (operation.setup)(&world);
        let prepared = Self { world, shim: Shim::new(), expected };
        tree::replace(&prepared.world.home(""), &prepared.template());
        prepared
    }

    fn template(&self) -> PathBuf {
        self.world.root().join("template")
    }

    /// Makes the home what it was before. At the same place: paths are absolute.
    pub fn restore(&self) {
        tree::replace(&self.template(), &self.world.home(""));
    }

    /// Runs the command with nothing between it and git.
    pub fn plain(&self) -> Output {
        self.command().output().expect("hero starts")
    }

    /// The command; a lock that nobody gives up is an error, not a long wait.
    pub fn command(&self) -> Command {
        let mut command = self.world.command(COMMAND);
        command.env("HERO_LOCK_TIMEOUT", "10");
        command
    }

    /// The command with the shim before git.
    pub fn with_shim(&self) -> Command {
        let mut command = self.command();
        self.shim.put_before(&mut command);
        command
    }

    /// The calls of each process of the command, seen in a run of its own: one
    /// that is watched may make other calls than one that is not.
    pub fn watch(&self) -> Vec<Point> {
        let all: Vec<_> = MUTATING.iter().map(|name| format!("?{name}")).collect();
        let options = format!("-e trace={}", all.join(","));
        self.restore();
        self.shim.plan_all(&options);
        let _judged_by_its_caller = self.with_shim().output().expect("hero starts");
        let mut processes = vec![Process::Hero];
        processes.extend(self.shim.processes());
        let mut points = Vec::new();
        for process in processes {
            self.restore();
            let (_, calls) = self.trace_one(&process, &options);
            points.extend(calls);
        }
        points.retain(|point| self.counts(&point.call));
        points
    }

    /// Runs the command with a fault at a point, if that is hit. git may
    /// write to a pipe once or twice more or less before it.
    pub fn break_near(&self, point: &Point, fault: Fault) -> Option<Output> {
        for shift in [0, -1, 1, -2, 2] {
            let mut near = point.clone();
            near.call.ordinal =
                point.call.ordinal.checked_add_signed(shift).filter(|it| *it > 0)?;
            self.restore();
            let (output, points) = self.break_at(&near, fault);
            let hit = points.iter().find(|it| it.call.was_hit());
            if hit.is_some_and(|it| self.counts(&it.call)) {
                return Some(output);
            }
        }
        None
    }

    /// Runs the command with a fault at a point; what its process did then.
    fn break_at(&self, point: &Point, fault: Fault) -> (Output, Vec<Point>) {
        self.trace_one(&point.process, &self.options(point, fault))
    }

    /// Runs the command with one of its processes under strace.
    fn trace_one(&self, process: &Process, options: &str) -> (Output, Vec<Point>) {
        self.shim.plan(Some(process), options);
        let mut command = match process {
            Process::Hero => self.traced(options),
            Process::Git { .. } => self.with_shim(),
        };
        let output = command.output().expect("it starts");
        (output, self.of(process))
    }

    /// hero under strace, which lets go of the programs that it starts.
    fn traced(&self, options: &str) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "-b", "execve", "-y", "-o"]).arg(self.trace());
        command.args(options.split(' ')).arg(env!("CARGO_BIN_EXE_hero"));
        command.args(COMMAND.split(' ')).current_dir(self.world.work(""));
        self.world.environment(&mut command);
        command.env("HERO_LOCK_TIMEOUT", "10");
        self.shim.put_before(&mut command);
        command
    }

    fn trace(&self) -> PathBuf {
        self.world.root().join("trace")
    }

    /// The calls of a process in the last run.
    fn of(&self, process: &Process) -> Vec<Point> {
        let calls = match process {
            Process::Hero => {
                let text = std::fs::read(self.trace()).expect("strace has written its file");
                trace::parse(&String::from_utf8_lossy(&text))
            }
            Process::Git { .. } => self.shim.calls(process),
        };
        let mut counts: HashMap<(String, PathBuf), usize> = HashMap::new();
        let mut point = |call: Call| {
            let by_descriptor = call.name.contains("write").then(|| call.paths.first()).flatten();
            let path = by_descriptor.filter(|path| path.is_absolute() && !has_random_name(path));
            let at = path.map(|path| {
                let count = counts.entry((call.name.clone(), path.clone())).or_default();
                *count += 1;
                *count
            });
            Point { process: process.clone(), call, root: self.world.root(), at }
        };
        calls.into_iter().map(&mut point).collect()
    }

    /// Whether a call changes a checkout, what lies beside it, or hero's state.
    pub fn counts(&self, call: &Call) -> bool {
        [".local/share/hero/src", ".local/state/hero"]
            .iter()
            .any(|folder| call.changes(&self.world.home(folder)))
    }

    /// The options of strace that break a call.
    fn options(&self, point: &Point, fault: Fault) -> String {
        let name = &point.call.name;
        let when = point.at.unwrap_or(point.call.ordinal);
        let fault = match fault {
            Fault::Kill => format!("signal=KILL:when={when}"),
            Fault::Fails { errno, lasting } => {
                format!("error={errno}:when={when}{}", if lasting { "+" } else { "" })
            }
        };
        let inject = format!("-e inject={name}:{fault}");
        match point.call.paths.first().filter(|_| point.at.is_some()) {
            Some(path) => {
                format!("-P {} -e trace={name} {inject}", self.here(point, path).display())
            }
            // Files are opened at known places: so relative names are understood.
            None => format!("-e trace=openat,{name} {inject}"),
        }
    }

    /// The path of a point in this world.
    pub fn here(&self, point: &Point, path: &Path) -> PathBuf {
        path.strip_prefix(&point.root).map_or_else(|_| path.into(), |it| self.world.root().join(it))
    }
}

/// Whether a part of the path is made up anew in each run.
fn has_random_name(path: &Path) -> bool {
    let text = path.display().to_string();
    ["/.svc.tmp-", "/tmp_", "/.hero-", "/pack_git2_", "/pack-", "/kept/"]
        .iter()
        .any(|it| text.contains(it))
}

/// A folder in memory where there is one: git's many small files are slow on a
/// real disk, and no fault is found there that is not found here.
fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let usable = tempfile::tempdir_in(memory).is_ok();
    if usable { memory.to_owned() } else { std::env::temp_dir() }
}
