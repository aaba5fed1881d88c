//! Putting a tree exactly at a revision, after keeping what that discards.

use git2::Repository;

use super::error::Error;
use super::resolve::Target;
use super::tree::{self, In};
use super::update::Place;
use super::{keep, tree::Head};
use crate::event::{Event, Reporter};

/// Makes the tree the target's; the ref that holds what was local, if
/// anything was.
pub(super) fn reset(
    repo: &Repository,
    target: &Target,
    place: &Place,
    reporter: &dyn Reporter,
) -> Result<Option<String>, Error> {
    let edits = tree::edits(repo, place.caller.cancel)?;
    let there = Head { commit: Some(target.commit), branch: target.branch.clone() };
    if edits.is_empty() && tree::head(repo)? == there {
        place.caller.work.begin()?;
        repo.cleanup_state().in_repo("clean up", repo)?;
        return Ok(None);
    }
    place.caller.work.begin()?;
    let kept = keep::keep(repo, target, !edits.is_empty(), place.caller)?;
    if let Some(name) = &kept {
        reporter.report(Event::Warning {
            message: format!(
                "kept what `--reset` discarded from `{}` as {name}",
                place.caller.service
            ),
            hint: Some(format!(
                "git -C {} diff HEAD {name}",
                shell_words::quote(&place.path.to_string_lossy())
            )),
        });
    }
    repo.cleanup_state().in_repo("clean up", repo)?;
    if let Some(branch) = &target.branch {
        place.make_room(repo, branch, true, reporter)?;
    }
    tree::checkout_forcibly(repo, target.commit, place.caller)?;
    tree::set_head(repo, target.commit, target.branch.as_deref())?;
    Ok(kept)
}
