//! A world in the state before a change, as often as it is needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::check::{disorder, shown};
use super::operations::{Operation, expected, other, way_back};
use super::strace::{self, Program};
use super::support::{World, both};
use super::trace::Call;
use super::tree;

pub struct Prepared {
    pub world: World,
    /// The arguments of the change.
    pub arguments: String,
    /// The arguments of the next command.
    pub next: String,
    /// What is not in order before it.
    pub disorder: Vec<String>,
    /// What a rollback would do before it.
    pub way_back: String,
}

impl Prepared {
    pub fn new(operation: &Operation) -> Self {
        let world = World::below(&in_memory());
        let next = other(&world);
        let arguments = (operation.setup)(&world);
        assert_eq!(shown(&world), expected(operation.before), "{}: before", operation.name);
        let (disorder, way_back) = (disorder(&world), way_back(&world));
        assert!(!operation.mends || !disorder.is_empty(), "{}: nothing to mend", operation.name);
        let prepared = Self { world, arguments, next, disorder, way_back };
        prepared.keep("template");
        prepared
    }

    /// The calls of the change when nothing fails; leaves it done.
    pub fn watch(&self, operation: &Operation) -> Vec<Call> {
        let (output, calls) = strace::watch(&self.change());
        assert!(output.status.success(), "{}: {}", operation.name, both(&output));
        assert_eq!(shown(&self.world), expected(operation.after), "{}: after", operation.name);
        calls
    }

    /// The change itself.
    pub fn change(&self) -> Hero<'_> {
        Hero { world: &self.world, arguments: &self.arguments }
    }

    /// Keeps the home as it is now under a name.
    pub fn keep(&self, name: &str) {
        tree::replace(&self.world.home(""), &self.world.root().join(name));
    }

    /// Makes the home what was kept. At the same place: links are absolute.
    pub fn restore(&self, name: &str) {
        tree::replace(&self.world.root().join(name), &self.world.home(""));
    }
}

/// hero with arguments.
pub struct Hero<'a> {
    pub world: &'a World,
    pub arguments: &'a str,
}

impl Program for Hero<'_> {
    fn append(&self, strace: &mut Command) {
        strace.arg(env!("CARGO_BIN_EXE_hero")).args(self.arguments.split_whitespace());
        strace.current_dir(self.world.work(""));
        self.world.environment(strace);
    }

    fn trace(&self) -> PathBuf {
        self.world.root().join("trace")
    }
}

/// A folder in memory where there is one: syncing thousands of times is slow on
/// a real disk, and no fault is found there that is not found here.
pub fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let usable = tempfile::tempdir_in(memory).is_ok();
    if usable { memory.to_owned() } else { std::env::temp_dir() }
}
