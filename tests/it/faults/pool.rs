//! Many cases, in worlds that are used at the same time.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::trace::Call;

/// Worlds in which cases run at the same time.
pub const WORKERS: usize = 2;

/// The calls to break: those that change something below a folder.
pub fn points(mut calls: Vec<Call>, root: &Path) -> Vec<Call> {
    // A fault comes to every thread that makes so many calls of the name.
    let mut seen = HashSet::new();
    calls.retain(|call| call.changes(root) && seen.insert((call.name.clone(), call.ordinal)));
    assert!(!calls.is_empty(), "strace saw no call");
    calls
}

/// Does each case in whichever world is free; what came of them, in order.
pub fn each<World, Case, Outcome>(
    worlds: &[World],
    cases: &[Case],
    run: impl Fn(&World, &Case) -> Outcome + Sync,
) -> Vec<Outcome>
where
    World: Sync,
    Case: Sync,
    Outcome: Send,
{
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for world in worlds {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { break };
                    let outcome = run(world, case);
                    outcomes.lock().expect("no worker panics with it").push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no worker panicked");
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
