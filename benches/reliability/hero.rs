//! hero, with the operations of the fault suite.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::check::{self, Shown, disorder, seen};
use super::operations::{self, Again, OTHER, Operation, PLAIN, release};
use super::prepared::Prepared;
use super::strace::Program;
use super::subject::{Sight, Subject};
use super::support::sha256;

/// A second version of the same two binaries.
pub const REPLACE: Operation = Operation {
    name: "replace, same names",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        release(world, "two", &["a", "b"])
    },
    before: &["a one", "b one"],
    after: &["a two", "b two"],
    ..PLAIN
};

/// As the suite has it, of two binaries.
pub const UNINSTALL: Operation = Operation {
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        "uninstall svc".into()
    },
    before: &["a one", "b one"],
    ..operations::UNINSTALL
};

pub struct Hero {
    operation: &'static Operation,
    prepared: Prepared,
}

impl Hero {
    pub fn new(operation: &'static Operation) -> Self {
        let prepared = Prepared::new(operation);
        Self { operation, prepared }
    }
}

impl Program for Hero {
    fn append(&self, strace: &mut Command) {
        self.prepared.change().append(strace);
    }

    fn trace(&self) -> PathBuf {
        self.prepared.change().trace()
    }
}

impl Subject for Hero {
    fn tool(&self) -> &'static str {
        "hero"
    }

    /// Also its locks, which it makes elsewhere.
    fn root(&self) -> PathBuf {
        self.prepared.world.root()
    }

    fn keep(&self, name: &str) {
        self.prepared.keep(name);
    }

    fn restore(&self, name: &str) {
        self.prepared.restore(name);
    }

    fn run(&self) -> Output {
        let mut command = self.prepared.world.command(&self.prepared.arguments);
        command.env("HERO_LOCK_TIMEOUT", "10").output().expect("hero starts")
    }

    fn look(&self) -> Sight {
        let mut shown = seen(&self.prepared.world.bin(""), sha256);
        shown.remove(OTHER);
        let listed = check::listing(&self.prepared.world);
        Sight { shown, listed: listed.map(|it| of_service(&it)) }
    }

    fn says_done(&self, said: &str) -> bool {
        matches!(self.operation.again, Again::OrSays(text) if said.contains(text))
    }

    fn leftovers(&self) -> Vec<String> {
        disorder(&self.prepared.world)
    }
}

/// The binaries of the service's current version, as its receipt has them.
fn of_service(listing: &serde_json::Value) -> Shown {
    let services = listing["services"].as_array().into_iter().flatten();
    let bins = services
        .filter(|service| service["name"] == "svc")
        .filter_map(|service| service["current"]["bins"].as_array())
        .flatten();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    bins.map(|bin| (text(&bin["name"]), text(&bin["sha256"]))).collect()
}
