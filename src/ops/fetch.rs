//! Putting a checkout in place.

use std::time::Instant;

use super::Context;
use crate::error::Fault;
use crate::git::{self, Mode, Reference, RemoteUrl, Submodules};
use crate::model::{Checkout, Flags, Service};
use crate::sys::name::Name;

/// What is fetched.
#[derive(Debug)]
pub(crate) struct Fetch<'a> {
    /// The service.
    pub(crate) name: &'a Name,
    /// From where.
    pub(crate) repo: &'a RemoteUrl,
    /// What of it.
    pub(crate) reference: &'a Reference,
    /// Which submodules.
    pub(crate) submodules: Submodules,
    /// What may happen to a checkout that is there.
    pub(crate) mode: Mode,
}

impl<'a> Fetch<'a> {
    /// What a service needs, as the flags say.
    pub(crate) fn new(service: &'a Service, flags: &Flags) -> Self {
        Self {
            name: &service.name,
            repo: &service.repo,
            reference: &service.reference,
            submodules: service.submodules(),
            mode: flags.mode(),
        }
    }
}

/// Puts the checkout of a service in place: clones it if there is none; else leaves it as it
/// is, without network, unless told to move.
///
/// # Errors
/// Those of [`git::fetch`]; a folder of checkouts that is not UTF-8.
pub(crate) fn fetch(context: &Context, what: &Fetch) -> Result<Checkout, Fault> {
    let path = context.dirs.checkout(what.name);
    if path.to_str().is_none() {
        let folder = context.dirs.src.display();
        let message = format!("the folder of checkouts, `{folder}`, is not UTF-8");
        return Err(Fault::script("not_utf8", message).hint(
            "cargo and scripts want paths in UTF-8: set HERO_HOME to a folder with another path",
        ));
    }
    let options = git::Options {
        service: what.name,
        url: what.repo,
        reference: what.reference,
        path: &path,
        mode: what.mode,
        submodules: what.submodules.clone(),
        // Cargo writes one where none is committed.
        generated: &["Cargo.lock"],
        dry_run: context.dry_run(),
        credentials: &context.credentials,
        locks: &context.dirs.locks,
        prompt: context.prompt(),
    };
    let cancel = context.cancel();
    // A fetch that cannot have a slot goes on without one.
    let _slot = match context.fetches() {
        Ok(slots) if what.mode != Mode::Keep || !path.exists() => {
            slots.slot(&cancel).ok().flatten()
        }
        _ => None,
    };
    let started = Instant::now();
    context.accounts.restart(what.name);
    let fetched = git::fetch(&options, &*context.reporter, &cancel)?;
    context.accounts.add(what.name, "fetch", started.elapsed());
    Ok(Checkout::new(fetched, what.repo.to_string()))
}
