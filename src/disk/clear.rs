//! Clearing one profile: generations and build files.

use super::{Context, Error, Failure};
use crate::cargo::{self, Clean, Part, Profile};
use crate::event::{Event, LogLevel};
use crate::store::{self, KeptGeneration};
use crate::sys::disk::Removal;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::quantity::Age;

/// What is cleared.
#[derive(Debug, Clone)]
pub(crate) struct Clear {
    /// The services; all that have binaries or build files if there are none.
    pub(crate) names: Vec<Name>,
    /// The profile.
    pub(crate) profile: Profile,
    /// Also what is current or running.
    pub(crate) force: bool,
    /// Only what was not used for so long.
    pub(crate) older_than: Option<Age>,
    /// Say what would go, and remove nothing.
    pub(crate) dry_run: bool,
}

/// What clearing has done, or would do.
#[derive(Debug, Default)]
pub(crate) struct Cleared {
    /// The services that were looked at.
    pub(crate) services: Vec<ClearedService>,
    /// Bytes of disk space that are free now.
    pub(crate) freed: u64,
    /// Generations of the profile that stayed.
    pub(crate) kept: Vec<KeptGeneration>,
    /// Services that could not be cleared, or only in part.
    pub(crate) failures: Vec<Failure>,
}

/// One service that was looked at. All numbers are bytes of disk space.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct ClearedService {
    /// Its name.
    pub(crate) service: Name,
    /// All its generations before.
    pub(crate) binaries_before: u64,
    /// The same after.
    pub(crate) binaries_after: u64,
    /// Its build directory before, with what it has in its host's.
    pub(crate) build_before: u64,
    /// The same after.
    pub(crate) build_after: u64,
    /// What is free now.
    pub(crate) freed: u64,
}

/// Removes the generations and build files of one profile, of one service after the
/// other. A service with which something is wrong does not keep the others from being
/// cleared.
///
/// # Errors
/// When the folders of all services cannot be read, or the user interrupts.
pub(crate) fn clear(context: &Context, what: &Clear) -> Result<Cleared, Error> {
    let mut cleared = Cleared::default();
    let names = if what.names.is_empty() { known(context)? } else { what.names.clone() };
    // Of a dry run.
    let mut removed = Removal::default();
    for service in &names {
        context.go_on()?;
        let mut one = One::new(context, what, service);
        let locked = context.locks.with(service, true, &mut || one.clear(&mut removed));
        let failure = locked.map_err(Error::from).err();
        for error in failure.into_iter().chain(one.failures) {
            if error.is_interrupt() {
                return Err(error);
            }
            cleared.failures.push(Failure { service: service.clone(), error });
        }
        cleared.freed += one.result.freed;
        cleared.kept.extend(one.kept);
        one.guests.retain(|guest| !names.contains(guest));
        if !one.guests.is_empty() && one.result.freed > 0 {
            context.reporter.report(compiled_again(what, service, &one.guests));
        }
        cleared.services.push(one.result);
    }
    Ok(cleared)
}

/// The services that have binaries or build files.
fn known(context: &Context) -> Result<Vec<Name>, Error> {
    let mut names = context.store.names()?;
    let (dirs, foreign) = cargo::build_dirs(&context.dirs.build)?;
    names.extend(dirs.into_iter().map(|dir| dir.service));
    names.sort();
    names.dedup();
    for path in foreign {
        context.reporter.report(not_ours(&path));
    }
    Ok(names)
}

/// What is said about a folder between the build directories that is none.
pub(super) fn not_ours(path: &std::path::Path) -> Event {
    Event::Warning {
        message: format!("skipped `{}`: it is not a build directory", path.display()),
        hint: Some("remove it yourself if it is not needed".into()),
    }
}

fn compiled_again(what: &Clear, host: &Name, guests: &[Name]) -> Event {
    let guests: Vec<String> = guests.iter().map(|guest| format!("`{guest}`")).collect();
    let message = format!(
        "       Note the {} profile of {} is built in the directory of `{host}`: the next build compiles it again",
        what.profile,
        guests.join(", "),
    );
    Event::Log { level: LogLevel::Info, message }
}

/// The work on one service.
struct One<'a> {
    context: &'a Context<'a>,
    what: &'a Clear,
    service: &'a Name,
    result: ClearedService,
    kept: Vec<KeptGeneration>,
    guests: Vec<Name>,
    failures: Vec<Error>,
}

impl<'a> One<'a> {
    fn new(context: &'a Context, what: &'a Clear, service: &'a Name) -> Self {
        let result = ClearedService {
            service: service.clone(),
            binaries_before: 0,
            binaries_after: 0,
            build_before: 0,
            build_after: 0,
            freed: 0,
        };
        let (kept, guests, failures) = (Vec::new(), Vec::new(), Vec::new());
        Self { context, what, service, result, kept, guests, failures }
    }

    fn clear(&mut self, removed: &mut Removal) {
        if let Err(error) = self.generations() {
            // What a newer hero has installed is not ours to change, and no fault.
            let newer = matches!(error, store::Error::NewerFormat { .. });
            if newer && self.what.names.is_empty() {
                let hint = crate::error::Diagnostic::hint(&error);
                self.report(Event::Warning { message: error.to_string(), hint });
            } else {
                self.failures.push(error.into());
            }
        }
        match self.build_files(removed) {
            // A folder of that name is nothing to stop for.
            Err(cargo::Error::NotABuildDir { build_dir }) => self.report(not_ours(&build_dir)),
            Err(error) => self.failures.push(error.into()),
            Ok(()) => {}
        }
    }

    fn generations(&mut self) -> Result<(), store::Error> {
        let Context { store, reporter, cancel, .. } = *self.context;
        // Build files alone, of a build that was never installed, are fine too.
        let built = fs::exists(&self.context.dirs.build_dir(self.service));
        if built && store.service(self.service)?.is_none() {
            return Ok(());
        }
        let what = store::Clear {
            service: Some(self.service.clone()),
            profile: self.what.profile.as_str().to_owned(),
            force: self.what.force,
            used_before: self.used_before().and_then(|time| time.try_into().ok()),
            dry_run: self.what.dry_run,
        };
        let cleared = store.clear(&what, reporter, cancel)?;
        self.result.binaries_before = cleared.size_before;
        self.result.binaries_after = cleared.size_after;
        self.result.freed += cleared.freed;
        self.kept = cleared.kept;
        Ok(())
    }

    fn build_files(&mut self, removed: &mut Removal) -> Result<(), cargo::Error> {
        let Context { dirs, reporter, cancel, .. } = *self.context;
        let what = Clean {
            service: self.service,
            build: &dirs.build,
            locks: &dirs.locks,
            part: Part::Profile(&self.what.profile),
            used_before: self.used_before(),
            wait: true,
            dry_run: self.what.dry_run,
        };
        let cleaned = cargo::clean(&what, removed, reporter, cancel)?;
        self.result.build_before = cleaned.before;
        self.result.build_after = cleaned.after;
        self.result.freed += cleaned.freed;
        self.guests = cleaned.guests;
        if cleaned.debug_information {
            self.warn_of_debug_information();
        }
        cleaned.error.map_or(Ok(()), Err)
    }

    /// Generations of the profile that stay lose what their binaries name by path.
    fn warn_of_debug_information(&self) {
        let known = self.context.store.service(self.service).ok().flatten();
        let generations = known.map(|known| known.generations).unwrap_or_default();
        let stays =
            |name: &str| !self.what.dry_run || self.kept.iter().any(|it| it.generation == name);
        let profile = self.what.profile.as_str();
        let left = generations.iter().filter(|it| it.profile == profile && stays(&it.generation));
        for receipt in left {
            self.report(debug_information_goes(self.service, &receipt.generation));
        }
    }

    fn used_before(&self) -> Option<std::time::SystemTime> {
        self.what.older_than.map(Age::ago)
    }

    fn report(&self, event: Event) {
        self.context.reporter.report(event);
    }
}

/// What is said where the debug information of a generation goes with build files.
pub(super) fn debug_information_goes(service: &Name, generation: &str) -> Event {
    Event::Warning {
        message: format!(
            "the debug information of `{service}` {generation} lies in its build files, and goes with them"
        ),
        hint: Some(
            "`split-debuginfo = \"packed\"` in the profile has it installed with the binaries"
                .into(),
        ),
    }
}
