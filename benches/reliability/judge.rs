//! What each tool promises, and whether a fault broke it.

use std::path::Path;
use std::process::Output;
use std::sync::LazyLock;

use regex::Regex;

use super::check::Shown;
use super::strace::{self, Fault};
use super::subject::{Ready, Subject};
use super::support::both;
use super::trace::Call;

/// The promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// `bin/` shows exactly one whole version.
    Whole,
    /// Exit 0: the new version is there, and listed so. Another exit code: the
    /// old version is there. A kill has none.
    Exit,
    /// What the tool lists is what is there: the names, and the version.
    Listed,
    /// The same command then does what it should have done.
    Again,
    /// Nothing lies about after that.
    Clean,
}

pub const RULES: [Rule; 5] = [Rule::Whole, Rule::Exit, Rule::Listed, Rule::Again, Rule::Clean];

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Exit => "exit",
            Self::Listed => "listed",
            Self::Again => "again",
            Self::Clean => "clean",
        }
    }

    pub fn promise(self) -> &'static str {
        match self {
            Self::Whole => "bin/ shows exactly one whole version, the old or the new",
            Self::Exit => {
                "exit 0: the new version is there and listed; else: the old one is there (kills have no exit code)"
            }
            Self::Listed => "what the tool lists is what is there: these binaries, of that version",
            Self::Again => "the same command again does what it should have done",
            Self::Clean => "nothing lies about after that",
        }
    }
}

/// A broken promise, and how.
pub type Broken = (Rule, String);

/// Breaks a subject at a call, which is at `place`; `None` when the fault came
/// elsewhere.
pub fn case<S: Subject>(
    ready: &Ready<S>,
    (call, place): (&Call, &str),
    fault: Fault,
) -> Option<Vec<Broken>> {
    let subject = &ready.subject;
    let output = hit(subject, call, place, fault)?;
    let mut broken = Vec::new();
    let sight = subject.look();
    let (old, new) = (sight.shown == ready.old, sight.shown == ready.new);
    let there = ready.say(&sight.shown);
    if !old && !new {
        broken.push((Rule::Whole, format!("bin/ shows {there}")));
    }
    let listed = sight.listed.as_ref().map(|it| ready.say(it));
    let honest = sight.listed.as_ref() == Ok(&sight.shown);
    match output.status.code() {
        Some(0) if !new || !honest => {
            broken.push((Rule::Exit, format!("exit 0, bin/ shows {there}, listed: {listed:?}")));
        }
        Some(code) if code != 0 && !old => {
            broken
                .push((Rule::Exit, format!("exit {code}, bin/ shows {there}: {}", short(&output))));
        }
        None if fault != Fault::Kill => {
            broken.push((Rule::Exit, format!("it ended by a signal: {}", short(&output))));
        }
        _ => {}
    }
    if !honest {
        broken.push((Rule::Listed, format!("bin/ shows {there}, listed: {listed:?}")));
    }
    let output = subject.run();
    let done = output.status.success() || (new && subject.says_done(&both(&output)));
    let shown = subject.look().shown;
    if !done || shown != ready.new {
        let shown = ready.say(&shown);
        broken.push((Rule::Again, format!("then bin/ shows {shown}: {}", short(&output))));
    }
    let left = subject.leftovers();
    if !left.is_empty() {
        broken.push((Rule::Clean, format!("left: {}", left.join(", "))));
    }
    Some(broken)
}

/// Runs a subject with a fault at a call. Now and then cargo writes a byte more
/// or less to its other threads, and the call is not the one it was: it is looked
/// for then. `None` if it is not met.
fn hit(subject: &impl Subject, call: &Call, wanted: &str, fault: Fault) -> Option<Output> {
    let root = subject.root();
    let [same, next, previous] = [call.ordinal, call.ordinal + 1, call.ordinal - 1];
    for ordinal in [same, next, previous, same, next, previous].into_iter().filter(|it| *it > 0) {
        subject.restore("template");
        let at = Call { ordinal, ..call.clone() };
        let (output, calls) = strace::break_at(subject, &at, fault);
        let hit = calls.iter().find(|call| call.was_hit());
        if hit.is_some_and(|hit| place(hit, &root) == wanted) {
            return Some(output);
        }
    }
    None
}

/// Where a call is, without what differs from run to run.
pub fn place(call: &Call, root: &Path) -> String {
    static VARIES: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"#\d+|(cargo-install|\.hero-aside-|\.[a-z]+-|\.tmp)[A-Za-z0-9-]+|\d{8}T\d{6}Z[-a-z0-9]*";
        Regex::new(pattern).expect("a valid pattern")
    });
    let described = call.describe(root);
    let (_, paths) = described.split_once(' ').expect("a call and its paths");
    format!("{} {}", call.name, VARIES.replace_all(paths, "$1…"))
}

impl<S> Ready<S> {
    /// What is shown, as `a old, b new`.
    fn say(&self, shown: &Shown) -> String {
        let version = |(name, content): (&String, &String)| {
            let of = |version: &Shown| version.get(name) == Some(content);
            let version = match (of(&self.old), of(&self.new)) {
                (true, false) => "old",
                (false, true) => "new",
                (true, true) => "both",
                (false, false) => "broken",
            };
            format!("{name} {version}")
        };
        let all: Vec<_> = shown.iter().map(version).collect();
        if all.is_empty() { "nothing".into() } else { all.join(", ") }
    }
}

/// The errors of what was said.
fn short(output: &Output) -> String {
    let said = both(output);
    let from = said.find("error").unwrap_or_default();
    said[from..].trim().chars().take(300).collect::<String>().replace('\n', " | ")
}
