//! One case: a fault at one call, then the next command.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use super::judge::{self, short};
use super::mine;
use super::prepared::{Point, Prepared};
use super::shim::Process;
use super::strace::Fault;
use super::support::both;

/// How a case went.
pub enum Outcome {
    Fine,
    /// The call came at another place this time: nothing was tested.
    Missed,
    /// What was wrong.
    Wrong(Vec<String>),
}

impl Outcome {
    pub fn of(prepared: &Prepared, wrong: Vec<String>) -> Self {
        if wrong.is_empty() {
            return Self::Fine;
        }
        let root = prepared.world.root().display().to_string();
        Self::Wrong(wrong.into_iter().map(|it| it.replace(&root, "")).collect())
    }
}

/// Breaks the command at a point, then runs it again with `next`.
pub fn run(
    prepared: &Prepared,
    point: &Point,
    fault: Fault,
    next: impl Fn(&Prepared) -> Output,
) -> Outcome {
    let Some(output) = prepared.break_near(point, fault) else { return Outcome::Missed };
    let mut wrong = Vec::new();
    judge_end(prepared, point, &output, fault, &mut wrong);
    wrong.extend(lost(prepared, "then"));
    judge_next(prepared, &next(prepared), &mut wrong);
    Outcome::of(prepared, wrong)
}

/// The command that follows a fault succeeds, and everything is in order.
pub fn judge_next(prepared: &Prepared, output: &Output, wrong: &mut Vec<String>) {
    if !output.status.success() {
        wrong.push(format!("the next command fails: {}", short(output)));
        wrong.extend(lost(prepared, "after the next command"));
        return;
    }
    let faults = judge::faults(&prepared.world, &prepared.expected);
    wrong.extend(faults.iter().map(|fault| format!("after the next command: {fault}")));
}

fn lost(prepared: &Prepared, when: &str) -> Vec<String> {
    let lost = mine::lost(&prepared.world, &prepared.expected.mine);
    lost.iter().map(|it| format!("{when} {it}")).collect()
}

/// Judges how the broken command ended: exit 0 must be true.
fn judge_end(
    prepared: &Prepared,
    point: &Point,
    output: &Output,
    fault: Fault,
    wrong: &mut Vec<String>,
) {
    let killed = fault == Fault::Kill && point.process == Process::Hero;
    if both(output).contains("panicked") {
        wrong.push(format!("hero panicked: {}", short(output)));
    }
    match output.status.code() {
        None if killed => {}
        None => wrong.push(format!("hero ended by {:?}", output.status.signal())),
        Some(0) => {
            let faults = judge::wrong_state(&prepared.world, &prepared.expected);
            wrong.extend(faults.iter().map(|fault| format!("exit 0, but {fault}")));
        }
        Some(70 | 101) => wrong.push(format!("a fault of hero: {}", short(output))),
        Some(_) => {}
    }
}
