//! hero and `cargo install`, broken at each call in the same ways, judged by
//! the same rules: `cargo bench --bench reliability`.
//!
//! Each operation is run once under strace to see which calls change its
//! install root. Then, for each of them, it is run again from the same start:
//! killed there, told that the disk is broken, told that it is full, once or
//! from then on. What is true after that is compared with five promises, which
//! `judge` has. The building is no part of it: hero is given built files, and
//! cargo has built before, so that nothing but its install phase is left.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod cargo;
mod hero;
mod judge;
mod measure;
mod report;
mod subject;

#[path = "../../tests/it/faults/check.rs"]
#[allow(dead_code, reason = "the fault suite uses the rest")]
mod check;
#[path = "../../tests/it/faults/operations.rs"]
#[allow(dead_code, reason = "the fault suite uses the rest")]
mod operations;
#[path = "../../tests/it/faults/pool.rs"]
mod pool;
#[path = "../../tests/it/faults/prepared.rs"]
#[allow(dead_code, reason = "the fault suite uses the rest")]
mod prepared;
#[path = "../../tests/it/faults/strace.rs"]
#[allow(dead_code, reason = "the fault suite uses the rest")]
mod strace;
#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;
#[path = "../../tests/it/faults/trace.rs"]
#[allow(dead_code, reason = "the fault suite uses the rest")]
mod trace;
#[path = "../../tests/it/faults/tree.rs"]
mod tree;

use cargo::Cargo;
use hero::Hero;
use measure::measure;
use report::Report;

fn main() {
    // As `cargo test --benches` runs it.
    if !std::env::args().any(|argument| argument == "--bench") {
        report::say("nothing is measured without --bench");
        return;
    }
    if let Err(why) = strace::available() {
        report::say(&format!("NOTHING WAS MEASURED: {why}"));
        report::unmeasured(&why);
        return;
    }
    let mut report = Report::new();
    report.add(measure("replace", || Hero::new(&hero::REPLACE)));
    report.add(measure("replace", || Cargo::replace(&["a", "b"], &["a", "b"])));
    report.add(measure("replace, other names", || Hero::new(&operations::REPLACE)));
    report.add(measure("replace, other names", || Cargo::replace(&["a", "b"], &["b", "c", "d"])));
    report.add(measure("uninstall", || Hero::new(&hero::UNINSTALL)));
    report.add(measure("uninstall", || Cargo::uninstall(&["a", "b"])));
    for (name, operation) in
        [("rollback", &operations::ROLLBACK), ("activate", &operations::ACTIVATE)]
    {
        report.add(measure(name, || Hero::new(operation)));
        report::cannot(name, Cargo::TOOL);
    }
    report.finish();
}
