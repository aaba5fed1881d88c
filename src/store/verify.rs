//! Comparing the disk with the receipts, byte for byte.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::inspect::{self, Depth};
use super::layout::{ASIDE, BRIDGE, REMOVED, STAGING, TEMPORARY, has_prefix};
use super::problem::{Problem, ProblemKind};
use super::receipt::Receipt;
use super::recover::is_abandoned;
use super::state::State;
use super::{Error, Store, trust};
use crate::sys::fs;
use crate::sys::name::Name;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verified {
    /// Services that were looked at.
    pub(crate) services: usize,
    /// Generations of theirs.
    pub(crate) generations: usize,
    /// Bytes of the binaries in them.
    pub(crate) size: u64,
    /// What is not as it should be.
    pub(crate) problems: Vec<Problem>,
    /// What was not and is now.
    pub(crate) repaired: Vec<Problem>,
}

impl Store {
    /// Compares what is on disk with the receipts: of these services, or, with
    /// none given, of all, and what belongs to no service. Changes nothing.
    ///
    /// # Errors
    /// When a service is not installed, or a folder of the root cannot be read.
    pub(crate) fn verify(&self, services: &[Name]) -> Result<Verified, Error> {
        let first = self.look(services)?;
        if first.problems.is_empty() {
            return Ok(first);
        }
        // What another hero is busy with is over by now, or looks different.
        let mut second = self.look(services)?;
        second.problems.retain(|problem| first.problems.contains(problem));
        Ok(second)
    }

    fn look(&self, services: &[Name]) -> Result<Verified, Error> {
        let layout = &self.layout;
        let mut found = Verified::default();
        let all = if services.is_empty() { layout.services()? } else { services.to_vec() };
        for service in &all {
            let state = match State::read(layout, service) {
                Ok(state) if services.is_empty() => state,
                Ok(state) => self.installed(state)?,
                Err(error) => {
                    found.problems.push(Problem::unreadable(&error).with_service(service));
                    continue;
                }
            };
            found.services += usize::from(!state.generations.is_empty());
            found.generations += state.generations.len();
            let receipts = state.generations.iter().filter_map(|it| it.receipt.as_ref().ok());
            found.size += receipts.map(Receipt::size).sum::<u64>();
            let problems = self.problems(&state);
            let problems = problems.unwrap_or_else(|error| vec![Problem::unreadable(&error)]);
            found
                .problems
                .extend(problems.into_iter().map(|problem| problem.with_service(service)));
        }
        let stale = inspect::stale_links(layout)?.into_iter();
        let named = |problem: &Problem| {
            services.is_empty() || problem.service.as_ref().is_some_and(|it| services.contains(it))
        };
        found.problems.extend(stale.filter(named));
        if services.is_empty() {
            for folder in [layout.bin(), layout.current(), layout.store(), &layout.replaced()] {
                found.problems.extend(leftovers(folder, false)?);
            }
            found.problems.extend(foreign(layout.store(), Path::is_dir)?);
            found.problems.extend(trust::untrusted_folders(layout)?.into_iter().map(distrusted));
        }
        found.problems.dedup();
        Ok(found)
    }
}

impl Store {
    /// What is wrong with one service.
    fn problems(&self, state: &State) -> fs::Result<Vec<Problem>> {
        let layout = &self.layout;
        let mut problems = inspect::service(layout, state, Depth::Close)?;
        let untrusted = trust::untrusted_service(layout, &state.service)?;
        problems.extend(untrusted.into_iter().map(distrusted));
        for generation in &state.generations {
            let Ok(receipt) = &generation.receipt else { continue };
            let untrusted = trust::untrusted_files(layout, &generation.folder, receipt)?;
            problems.extend(untrusted.into_iter().map(distrusted));
        }
        problems.extend(leftovers(&layout.service(&state.service), true)?);
        Ok(problems)
    }
}

/// What a killed process left in a folder and, in a service's, one level below.
fn leftovers(folder: &Path, of_service: bool) -> fs::Result<Vec<Problem>> {
    let mut left = Vec::new();
    for path in fs::list(folder)? {
        let hidden = [ASIDE, BRIDGE, REMOVED].iter().any(|prefix| has_prefix(&path, prefix))
            || (has_prefix(&path, STAGING) && is_abandoned(&path));
        if hidden {
            left.push(path);
        } else if of_service
            && !has_prefix(&path, ".")
            && path.is_dir()
            && fs::read_link(&path).is_none()
        {
            let inner = fs::list(&path)?.into_iter();
            left.extend(inner.filter(|path| has_prefix(path, TEMPORARY)));
        }
    }
    let problem = |path: PathBuf| {
        Problem::new(
            ProblemKind::Leftover,
            &path,
            "a killed process left it",
            "any change sweeps it",
        )
    };
    Ok(left.into_iter().map(problem).collect())
}

/// What hero does not put into a folder.
fn foreign(folder: &Path, ours: impl Fn(&Path) -> bool) -> fs::Result<Vec<Problem>> {
    let mut paths = fs::list(folder)?;
    paths.retain(|path| !has_prefix(path, ".") && !ours(path));
    let problem = |path: PathBuf| {
        Problem::new(ProblemKind::Foreign, &path, "it is not hero's", "move it away")
    };
    Ok(paths.into_iter().map(problem).collect())
}

fn distrusted((path, reason): (PathBuf, String)) -> Problem {
    let error = Error::Untrusted { path: path.clone(), reason: reason.clone() };
    let hint = crate::error::Diagnostic::hint(&error).unwrap_or_default();
    Problem::new(ProblemKind::Untrusted, &path, format!("it is not trusted: {reason}"), hint)
}
