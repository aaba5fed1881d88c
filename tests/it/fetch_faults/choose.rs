//! Chooses the cases: faults for calls.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::orphan::Next;
use super::prepared::Point;
use super::strace::{FAULTS, Fault};
use super::trace::Call;

/// Set to `all`, every fault comes to every call.
const VARIABLE: &str = "HERO_FAULTS";

/// The most kills and errors that an operation gets; all of them take too long.
const KILLS: usize = 60;
const ERRORS: usize = 24;

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
    /// A full disk hinders nobody who gives space back.
    fn makes_sense(&self) -> bool {
        let Self::Broken(point, Fault::Fails { errno: "ENOSPC", .. }) = self else { return true };
        !point.call.name.starts_with("unlink") && point.call.name != "rmdir"
    }

    /// The case for people, as the same text in every world.
    pub fn describe(&self, root: &Path) -> String {
        let (what, point) = match self {
            Self::Broken(point, fault) => (fault.to_string(), point),
            Self::Orphaned(point, next) => (format!("hero killed, {next}"), point),
        };
        format!("{what} at {} {}", point.process, point.call.describe(root))
    }
}

/// A kill at each chosen call, and an error at some; fewer if they are too many.
pub fn cases(points: &[Point]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    if std::env::var(VARIABLE).is_ok_and(|it| it == "all") {
        for point in points {
            cases.extend(FAULTS.iter().map(|fault| Case::Broken(point, *fault)));
        }
    } else {
        let chosen = chosen(points);
        cases.extend(spread(&chosen, KILLS).map(|point| Case::Broken(point, Fault::Kill)));
        let errors = spread(&chosen, ERRORS).zip([EIO, ENOSPC].into_iter().cycle());
        cases.extend(errors.map(|(point, fault)| Case::Broken(point, fault)));
    }
    cases.retain(Case::makes_sense);
    let orphans: Vec<_> =
        points.iter().filter(|it| it.is_of_git() && moves_a_lock(&it.call)).collect();
    for point in spread(&orphans, ORPHANS) {
        cases.extend(Next::ALL.iter().map(|next| Case::Orphaned(point, *next)));
    }
    cases
}

/// At most so many of the points, from the first to the last.
fn spread<'a>(points: &[&'a Point], most: usize) -> impl Iterator<Item = &'a Point> {
    let count = points.len().min(most);
    (0..count).map(move |index| index * points.len() / count).map(|index| points[index])
}

/// Of the calls of one kind at files of one kind, the first and the last.
fn chosen(points: &[Point]) -> Vec<&Point> {
    let kinds: Vec<_> = points.iter().map(kind).collect();
    let is_chosen = |index: &usize| {
        let kind = &kinds[*index];
        !kinds[..*index].contains(kind) || !kinds[index + 1..].contains(kind)
    };
    (0..points.len()).filter(is_chosen).map(|index| &points[index]).collect()
}

/// The process and the call, with the end of the path: without hashes and names
/// that are made up.
fn kind(point: &Point) -> String {
    let end = |path: &PathBuf| {
        let parts: Vec<_> =
            path.components().rev().take(2).map(|it| plain(it.as_os_str())).collect();
        parts.join(" in ")
    };
    let paths: Vec<_> = point.call.paths.iter().map(end).collect();
    format!("{} {} {}", point.process.program(), point.call.name, paths.join(", "))
}

fn plain(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let is_hash = (name.len() == 2 || name.len() >= 38)
        && name.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
    let marks =
        ["tmp_pack_", "tmp_idx_", "tmp_rev_", "tmp_object_", "pack-", ".hero-", ".svc.tmp-"];
    let mark = marks.iter().find(|mark| name.starts_with(**mark));
    let end = Path::new(name.as_ref()).extension().unwrap_or_default().to_string_lossy();
    match mark {
        Some(mark) => format!("{mark}{end}"),
        None if is_hash => "HASH".into(),
        None => name.into_owned(),
    }
}

/// Whether this call gives up a lock by moving it into place.
pub fn moves_a_lock(call: &Call) -> bool {
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|it| it == "lock");
    call.name.starts_with("rename") && call.paths.first().is_some_and(is_lock)
}
