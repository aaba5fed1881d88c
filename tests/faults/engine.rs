//! All cases of a change, on two threads, and what is told of them.

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
    calls.retain(|call| call.changes(&root));
    // A fault comes to every thread that makes so many calls of the name.
    calls.sort_by_key(|call| (call.name.clone(), call.ordinal));
    calls.dedup_by_key(|call| (call.name.clone(), call.ordinal));
    assert!(!calls.is_empty(), "strace saw no call");
    let cases: Vec<_> =
        calls.iter().flat_map(|call| FAULTS.iter().map(move |fault| (call, *fault))).collect();
    let next = AtomicUsize::new(0);
    let told = Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for prepared in &worlds {
            scope.spawn(|| {
                while let Some((call, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = case::run(operation, prepared, call, *fault);
                    let mut told = told.lock().expect("no worker panics with it");
                    match outcome {
                        Outcome::Fine => {}
                        Outcome::Missed => told.0 += 1,
                        Outcome::Wrong(wrong) => {
                            let call = call.describe(&root);
                            told.1
                                .push(format!("{fault} at {call}:\n    {}", wrong.join("\n    ")));
                        }
                    }
                }
            });
        }
    });
    let (missed, mut failures) = told.into_inner().expect("no worker panicked");
    failures.sort();
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
