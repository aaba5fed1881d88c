//! One fetch, under the checkout's lock.

use super::error::Error;
use super::native::{self, Caller};
use super::options::{Fetched, Mode, Options};
use super::place::{self, Found};
use super::recovery::{self, Work};
use super::remote::Remote;
use super::{clone, steps, tree};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::lock;

/// Makes sure that the checkout of a service is there and, as the mode says,
/// up to date.
///
/// # Errors
/// See [`Error`]. Whatever the error, local work is where it was, and the next
/// call can go on from there.
pub(crate) fn fetch(
    options: &Options,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Fetched, Error> {
    let wanted = options.reference.clone().checked()?;
    let service = options.service.as_str();
    if options.dry_run {
        return steps::plan(options, reporter);
    }
    let _lock = lock::acquire(options.locks, &format!("src-{service}"), reporter, cancel)?;
    clone::sweep(service, options.path)?;
    if let Some(git) = tree::common_folder(options.path) {
        recovery::recover(options.path, &git)?;
    }
    let found = place::inspect(options.path, options.url, options.mode)?;
    let work = match &found {
        Found::Checkout(checkout) => Work::on(options.path, checkout.repo.commondir()),
        Found::Nothing | Found::Incomplete => Work::clone(options.path),
    };
    let told = (reporter, cancel);
    let remote =
        Remote::new(service, options.url, options.credentials, options.prompt, &work, told);
    if let Found::Checkout(checkout) = &found {
        native::ensure_readable(&checkout.repo, Caller::new(&remote))?;
    }
    let fetched = match found {
        Found::Nothing => clone::clone(options, &wanted, &remote, None),
        Found::Incomplete => clone::clone(options, &wanted, &remote, Some(options.path)),
        Found::Checkout(checkout) if options.mode == Mode::Keep => {
            steps::use_as_is(options, &wanted, &checkout, &remote)
        }
        Found::Checkout(checkout) => steps::move_to(options, wanted, &checkout, &remote),
    };
    let ended = work.end(fetched.is_err());
    let fetched = fetched?;
    ended?;
    reporter.report(Event::Fetched {
        service: service.to_owned(),
        reference: fetched.reference.clone(),
        commit: fetched.commit.clone(),
        changed: fetched.changed,
    });
    Ok(fetched)
}
