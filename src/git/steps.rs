//! What each mode does with a checkout that is there, and what a dry run says.

use super::error::Error;
use super::marker::Marker;
use super::moving::Moving;
use super::place::{self, Checkout, Found};
use super::reference::Reference;
use super::transport::Link;
use super::{Fetched, Mode, Options, resolve, status, submodules, tree, update};
use crate::event::{Event, Reporter};

/// What is there, with a warning if the script now asks for something else.
pub(super) fn use_as_is(
    options: &Options,
    wanted: &Reference,
    checkout: &Checkout,
    reporter: &dyn Reporter,
) -> Result<Fetched, Error> {
    if let Some(marker) = checkout.marker.as_ref().filter(|marker| !marker.satisfies(wanted)) {
        reporter.report(Event::Warning {
            message: format!(
                "the checkout of `{}` was made for {}, the script asks for {wanted}",
                options.service, marker.reference
            ),
            hint: Some("rerun with --update".into()),
        });
    }
    let mut changed = false;
    if let Some(moving) = Moving::read(&checkout.repo) {
        reporter.report(Event::Warning {
            message: format!("an update of `{}` was interrupted and is ended now", options.service),
            hint: None,
        });
        tree::ensure_unlocked(&checkout.repo)?;
        moving.perform(&checkout.repo, &place_of(options, checkout), reporter)?;
        changed = true;
    }
    Ok(Fetched { changed, ..describe(options, checkout)? })
}

fn place_of<'a>(options: &'a Options, checkout: &'a Checkout) -> update::Place<'a> {
    update::Place {
        service: options.service.as_str(),
        path: options.path,
        recorded: checkout.marker.as_ref(),
    }
}

/// Update and reset: fetch, then move the tree.
pub(super) fn move_to(
    options: &Options,
    wanted: Reference,
    checkout: &Checkout,
    link: &Link,
) -> Result<Fetched, Error> {
    let repo = &checkout.repo;
    let resets = options.mode == Mode::Reset;
    tree::ensure_unlocked(repo)?;
    if resets {
        tree::ensure_nothing_nested(repo, link.service)?;
    } else {
        tree::ensure_idle(repo)?;
    }
    tree::remove_half_packs(repo)?;
    let before = tree::head(repo)?;
    let target = resolve::obtain(repo, link, &wanted)?;
    let moving = Moving::new(options.mode, &target, Marker::new(options.url, wanted, &target));
    let kept = moving.perform(repo, &place_of(options, checkout), link.reporter)?;
    tree::set_origin(repo, options.url)?;
    let moved = submodules::sync(repo, link, &options.submodules, options.mode)?;
    let changed = kept.is_some() || moved || tree::head(repo)? != before;
    Ok(Fetched { changed, kept, ..describe(options, checkout)? })
}

fn describe(options: &Options, checkout: &Checkout) -> Result<Fetched, Error> {
    let state = status::of(&checkout.repo)?;
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
        (Found::Nothing | Found::Husk, _) => ("clone", format!("{url} into {path}")),
        (_, Mode::Keep) => ("use", format!("{path} as it is")),
        (_, Mode::Update) => ("update", format!("{path} from {url}")),
        (_, Mode::Reset) => ("reset", format!("{path} to {url}")),
    };
    reporter.report(Event::Plan { action: action.into(), detail });
    match found {
        Found::Checkout(checkout) => describe(options, &checkout),
        Found::Nothing | Found::Husk => Ok(Fetched {
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
