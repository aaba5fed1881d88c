//! Keeping disk space bounded: what was used least recently goes first.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::clear::{debug_information_goes, not_ours};
use super::{Context, Error, Failure};
use crate::cargo::{self, BuildDir, Clean, Part, Profile};
use crate::event::{Event, Reporter};
use crate::store::{Idle, Store};
use crate::sys::disk::{Removal, Usage, bytes};
use crate::sys::name::Name;
use crate::sys::quantity::{Age, Size};

/// What is removed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collect {
    /// These services only; all if there are none.
    pub(crate) names: Vec<Name>,
    /// As much as is needed for the rest to take no more than this.
    pub(crate) max_size: Option<Size>,
    /// Everything that was not used for so long.
    pub(crate) older_than: Option<Age>,
    /// The build files of services that are not installed.
    pub(crate) leftovers: bool,
    /// Whether builds and installs that go on are waited for, and `sudo` is used; what
    /// needs either stays otherwise.
    pub(crate) wait: bool,
    /// Say what would go, and remove nothing.
    pub(crate) dry_run: bool,
}

/// What was removed, or would be.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// Bytes of disk space that are free now.
    pub(crate) freed: u64,
    /// Bytes that the services still take; 0 in an automatic run without a limit.
    pub(crate) left: u64,
    /// Whether more than the limit is left: everything else is in use.
    pub(crate) over: bool,
    /// What could not be removed.
    pub(crate) failures: Vec<Failure>,
}

/// Something that can go.
#[derive(Debug)]
struct Item {
    service: Name,
    used: SystemTime,
    /// Whether its service is not installed.
    leftover: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Generation(Idle),
    /// The build files of a profile.
    Profile(Profile),
    /// A whole build directory.
    Everything,
}

/// Removes build files, and generations that are neither current nor running: what is
/// older than wanted, and then what was used least recently, until the limit is kept.
/// Checkouts are not touched.
///
/// # Errors
/// When the folders of all services cannot be read, or the user interrupts.
pub(crate) fn collect(context: &Context, what: &Collect) -> Result<Collected, Error> {
    let mut swept = 0;
    if what.wait && !what.dry_run {
        swept = context.store.sweep(context.reporter, context.cancel)?;
    }
    let wanted = |name: &Name| what.names.is_empty() || what.names.contains(name);
    let (mut dirs, foreign) = cargo::build_dirs(&context.dirs.build)?;
    for path in &foreign {
        context.reporter.report(not_ours(path));
    }
    dirs.retain(|dir| wanted(&dir.service));
    let mut installed = context.store.names()?;
    installed.retain(wanted);
    let mut usage = Usage::default();
    if what.max_size.is_some() || what.wait {
        for name in &installed {
            usage.add(&context.store.folder(name));
        }
        for dir in &dirs {
            usage.add(&dir.path);
        }
    }
    let mut run = Run { context, what, removed: Removal::default(), result: Collected::default() };
    (run.result.freed, run.result.left) = (swept, usage.total());
    let old = what.older_than.map(Age::ago);
    let max = what.max_size.map(|size| size.0);
    let is_stale =
        |item: &Item| old.is_some_and(|old| item.used < old) || (item.leftover && what.leftovers);
    let items = items(context, what, &dirs, &installed)?;
    // What goes in any case may be enough for the limit.
    let (stale, rest): (Vec<Item>, Vec<Item>) = items.into_iter().partition(is_stale);
    for item in &stale {
        run.remove(item)?;
    }
    for item in &rest {
        if max.is_none_or(|max| run.result.left <= max) {
            break;
        }
        run.remove(item)?;
    }
    run.result.over = max.is_some_and(|max| run.result.left > max);
    Ok(run.result)
}

/// What can go, in the order in which it goes.
fn items(
    context: &Context,
    what: &Collect,
    dirs: &[BuildDir],
    installed: &[Name],
) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    // Without `sudo` the system's generations stay.
    if what.wait || context.store.is_writable() {
        items.extend(context.store.idle(installed).into_iter().map(|idle| Item {
            service: idle.service.clone(),
            used: idle.used.try_into().unwrap_or(SystemTime::UNIX_EPOCH),
            leftover: false,
            what: What::Generation(idle),
        }));
    }
    // Both roots have their build files here.
    let roots = [false, true].map(|system| Store::open(context.dirs.root(system)));
    let mut owners: BTreeSet<Name> = installed.iter().cloned().collect();
    for root in roots {
        owners.extend(root.names()?);
    }
    for dir in dirs {
        let item = |used, what| {
            let (service, leftover) = (dir.service.clone(), !owners.contains(&dir.service));
            Item { service, used, leftover, what }
        };
        if owners.contains(&dir.service) {
            let profiles = dir.profiles.iter().filter_map(|built| {
                let profile = Profile::parse(&built.folder).ok()?;
                Some(item(built.used, What::Profile(profile)))
            });
            items.extend(profiles);
        } else {
            items.push(item(dir.used(), What::Everything));
        }
    }
    items.sort_by(|a, b| a.used.cmp(&b.used).then_with(|| a.service.cmp(&b.service)));
    Ok(items)
}

/// A collection that goes on.
struct Run<'a> {
    context: &'a Context<'a>,
    what: &'a Collect,
    /// What a dry run would have removed.
    removed: Removal,
    result: Collected,
}

impl Run<'_> {
    fn remove(&mut self, item: &Item) -> Result<(), Error> {
        let (context, what) = (self.context, self.what);
        context.go_on()?;
        let removed = &mut self.removed;
        let mut done = Ok(0);
        let locked = context.locks.with(&item.service, what.wait, &mut || {
            done = one(context, what, item, removed);
        });
        match locked.map_err(Error::from).and(done) {
            Ok(freed) => {
                self.result.freed += freed;
                self.result.left = self.result.left.saturating_sub(freed);
            }
            Err(error) if error.is_interrupt() => return Err(error),
            Err(error) => {
                self.result.failures.push(Failure { service: item.service.clone(), error });
            }
        }
        Ok(())
    }
}

/// Removes one thing, under the lock of its service; the bytes that this freed.
fn one(
    context: &Context,
    what: &Collect,
    item: &Item,
    removed: &mut Removal,
) -> Result<u64, Error> {
    let Context { dirs, store, reporter, cancel, .. } = *context;
    let part = match &item.what {
        What::Generation(idle) if what.dry_run => {
            let size = removed.add(&idle.folder);
            let detail = format!("{} {} ({})", idle.service, idle.generation, bytes(size));
            reporter.report(Event::Plan { action: "remove".into(), detail });
            return Ok(size);
        }
        What::Generation(idle) => {
            return Ok(store.discard(&idle.service, &idle.generation, reporter, cancel)?);
        }
        What::Profile(profile) => Part::Profile(profile),
        What::Everything => Part::All,
    };
    let clean = Clean {
        service: &item.service,
        build: &dirs.build,
        locks: &dirs.locks,
        part,
        used_before: None,
        wait: what.wait,
        dry_run: what.dry_run,
    };
    let cleaned = cargo::clean(&clean, removed, reporter, cancel)?;
    if cleaned.debug_information
        && let Some(current) = store.service(&item.service)?.and_then(|known| known.current)
        && matches!(&item.what, What::Profile(profile) if profile.as_str() == current.profile)
    {
        reporter.report(debug_information_goes(&item.service, &current.generation));
    }
    match cleaned.error {
        Some(error) => Err(error.into()),
        None => Ok(cleaned.freed),
    }
}

/// Keeps the limits of the configuration after a run that has installed something.
/// Waits for no lock and asks for no rights. Errors go to the log only, since the install
/// is complete. Returns the bytes of disk space that this freed.
pub(crate) fn keep_bounded(
    context: &Context,
    max_size: Option<Size>,
    older_than: Option<Age>,
) -> u64 {
    if max_size.is_none() && older_than.is_none() {
        return 0;
    }
    let what = Collect { max_size, older_than, ..Collect::default() };
    let quiet = Context { reporter: &Silent, ..*context };
    match collect(&quiet, &what) {
        Ok(collected) => {
            for failure in collected.failures {
                tracing::debug!(service = %failure.service, error = %failure.error, "not removed");
            }
            collected.freed
        }
        Err(error) => {
            tracing::debug!(%error, "the limits of disk space are not kept");
            0
        }
    }
}

/// Hears nothing.
struct Silent;

impl Reporter for Silent {
    fn report(&self, _event: Event) {}
}
