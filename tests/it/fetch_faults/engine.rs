//! Runs all cases of a fetch and reports them.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Instant;

use super::case::{self, Outcome};
use super::choose::{self, Case};
use super::judge;
use super::operations::Operation;
use super::orphan;
use super::pool::{self, WORKERS};
use super::prepared::{Point, Prepared};
use super::shim;
use super::support::{both, skipped};

/// Failures that are shown of an operation.
const SHOWN: usize = 20;

/// Cases and failures of all operations so far.
static TOTAL: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// Taken by the operation that runs.
static TURN: Mutex<()> = Mutex::new(());

/// Breaks a fetch at each of its calls.
pub fn run(operation: &Operation) {
    if let Err(why) = shim::available() {
        skipped(&why);
        return;
    }
    // One after the other, so that each has all processors.
    let turn = TURN.lock().expect("nobody panics with it");
    let started = Instant::now();
    let worlds: Vec<_> = (0..WORKERS).map(|_| Prepared::new(operation)).collect();
    let points = match watch(&worlds[0]) {
        Ok(points) => points,
        Err(wrong) => {
            drop(turn);
            panic!("{}, when nothing is broken: {wrong}", operation.name);
        }
    };
    let cases = choose::cases(&points);
    let outcomes = pool::each(&worlds, &cases, |prepared, case| match case {
        Case::Broken(point, fault) => case::run(prepared, point, *fault, Prepared::plain),
        Case::Orphaned(point, next) => orphan::run(prepared, point, *next),
    });
    let missed = outcomes.iter().filter(|it| matches!(it, Outcome::Missed)).count();
    let root = worlds[0].world.root();
    let failures: Vec<_> = cases
        .iter()
        .zip(&outcomes)
        .filter_map(|(case, outcome)| {
            let Outcome::Wrong(wrong) = outcome else { return None };
            Some(format!("{}:\n    {}", case.describe(&root), wrong.join("\n    ")))
        })
        .collect();
    let hit = cases.len() - missed;
    tell(&format!(
        "{}: {hit} cases, {} calls, {} failures, {missed} missed ({:.1}s); {}",
        operation.name,
        points.len(),
        failures.len(),
        started.elapsed().as_secs_f32(),
        total(hit, failures.len()),
    ));
    drop(turn);
    let rest = failures.len().saturating_sub(SHOWN);
    let shown = failures.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{}:\n{shown}\n… and {rest} more", operation.name);
    assert!(missed * 10 <= cases.len(), "{missed} of {} cases hit nothing", cases.len());
}

/// Returns the calls to break, after a check that the fetch works unbroken.
fn watch(prepared: &Prepared) -> Result<Vec<Point>, String> {
    let output = prepared.plain();
    if !output.status.success() {
        return Err(both(&output));
    }
    let faults = judge::faults(&prepared.world, &prepared.expected);
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let mut seen = HashSet::new();
    let mut points = prepared.watch();
    points.retain(|it| seen.insert((it.process.clone(), it.call.name.clone(), it.call.ordinal)));
    if points.is_empty() { Err("strace saw no call".into()) } else { Ok(points) }
}

fn total(cases: usize, failures: usize) -> String {
    let mut total = TOTAL.lock().expect("nobody panics with it");
    *total = (total.0 + cases, total.1 + failures);
    format!("{} cases and {} failures so far", total.0, total.1)
}

#[allow(clippy::print_stderr, reason = "whoever runs the tests should see how much was tested")]
fn tell(line: &str) {
    eprintln!("{line}");
}
