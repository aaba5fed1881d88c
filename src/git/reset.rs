//! Putting a tree exactly at a revision, after keeping what that discards.

use git2::{ObjectType, Repository};

use super::error::Error;
use super::target::Target;
use super::tree::{self, Head, In};
use super::update::CheckoutState;
use super::{building, checkout, edits, keep};
use crate::event::{Event, Reporter};

/// Makes the tree the target's; the ref that holds what was local, if
/// anything was.
pub(super) fn reset(
    repo: &Repository,
    target: &Target,
    state: &CheckoutState,
    reporter: &dyn Reporter,
) -> Result<Option<String>, Error> {
    ensure_no_submodule_goes(repo, target, state)?;
    let edits = edits::edits(repo, state.caller.cancel)?;
    let there = Head { commit: Some(target.commit), branch: target.branch.clone() };
    let is_built = !building::left(repo, state.caller.cancel)?.is_empty();
    if edits.is_empty() && !is_built && tree::head(repo)? == there {
        state.caller.work.begin()?;
        repo.cleanup_state().in_repo("clean up", repo)?;
        return Ok(None);
    }
    state.caller.work.begin()?;
    if edits.is_empty() {
        building::keep(repo, target, state.caller)?;
    }
    let kept = keep::keep(repo, target, !edits.is_empty(), state.caller)?;
    if let Some(name) = &kept {
        reporter.report(Event::Warning {
            message: format!(
                "kept what `--reset` discarded from `{}` as {name}",
                state.caller.service
            ),
            hint: Some(format!(
                "git -C {} diff HEAD {name}",
                shell_words::quote(&state.path.to_string_lossy())
            )),
        });
    }
    repo.cleanup_state().in_repo("clean up", repo)?;
    if let Some(branch) = &target.branch {
        state.make_room(repo, branch, true, reporter)?;
    }
    checkout::checkout_forcibly(repo, target.commit, state.caller)?;
    tree::set_head(repo, target.commit, target.branch.as_deref())?;
    Ok(kept)
}

/// Refuses when the target has no longer a submodule in which there is work of the
/// user's: git cannot keep that under a ref of its parent.
fn ensure_no_submodule_goes(
    repo: &Repository,
    target: &Target,
    state: &CheckoutState,
) -> Result<(), Error> {
    let what = "read the submodules of";
    let commit = repo.find_commit(target.commit).in_repo(what, repo)?;
    let tree_of_target = commit.tree().in_repo(what, repo)?;
    let mut paths = Vec::new();
    for submodule in repo.submodules().in_repo(what, repo)? {
        let path = submodule.path();
        let stays =
            tree_of_target.get_path(path).is_ok_and(|it| it.kind() == Some(ObjectType::Commit));
        let Some(inner) = submodule.open().ok().filter(|_| !stays) else { continue };
        if !edits::edits(&inner, state.caller.cancel)?.is_empty() {
            paths.push(path.display().to_string());
        }
    }
    if paths.is_empty() {
        return Ok(());
    }
    Err(Error::Nested { service: state.caller.service.to_owned(), path: tree::root(repo), paths })
}
