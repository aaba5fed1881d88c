//! A world in the state before a change, as often as it is needed.

use std::path::{Path, PathBuf};

use super::check::shown;
use super::operations::{Operation, expected, other};
use super::strace;
use super::support::{World, both};
use super::trace::Call;
use super::tree;

pub struct Prepared {
    pub world: World,
    /// The arguments of the change.
    pub arguments: String,
    /// The arguments of the next command.
    pub next: String,
}

impl Prepared {
    pub fn new(operation: &Operation) -> Self {
        let world = World::below(&in_memory());
        let next = other(&world);
        let arguments = (operation.setup)(&world);
        assert_eq!(shown(&world), expected(operation.before), "{}: before", operation.name);
        let prepared = Self { world, arguments, next };
        prepared.keep("template");
        prepared
    }

    /// The calls of the change when nothing fails; leaves it done.
    pub fn watch(&self, operation: &Operation) -> Vec<Call> {
        let (output, calls) = strace::watch(&self.world, &self.arguments);
        assert!(output.status.success(), "{}: {}", operation.name, both(&output));
        assert_eq!(shown(&self.world), expected(operation.after), "{}: after", operation.name);
        calls
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

/// A folder in memory where there is one: syncing thousands of times is slow on
/// a real disk, and no fault is found there that is not found here.
fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let usable = tempfile::tempdir_in(memory).is_ok();
    if usable { memory.to_owned() } else { std::env::temp_dir() }
}
