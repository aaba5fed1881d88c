//! Moves of a tree that a kill may interrupt: what was begun is written first,
//! so that the next run can end it instead of building two revisions at once.

use git2::Repository;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::marker::{self, Marker};
use super::native::Caller;
use super::options::Mode;
use super::remote::oid;
use super::target::Target;
use super::tree::Head;
use super::update::CheckoutState;
use super::{building, mend, reset, tree, update};
use crate::event::Reporter;
use crate::sys::fs;

const FILE: &str = "hero-moving.json";

/// A move that was begun.
#[derive(Serialize, Deserialize)]
pub(super) struct Moving {
    reset: bool,
    label: String,
    /// What the marker says after it.
    marker: Marker,
    /// Where the upstream was before, as far as known.
    #[serde(default)]
    previous: Vec<String>,
}

impl Moving {
    pub(crate) fn new(mode: Mode, target: &Target, marker: Marker) -> Self {
        let previous = target.previous.iter().map(ToString::to_string).collect();
        Self { reset: mode == Mode::Reset, label: target.label.clone(), marker, previous }
    }

    /// Puts back what an interrupted move has written half, if there was one.
    pub(crate) fn mend(repo: &Repository, caller: Caller) -> Result<(), Error> {
        let Some(commit) = Self::read(repo).and_then(|moving| moving.marker.commit()) else {
            return Ok(());
        };
        caller.work.begin()?;
        mend::put_back(repo, commit, caller)
    }

    /// What the marker says when it is done.
    pub(crate) fn marker(&self) -> &Marker {
        &self.marker
    }

    /// Ends the move: everything that belongs to the revision is here.
    pub(crate) fn finish(repo: &Repository) -> Result<(), Error> {
        fs::remove_file(&repo.path().join(FILE))?;
        Ok(())
    }

    /// Whether local edits give way.
    pub(crate) fn resets(&self) -> bool {
        self.reset
    }

    /// The move that a kill interrupted; a damaged record is none.
    pub(crate) fn read(repo: &Repository) -> Option<Self> {
        let bytes = fs::read(&repo.path().join(FILE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Moves the tree; the ref that holds what a reset discarded. A move that
    /// is refused has touched nothing and is not taken up again.
    pub(crate) fn perform(
        &self,
        repo: &Repository,
        state: &CheckoutState,
        reporter: &dyn Reporter,
    ) -> Result<Option<String>, Error> {
        let path = repo.path().join(FILE);
        let commit = self.marker.commit().ok_or_else(|| Error::Git {
            action: "read",
            what: path.display().to_string(),
            reason: "it names no commit".to_owned(),
        })?;
        let (label, branch) = (self.label.clone(), self.marker.branch.clone());
        let previous = self.previous.iter().filter_map(|id| oid(id)).collect();
        let target = Target { commit, label, branch, previous };
        let there = Head { commit: Some(commit), branch: target.branch.clone() };
        let moves = tree::head(repo)? != there;
        if self.reset || moves {
            state.caller.work.begin()?;
            marker::write(repo, FILE, self)?;
        }
        if moves && !self.reset {
            building::keep(repo, &target, state.caller)?;
            building::put_back(repo, state.caller)?;
        }
        let result = if self.reset {
            reset::reset(repo, &target, state, reporter)
        } else {
            update::update(repo, &target, state, reporter).map(|()| None)
        };
        let halfway = |error: &Error| {
            matches!(
                error,
                Error::Git { .. } | Error::File(_) | Error::Corrupt { .. } | Error::Locked { .. }
            )
        };
        match &result {
            Ok(_) if state.recorded != Some(&self.marker) => {
                state.caller.work.begin()?;
                self.marker.write(repo)?;
            }
            Ok(_) => {}
            Err(error) if halfway(error) => {}
            // Refused: nothing was touched.
            Err(_) => Self::finish(repo)?,
        }
        result
    }
}
