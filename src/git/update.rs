//! Bringing a tree forward without losing anything that is local.

use std::path::Path;

use git2::{BranchType, Oid, Repository};

use super::error::Error;
use super::marker::Marker;
use super::native::Caller;
use super::target::{Target, short};
use super::tree::{self, Head, In};
use super::{checkout, keep, room};
use crate::event::{Event, Reporter};

/// The checkout at hand, for messages, and how hero left it.
pub(super) struct CheckoutState<'a> {
    pub(crate) path: &'a Path,
    pub(crate) recorded: Option<&'a Marker>,
    pub(crate) caller: Caller<'a>,
}

impl CheckoutState<'_> {
    /// Whether HEAD is where hero put it.
    fn is_untouched(&self, head: &Head) -> bool {
        self.recorded
            .is_some_and(|marker| marker.commit() == head.commit && marker.branch == head.branch)
    }

    /// Makes room for a local branch, before anything else is touched.
    pub(crate) fn make_room(
        &self,
        repo: &Repository,
        branch: &str,
        force: bool,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let warn = &mut |message, hint| {
            reporter.report(Event::Warning { message, hint: Some(hint) });
        };
        room::for_branch(repo, branch, (self.caller.service, self.path), force, warn)
    }

    fn diverged(&self, (ahead, behind): (usize, usize), target: &Target) -> Error {
        Error::Diverged {
            service: self.caller.service.to_owned(),
            path: self.path.to_owned(),
            ahead,
            behind,
            upstream: match &target.branch {
                Some(branch) => format!("origin/{branch}"),
                None => target.label.clone(),
            },
        }
    }
}

/// Moves the tree forward to the target; local edits elsewhere stay.
pub(super) fn update(
    repo: &Repository,
    target: &Target,
    state: &CheckoutState,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let head = tree::head(repo)?;
    let Some(from) = head.commit else {
        return Err(Error::NotACheckout {
            path: state.path.to_owned(),
            reason: "it has no commit",
        });
    };
    match &target.branch {
        Some(branch) if head.branch.as_ref() == Some(branch) => {
            forward(repo, from, target, state, reporter)
        }
        Some(branch) if state.is_untouched(&head) => {
            state.make_room(repo, branch, false, reporter)?;
            switch(repo, target, state, branch)
        }
        None if head.branch.is_none() || state.is_untouched(&head) => {
            detach(repo, &head, from, target, state)
        }
        _ => Err(Error::OtherBranch {
            service: state.caller.service.to_owned(),
            path: state.path.to_owned(),
            current: match head.branch {
                Some(branch) => format!("branch `{branch}`"),
                None => format!("commit `{}`", short(from)),
            },
            wanted: target.label.clone(),
        }),
    }
}

/// The usual case: on the branch, fast-forward only, unless the upstream itself was
/// rewritten and no commit here is the user's.
fn forward(
    repo: &Repository,
    from: Oid,
    target: &Target,
    state: &CheckoutState,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let (ahead, behind) = ahead_behind(repo, from, target.commit)?;
    if (ahead, behind) == (0, 0) {
        return Ok(());
    }
    if ahead > 0 {
        let upstreams = state.recorded.and_then(Marker::commit) == Some(from)
            || target.was_upstream(repo, from)?;
        match (upstreams, behind) {
            // Only the user's own commits are new.
            (false, 0) => return Ok(()),
            (false, _) => return Err(state.diverged((ahead, behind), target)),
            (true, _) => reporter.report(Event::Warning {
                message: format!(
                    "the history of `{}` of `{}` was rewritten upstream: {} is now {}",
                    target.label,
                    state.caller.service,
                    short(from),
                    short(target.commit)
                ),
                hint: None,
            }),
        }
    }
    checkout::checkout_safely(repo, target.commit, state.caller)?;
    tree::set_head(repo, target.commit, target.branch.as_deref())
}

/// The script asks for another branch than before, and nobody but hero moved
/// HEAD: go there.
fn switch(
    repo: &Repository,
    target: &Target,
    state: &CheckoutState,
    branch: &str,
) -> Result<(), Error> {
    let local = repo.find_branch(branch, BranchType::Local).ok();
    let to = match local.and_then(|local| local.get().target()) {
        None => target.commit,
        Some(local) => match ahead_behind(repo, local, target.commit)? {
            (0, _) => target.commit,
            _ if target.was_upstream(repo, local)? => target.commit,
            (_, 0) => local,
            counts => return Err(state.diverged(counts, target)),
        },
    };
    checkout::checkout_safely(repo, to, state.caller)?;
    tree::set_head(repo, to, Some(branch))
}

/// To a tag or commit: if no commit of the user's would drop out of sight.
fn detach(
    repo: &Repository,
    head: &Head,
    from: Oid,
    target: &Target,
    state: &CheckoutState,
) -> Result<(), Error> {
    let counts = ahead_behind(repo, from, target.commit)?;
    let upstreams = state.is_untouched(head) || target.was_upstream(repo, from)?;
    if counts.0 > 0 && !upstreams && !keep::is_on_the_remote(repo, from)? {
        return Err(state.diverged(counts, target));
    }
    if from == target.commit && head.branch.is_none() {
        return Ok(());
    }
    checkout::checkout_safely(repo, target.commit, state.caller)?;
    tree::set_head(repo, target.commit, None)
}

fn ahead_behind(repo: &Repository, local: Oid, upstream: Oid) -> Result<(usize, usize), Error> {
    repo.graph_ahead_behind(local, upstream).in_repo("compare the commits of", repo)
}
