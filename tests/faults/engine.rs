//! All cases of a change, on two threads, and what is told of them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::case::{self, Outcome};
use super::operations::Operation;
use super::prepared::Prepared;
use super::strace::{self, FAULTS};
use super::support::skipped;

/// Worlds in which cases run at the same time.
const WORKERS: usize = 2;

/// Breaks a change at each of its calls, in each way.
pub fn run(operation: &Operation) {
    if let Err(why) = strace::available() {
        skipped(&why);
        return;
    }
    let started = Instant::now();
    let worlds: Vec<_> = (0..WORKERS).map(|_| Prepared::new(operation)).collect();
    let root = worlds[0].world.root();
    let mut calls = worlds[0].watch(operation);
    // A fault comes to every thread that makes so many calls of the name.
    let mut seen = HashSet::new();
    calls.retain(|call| call.changes(&root) && seen.insert((call.name.clone(), call.ordinal)));
    assert!(!calls.is_empty(), "strace saw no call");
    let cases: Vec<_> =
        calls.iter().flat_map(|call| FAULTS.iter().map(move |fault| (call, *fault))).collect();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for prepared in &worlds {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((call, fault)) = cases.get(index) else { break };
                    let outcome = case::run(operation, prepared, call, *fault);
                    outcomes.lock().expect("no worker panics with it").insert(index, outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("no worker panicked");
    let missed = outcomes.values().filter(|it| matches!(it, Outcome::Missed)).count();
    // In the order of the calls.
    let failures: Vec<_> = outcomes
        .iter()
        .filter_map(|(index, outcome)| {
            let Outcome::Wrong(wrong) = outcome else { return None };
            let (call, fault) = &cases[*index];
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
