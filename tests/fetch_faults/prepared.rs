//! A world in the state before a fetch, as often as it is needed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::operations::{Expected, Operation};
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

    /// Runs the command under strace, each process apart: the calls.
    pub fn watch(&self) -> (Output, Vec<Point>) {
        let all: Vec<_> = MUTATING.iter().map(|name| format!("?{name}")).collect();
        let options = format!("-e trace={}", all.join(","));
        self.shim.plan_all(&options);
        let output = self.traced(&options).output().expect("strace starts");
        let mut points = self.of(&Process::Hero);
        for process in self.shim.processes() {
            points.extend(self.of(&process));
        }
        points.retain(|point| self.counts(&point.call));
        (output, points)
    }

    /// Runs the command with a fault at a point; what its process did then.
    pub fn break_at(&self, point: &Point, fault: Fault) -> (Output, Vec<Point>) {
        let options = options(&point.call, fault);
        self.shim.plan(Some(&point.process), &options);
        let mut command = match point.process {
            Process::Hero => self.traced(&options),
            Process::Git { .. } => self.with_shim(),
        };
        let output = command.output().expect("it starts");
        (output, self.of(&point.process))
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
        calls.into_iter().map(|call| Point { process: process.clone(), call }).collect()
    }

    /// Whether a call changes a checkout, what lies beside it, or hero's state.
    pub fn counts(&self, call: &Call) -> bool {
        [".local/share/hero/src", ".local/state/hero"]
            .iter()
            .any(|folder| call.changes(&self.world.home(folder)))
    }
}

/// The options of strace that break a call.
fn options(call: &Call, fault: Fault) -> String {
    let (name, when) = (&call.name, call.ordinal);
    let fault = match fault {
        Fault::Kill => format!("signal=KILL:when={when}"),
        Fault::Fails { errno, lasting } => {
            format!("error={errno}:when={when}{}", if lasting { "+" } else { "" })
        }
    };
    // Files are opened at known places: so relative names are understood.
    format!("-e trace=openat,{name} -e inject={name}:{fault}")
}

/// A folder in memory where there is one: git's many small files are slow on a
/// real disk, and no fault is found there that is not found here.
fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let usable = tempfile::tempdir_in(memory).is_ok();
    if usable { memory.to_owned() } else { std::env::temp_dir() }
}
