//! Which faults come to which calls.

use std::path::Path;

use super::orphan::Next;
use super::prepared::Point;
use super::shim::Process;
use super::strace::{FAULTS, Fault};

/// Set to `all`, every fault comes to every call.
const VARIABLE: &str = "HERO_FAULTS";

/// Points at which hero is killed while its git goes on.
const ORPHANS: usize = 2;

const EIO: Fault = Fault::Fails { errno: "EIO", lasting: false };
const ENOSPC: Fault = Fault::Fails { errno: "ENOSPC", lasting: true };

/// One case.
pub enum Case<'a> {
    Broken(&'a Point, Fault),
    Orphaned(&'a Point, Next),
}

impl Case<'_> {
    /// The case for people, as the same text in every world.
    pub fn describe(&self, root: &Path) -> String {
        let (what, point) = match self {
            Self::Broken(point, fault) => (fault.to_string(), point),
            Self::Orphaned(point, next) => (format!("hero killed, {next}"), point),
        };
        format!("{what} at {} {}", point.process, point.call.describe(root))
    }
}

/// A kill at each chosen call; the two errors at every third.
pub fn cases(points: &[Point]) -> Vec<Case<'_>> {
    let all = std::env::var(VARIABLE).is_ok_and(|it| it == "all");
    let chosen: Vec<_> = if all { points.iter().collect() } else { chosen(points) };
    let mut cases = Vec::new();
    for (index, point) in chosen.into_iter().enumerate() {
        let faults: Vec<Fault> = if all {
            FAULTS.to_vec()
        } else {
            let others = [EIO, ENOSPC].into_iter().enumerate();
            let others = others.filter(|(place, _)| index % 3 == *place).map(|(_, fault)| fault);
            std::iter::once(Fault::Kill).chain(others).collect()
        };
        cases.extend(faults.into_iter().map(|fault| Case::Broken(point, fault)));
    }
    let orphans: Vec<_> = points.iter().filter(|it| leaves_a_lock(it)).collect();
    let step = orphans.len().div_ceil(ORPHANS).max(1);
    for point in orphans.into_iter().step_by(step) {
        cases.extend(Next::ALL.iter().map(|next| Case::Orphaned(point, *next)));
    }
    cases
}

/// Of the writes to one file the first and the last; of the files of a pack,
/// whose kinds do not differ, one.
fn chosen(points: &[Point]) -> Vec<&Point> {
    let same = |one: &Point, other: &Point| {
        one.process == other.process
            && one.call.name == other.call.name
            && one.call.paths == other.call.paths
    };
    let inner = |index: usize| {
        let twin = |other: Option<&Point>| other.is_some_and(|it| same(it, &points[index]));
        twin(points[..index].last()) && twin(points.get(index + 1))
    };
    (0..points.len()).filter(|index| !inner(*index)).map(|index| &points[index]).collect()
}

/// Whether git holds a lock before this call that has a name known before.
fn leaves_a_lock(point: &Point) -> bool {
    let is_lock = |path: &Path| path.extension().is_some_and(|it| it == "lock");
    matches!(point.process, Process::Git { .. })
        && point.call.name.starts_with("rename")
        && point.call.paths.first().is_some_and(|path| is_lock(path))
}
