//! What each mode does with a checkout that is there, and what a dry run says.

use git2::Repository;

use super::error::Error;
use super::marker::Marker;
use super::moving::Moving;
use super::native::Caller;
use super::options::{Fetched, Mode, Options};
use super::place::{self, Checkout, Found};
use super::recovery;
use super::reference::Reference;
use super::remote::Remote;
use super::tree::Head;
use super::{checkout, lfs, resolve, status, submodules, tree, update};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;

/// What is there, without the remote as far as possible. If the script asks for another
/// revision than the checkout was made for, it is moved to that one, which must be here
/// already. An update that was interrupted is finished; submodules and LFS files that are
/// missing are fetched.
pub(super) fn use_as_is(
    options: &Options,
    wanted: &Reference,
    checkout: &Checkout,
    remote: &Remote,
) -> Result<Fetched, Error> {
    let repo = &checkout.repo;
    let before = tree::head(repo)?;
    let interrupted = Moving::read(repo);
    let fits = |marker: &Marker| marker.satisfies(wanted);
    let finishes = interrupted.as_ref().is_some_and(|moving| fits(moving.marker()));
    let moving = match (interrupted, &checkout.marker) {
        (Some(moving), _) if fits(moving.marker()) => Some(moving),
        (None, Some(marker)) if fits(marker) => None,
        (_, marker) => pinned(options, wanted, checkout, marker.as_ref())?,
    };
    if let Some(moving) = &moving {
        begin_move(repo, remote, moving.resets())?;
        moving.perform(repo, &state_of(options, checkout, remote), remote.reporter)?;
        if finishes {
            let message =
                format!("an update of `{}` was interrupted, and is finished now", options.service);
            remote.warn(message, None);
        }
    }
    if moving.is_some() {
        lfs::provide(repo, remote)?;
    }
    let moved = submodules::sync(repo, remote, &options.submodules, Mode::Update)?;
    if moving.is_some() {
        Moving::finish(repo)?;
    }
    let changed = moved || tree::head(repo)? != before;
    Ok(Fetched { changed, ..describe(options, checkout, remote.cancel)? })
}

/// What comes before a tree is moved: others have ended, and what an interrupted move
/// has written half is put back.
fn begin_move(repo: &Repository, remote: &Remote, resets: bool) -> Result<(), Error> {
    recovery::wait_for_others(remote.service, repo.commondir(), remote.reporter, remote.cancel)?;
    if !resets {
        tree::ensure_idle(repo)?;
    }
    Moving::mend(repo, Caller::new(remote))
}

/// The move to the revision that the script asks for now, from what is here. Returns
/// `None` for a clone of the user's own that is there already.
fn pinned(
    options: &Options,
    wanted: &Reference,
    checkout: &Checkout,
    marker: Option<&Marker>,
) -> Result<Option<Moving>, Error> {
    let service = options.service.as_str();
    let head = tree::head(&checkout.repo)?;
    if marker.is_none() && (*wanted == Reference::Default || on_branch(&head, wanted)) {
        return Ok(None);
    }
    let Some(target) = resolve::local(&checkout.repo, service, wanted, marker)? else {
        return Err(Error::NotHere {
            service: service.to_owned(),
            option: wanted.option(),
            wanted: wanted.to_string(),
            recorded: marker.map_or_else(|| "another one".into(), |it| it.reference.to_string()),
        });
    };
    if marker.is_none() && head.commit == Some(target.commit) && target.branch.is_none() {
        return Ok(None);
    }
    let marker = Marker::new(options.url, wanted.clone(), &target).after(marker);
    Ok(Some(Moving::new(Mode::Update, &target, marker)))
}

fn on_branch(head: &Head, wanted: &Reference) -> bool {
    matches!(wanted, Reference::Branch(name) if head.branch.as_ref() == Some(name))
}

fn state_of<'a>(
    options: &'a Options,
    checkout: &'a Checkout,
    remote: &Remote<'a>,
) -> update::CheckoutState<'a> {
    update::CheckoutState {
        path: options.path,
        recorded: checkout.marker.as_ref(),
        caller: Caller::new(remote),
    }
}

/// Update and reset: fetch, then move the tree.
pub(super) fn move_to(
    options: &Options,
    wanted: Reference,
    checkout: &Checkout,
    remote: &Remote,
) -> Result<Fetched, Error> {
    let repo = &checkout.repo;
    let resets = options.mode == Mode::Reset;
    recovery::wait_for_others(remote.service, repo.commondir(), remote.reporter, remote.cancel)?;
    if resets {
        checkout::ensure_nothing_nested(repo, Caller::new(remote))?;
    } else {
        tree::ensure_idle(repo)?;
    }
    let before = tree::head(repo)?;
    let target = resolve::obtain(repo, remote, &wanted)?;
    // A fetch may take long, and the user may have begun something meanwhile.
    begin_move(repo, remote, resets)?;
    let marker = Marker::new(options.url, wanted, &target).after(checkout.marker.as_ref());
    let moving = Moving::new(options.mode, &target, marker);
    let state = state_of(options, checkout, remote);
    let kept = moving.perform(repo, &state, remote.reporter)?;
    checkout::set_origin(repo, options.url, remote.work)?;
    lfs::provide(repo, remote)?;
    let moved = submodules::sync(repo, remote, &options.submodules, options.mode)?;
    Moving::finish(repo)?;
    let changed = kept.is_some() || moved || tree::head(repo)? != before;
    Ok(Fetched { changed, kept, ..describe(options, checkout, remote.cancel)? })
}

fn describe(options: &Options, checkout: &Checkout, cancel: &Cancel) -> Result<Fetched, Error> {
    let state = status::read(&checkout.repo, cancel)?;
    Ok(Fetched {
        path: options.path.to_owned(),
        commit: state.commit.unwrap_or_default(),
        reference: state.reference,
        changed: false,
        cloned: false,
        dirty: state.dirty,
        kept: None,
    })
}

/// Tells what would be done, from what lies on disk alone.
pub(super) fn plan(options: &Options, reporter: &dyn Reporter) -> Result<Fetched, Error> {
    let (url, path) = (options.url, options.path.display());
    let found = place::inspect(options.path, url, options.mode)?;
    let (action, detail) = match (&found, options.mode) {
        (Found::Nothing | Found::Incomplete, _) => ("clone", format!("{url} into {path}")),
        (_, Mode::Keep) => ("use", format!("{path} as it is")),
        (_, Mode::Update) => ("update", format!("{path} from {url}")),
        (_, Mode::Reset) => ("reset", format!("{path} to {url}")),
    };
    reporter.report(Event::Plan { action: action.into(), detail });
    match found {
        Found::Checkout(checkout) => describe(options, &checkout, &Cancel::default()),
        Found::Nothing | Found::Incomplete => Ok(Fetched {
            path: options.path.to_owned(),
            commit: String::new(),
            reference: options.reference.name().to_owned(),
            changed: false,
            cloned: false,
            dirty: false,
            kept: None,
        }),
    }
}
