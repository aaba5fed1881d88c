//! One fault at one call, and what must be true then.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use super::check::{Shown, disorder, line, shown};
use super::operations::{Again, Operation, expected, text, way_back};
use super::prepared::Prepared;
use super::strace::{self, Fault};
use super::support::both;
use super::trace::Call;
use super::tree;

/// How a case went.
pub enum Outcome {
    Fine,
    /// The call came at another place this time: nothing was tested.
    Missed,
    /// What was wrong.
    Wrong(Vec<String>),
}

/// What `bin/` shows.
#[derive(PartialEq)]
enum State {
    Old,
    New,
    /// The change shows nothing: old is new.
    Both,
    Mixed(Shown),
}

pub fn run(operation: &Operation, prepared: &Prepared, call: &Call, fault: Fault) -> Outcome {
    prepared.restore("template");
    let world = &prepared.world;
    let (output, calls) = strace::break_at(&prepared.change(), call, fault);
    let hit = calls.iter().find(|call| call.was_hit());
    if !hit.is_some_and(|call| call.changes(&world.root())) {
        return Outcome::Missed;
    }
    let mut wrong = Vec::new();
    let state = State::of(operation, prepared);
    judge_end(operation, &state, &output, fault, &mut wrong);
    if operation.mends {
        judge_mending(prepared, &state, &output, &mut wrong);
    }
    way_back_is_as_before(prepared, &state, &mut wrong);
    stranger(operation, prepared, "then", &mut wrong);
    prepared.keep("broken");
    next_command(operation, prepared, &mut wrong);
    prepared.restore("broken");
    again(operation, prepared, &state, &mut wrong);
    let root = world.root().display().to_string();
    let wrong: Vec<_> = wrong.iter().map(|it| it.replace(&root, "")).collect();
    if wrong.is_empty() { Outcome::Fine } else { Outcome::Wrong(wrong) }
}

impl State {
    fn of(operation: &Operation, prepared: &Prepared) -> Self {
        let shown = shown(&prepared.world);
        match (shown == expected(operation.before), shown == expected(operation.after)) {
            (true, true) => Self::Both,
            (true, false) => Self::Old,
            (false, true) => Self::New,
            (false, false) => Self::Mixed(shown),
        }
    }

    fn is_old(&self) -> bool {
        matches!(self, Self::Old | Self::Both)
    }

    fn is_new(&self) -> bool {
        matches!(self, Self::New | Self::Both)
    }

    fn must_be_whole(&self, when: &str, wrong: &mut Vec<String>) {
        if let Self::Mixed(shown) = self {
            wrong.push(format!("{when} bin/ shows a mixture: {}", line(shown)));
        }
    }
}

/// The exit code must say what `bin/` shows.
fn judge_end(
    operation: &Operation,
    state: &State,
    output: &Output,
    fault: Fault,
    wrong: &mut Vec<String>,
) {
    state.must_be_whole("then", wrong);
    let said = both(output);
    if said.contains("panicked") {
        wrong.push(format!("hero panicked: {}", short(&said)));
    }
    match (output.status.code(), fault) {
        (None, Fault::Kill) => {}
        (None, _) => wrong.push(format!("hero ended by {:?}", output.status.signal())),
        (Some(70 | 101), _) => wrong.push(format!("a fault of hero: {}", short(&said))),
        (Some(0), _) => {
            if *state == State::Old {
                wrong.push("exit 0, but bin/ shows the old version".into());
            }
        }
        (Some(code), Fault::Fails { lasting: false, .. }) if !operation.mends => {
            if *state == State::New {
                let said = short(&said);
                wrong.push(format!("exit {code}, but bin/ shows the new version: {said}"));
            }
        }
        (Some(_), _) => {}
    }
}

/// Who mends says by the exit code whether anything is left to be mended.
fn judge_mending(prepared: &Prepared, state: &State, output: &Output, wrong: &mut Vec<String>) {
    let left = disorder(&prepared.world);
    match output.status.code() {
        Some(0) => wrong.extend(left.iter().map(|fault| format!("exit 0, but {fault}"))),
        Some(code) if left.is_empty() && *state == State::New => {
            wrong.push(format!("exit {code}, but nothing is left: {}", short(&both(output))));
        }
        _ => {}
    }
}

/// Where there was a way back, it still leads there after what changed nothing.
fn way_back_is_as_before(prepared: &Prepared, state: &State, wrong: &mut Vec<String>) {
    let there_was_one = prepared.way_back.starts_with("Would activate");
    // Mending what a kill left may change it.
    if *state != State::Old || !there_was_one || !prepared.disorder.is_empty() {
        return;
    }
    let way_back = way_back(&prepared.world);
    if way_back != prepared.way_back {
        wrong.push(format!("rollback says {way_back}, not {}", prepared.way_back));
    }
}

/// Another service is installed; everything is in order then.
fn next_command(operation: &Operation, prepared: &Prepared, wrong: &mut Vec<String>) {
    let output = prepared.hero(&prepared.next);
    if !output.status.success() {
        wrong.push(format!("the next command fails: {}", short(&both(&output))));
    }
    State::of(operation, prepared).must_be_whole("after the next command", wrong);
    if !prepared.world.bin(super::operations::OTHER).exists() {
        wrong.push("after the next command its binary is not there".into());
    }
    let mut faults = disorder(&prepared.world);
    // That is for the change itself to mend.
    faults.retain(|fault| !(operation.mends && prepared.disorder.contains(fault)));
    wrong.extend(faults.iter().map(|fault| format!("after the next command: {fault}")));
    stranger(operation, prepared, "after the next command", wrong);
}

/// The same command right after the fault does what it should have done.
fn again(operation: &Operation, prepared: &Prepared, state: &State, wrong: &mut Vec<String>) {
    let output = prepared.hero(&prepared.arguments);
    let said = both(&output);
    let nothing_to_do = match operation.again {
        Again::Succeeds => false,
        Again::OrSays(text) => said.contains(text) && !state.is_old(),
    };
    if !output.status.success() && !nothing_to_do {
        wrong.push(format!("the same command fails then: {}", short(&said)));
    }
    let after = State::of(operation, prepared);
    if !after.is_new() {
        let shown = line(&shown(&prepared.world));
        wrong.push(format!("after the same command bin/ shows {shown}"));
    }
    // An error changes nothing, so it need not tidy up.
    if output.status.success() {
        let faults = disorder(&prepared.world);
        wrong.extend(faults.iter().map(|fault| format!("after the same command: {fault}")));
        if let Err(fault) = (operation.finally)(&prepared.world) {
            wrong.push(format!("after the same command: {fault}"));
        }
    }
    stranger(operation, prepared, "after the same command", wrong);
}

/// A stranger's file is at its place or among those that are kept.
fn stranger(operation: &Operation, prepared: &Prepared, when: &str, wrong: &mut Vec<String>) {
    let Some(says) = operation.stranger else { return };
    let mut places = tree::paths(&prepared.world.home(".local/share/hero/replaced"));
    places.extend(tree::entries(&prepared.world.bin("")));
    let content = text(says);
    if !places.iter().any(|path| std::fs::read(path).is_ok_and(|it| it == content.as_bytes())) {
        wrong.push(format!("{when} the stranger's file is lost"));
    }
}

fn short(said: &str) -> String {
    said.trim().chars().take(300).collect::<String>().replace('\n', " | ")
}

impl Prepared {
    /// Runs hero; a lock that nobody gives up is an error, not a long wait.
    fn hero(&self, arguments: &str) -> Output {
        let mut command = self.world.command(arguments);
        command.env("HERO_LOCK_TIMEOUT", "10").output().expect("hero starts")
    }
}
