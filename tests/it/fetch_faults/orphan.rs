//! hero is killed while the git that it started goes on.

use std::fmt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::case::{Outcome, judge_next};
use super::mine;
use super::prepared::{Point, Prepared};
use super::tree;

/// How the names of folders begin in which clones are made.
const CLONE: &str = ".svc.tmp-";

/// How long git waits before the call, in microseconds.
const DELAY: u32 = 700_000;

/// When the next command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// While that git is at work.
    Meanwhile,
    /// When it has ended.
    Afterwards,
}

impl Next {
    pub const ALL: [Self; 2] = [Self::Meanwhile, Self::Afterwards];
}

impl fmt::Display for Next {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Meanwhile => "hero again while its git goes on",
            Self::Afterwards => "hero again when its git has ended",
        })
    }
}

/// Kills hero while git is about to rename a lock.
pub fn run(prepared: &Prepared, point: &Point, next: Next) -> Outcome {
    prepared.restore();
    let (name, when) = (&point.call.name, point.call.ordinal);
    let options = format!("-e trace={name} -e inject={name}:delay_enter={DELAY}:when={when}");
    prepared.shim.plan(Some(&point.process), &options);
    let mut command = prepared.with_shim();
    let mut hero = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let lock = prepared.here(point, point.call.paths.first().expect("a rename has two paths"));
    let came = wait_until(&mut hero, || exists(&lock));
    hero.kill().expect("hero is killed");
    hero.wait().expect("hero has ended");
    if !came {
        prepared.shim.ended(&point.process);
        return Outcome::Missed;
    }
    let (output, ended) = match next {
        Next::Meanwhile => {
            let at_work = exists(&lock);
            let output = prepared.plain();
            (output, prepared.shim.ended(&point.process).is_some() && at_work)
        }
        Next::Afterwards => {
            let ended = prepared.shim.ended(&point.process).is_some();
            (prepared.plain(), ended)
        }
    };
    if !ended {
        return Outcome::Missed;
    }
    let mut wrong = mine::lost(&prepared.world, &prepared.expected.mine);
    judge_next(prepared, &output, &mut wrong);
    Outcome::of(prepared, wrong)
}

/// Whether a file is there; a clone is made in a folder with another name each
/// time.
fn exists(path: &Path) -> bool {
    let folder = path.ancestors().find(|it| tree::name(it).starts_with(CLONE));
    let Some(folder) = folder else { return path.exists() };
    let rest = path.strip_prefix(folder).expect("it is below");
    let beside = tree::entries(folder.parent().expect("a parent"));
    beside.iter().any(|it| tree::name(it).starts_with(CLONE) && it.join(rest).exists())
}

/// Waits for something to be true as long as the child runs.
fn wait_until(child: &mut Child, is_true: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if is_true() {
            return true;
        }
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}
