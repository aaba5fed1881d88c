//! All cases of one operation of one tool.

use std::time::{Duration, Instant};

use super::judge::{self, Broken, Rule};
use super::pool::{self, WORKERS};
use super::strace::{self, Fault};
use super::subject::{Ready, Subject};
use super::support::both;
use super::trace::Call;

/// What happens at each call.
const FAULTS: [Fault; 4] = [
    Fault::Kill,
    Fault::Fails { errno: "EIO", lasting: false },
    Fault::Fails { errno: "ENOSPC", lasting: false },
    Fault::Fails { errno: "ENOSPC", lasting: true },
];

/// What came of an operation.
pub struct Measured {
    pub operation: &'static str,
    pub tool: &'static str,
    /// Calls that change the install root.
    pub calls: usize,
    /// Faults that came where they should.
    pub cases: usize,
    /// Faults that came elsewhere: nothing was tested.
    pub missed: Vec<String>,
    pub elapsed: Duration,
    /// The cases that broke a promise: the call, the fault, what and how.
    pub broken: Vec<(String, String, Vec<Broken>)>,
}

impl Measured {
    /// How many cases broke a rule.
    pub fn broke(&self, rule: Rule) -> usize {
        let breaks = |broken: &[Broken]| broken.iter().any(|(it, _)| *it == rule);
        self.broken.iter().filter(|(_, _, broken)| breaks(broken)).count()
    }
}

pub fn measure<S: Subject>(operation: &'static str, make: impl Fn() -> S) -> Measured {
    let started = Instant::now();
    let worlds: Vec<_> = (0..WORKERS).map(|_| Ready::new(make())).collect();
    let subject = &worlds[0].subject;
    let (output, calls) = strace::watch(subject);
    assert!(output.status.success(), "{operation}: {}", both(&output));
    let root = subject.root();
    let calls: Vec<_> = pool::points(calls, &root)
        .into_iter()
        .map(|call| (judge::place(&call, &root), call))
        .collect();
    let all = calls.iter().flat_map(|(place, call)| FAULTS.map(|fault| (call, place, fault)));
    let cases: Vec<_> = all.filter(|(call, _, fault)| is_real(call, *fault)).collect();
    let outcomes = pool::each(&worlds, &cases, |ready, (call, place, fault)| {
        judge::case(ready, (call, place), *fault)
    });
    let (mut missed, mut broken) = (Vec::new(), Vec::new());
    for ((call, _, fault), outcome) in cases.iter().zip(outcomes) {
        let (call, fault) = (call.describe(&root), fault.to_string());
        match outcome {
            None => missed.push(format!("{fault} at {call}")),
            Some(how) if how.is_empty() => {}
            Some(how) => broken.push((call, fault, how)),
        }
    }
    Measured {
        operation,
        tool: subject.tool(),
        calls: calls.len(),
        cases: cases.len() - missed.len(),
        missed,
        elapsed: started.elapsed(),
        broken,
    }
}

/// A fault from then on comes to all calls of the name: of `openat` also to
/// those that read, of `write` also to those to the terminal. No full disk does
/// that; once must do for these.
fn is_real(call: &Call, fault: Fault) -> bool {
    let lasting = matches!(fault, Fault::Fails { lasting: true, .. });
    !lasting || !["open", "openat", "write", "writev"].contains(&call.name.as_str())
}
