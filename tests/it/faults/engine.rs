//! All cases of a change, and what is told of them.

use std::time::Instant;

use super::case::{self, Outcome};
use super::operations::Operation;
use super::pool::{self, WORKERS};
use super::prepared::Prepared;
use super::strace::{self, FAULTS};
use super::support::skipped;

/// Breaks a change at each of its calls, in each way.
pub fn run(operation: &Operation) {
    if let Err(why) = strace::available() {
        skipped(&why);
        return;
    }
    let started = Instant::now();
    let worlds: Vec<_> = (0..WORKERS).map(|_| Prepared::new(operation)).collect();
    let root = worlds[0].world.root();
    let calls = pool::points(worlds[0].watch(operation), &root);
    let cases: Vec<_> =
        calls.iter().flat_map(|call| FAULTS.iter().map(move |fault| (call, *fault))).collect();
    let outcomes = pool::each(&worlds, &cases, |prepared, (call, fault)| {
        case::run(operation, prepared, call, *fault)
    });
    let missed = outcomes.iter().filter(|it| matches!(it, Outcome::Missed)).count();
    // In the order of the calls.
    let failures: Vec<_> = cases
        .iter()
        .zip(&outcomes)
        .filter_map(|((call, fault), outcome)| {
            let Outcome::Wrong(wrong) = outcome else { return None };
            Some(format!("{fault} at {}:\n    {}", call.describe(&root), wrong.join("\n    ")))
        })
        .collect();
    tell(&format!(
        "{}: {} cases, {} calls, {} failures, {missed} missed ({:.1}s)",
        operation.name,
        cases.len() - missed,
        calls.len(),
        failures.len(),
        started.elapsed().as_secs_f32()
    ));
    assert!(failures.is_empty(), "{}:\n{}", operation.name, failures.join("\n"));
    assert!(missed * 10 <= cases.len(), "{missed} of {} cases hit nothing", cases.len());
}

#[allow(clippy::print_stderr, reason = "whoever runs the tests should see how much was tested")]
fn tell(line: &str) {
    eprintln!("{line}");
}
