//! How long a developer waits, with hero and without it:
//! `cargo bench --bench compare [-- REPO [BIN]] [--runs N] [--quick]`.
//!
//! REPO is a git directory, bare or not; without it, one of the demo's services.
//! `--quick` leaves out the release builds. Every way has a home, a `CARGO_HOME`,
//! an install root and a build directory of its own; only the crates that were
//! downloaded are shared. The ways take turns, so that a busy machine slows all
//! of them. Nothing fails because it was slow; it does if what was installed is
//! not what was edited.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod arguments;
mod lab;
mod project;
mod report;
mod rounds;
mod way;

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use arguments::Arguments;
use lab::Lab;
use project::Project;
use report::{Report, say};

fn main() {
    // As `cargo test --benches` runs it.
    if !std::env::args().any(|argument| argument == "--bench") {
        say("nothing is measured without --bench");
        return;
    }
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(why) => panic!("{why}"),
    };
    let project = Project::new(arguments.repo.as_deref(), arguments.bin.as_deref());
    let report = Report::new(&project, &arguments);
    let mut lab = Lab::new(project, report, arguments.quick);
    rounds::cold(&mut lab);
    for round in 1..=arguments.runs {
        lab.tell(&format!("round {round} of {}", arguments.runs));
        rounds::round(&mut lab, round);
    }
    lab.finish();
}
