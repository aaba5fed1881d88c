//! Removing build files. Nothing is asked of cargo, the compiler or the manifest: space
//! can be had back when none of them works.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::claim::Claim;
use super::folders::{self, BuildDir};
use super::{Error, Profile, layout, share, units};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::disk::{self, Removal, Usage};
use crate::sys::fs;
use crate::sys::name::Name;

/// Which build files go.
#[derive(Debug, Clone)]
pub(crate) struct Clean<'a> {
    /// The service.
    pub(crate) service: &'a Name,
    /// The folder of all build directories.
    pub(crate) build: &'a Path,
    /// The folder of the locks, as for [`super::Options::share`].
    pub(crate) locks: &'a Path,
    /// How much of the build directory.
    pub(crate) part: Part<'a>,
    /// Only what was last used before this time.
    pub(crate) used_before: Option<SystemTime>,
    /// Whether a build that goes on there is waited for; nothing is removed otherwise.
    pub(crate) wait: bool,
    /// Say what would go, and remove nothing.
    pub(crate) dry_run: bool,
}

/// A part of a build directory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    /// What building with a profile has left.
    Profile(&'a Profile),
    /// Everything.
    All,
}

/// What a removal has done, or would do.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    /// Bytes that are free now.
    pub(crate) freed: u64,
    /// Bytes of the build directory, and of what lies with its host, before.
    pub(crate) before: u64,
    /// The same after.
    pub(crate) after: u64,
    /// Other services that build in this directory and have lost what was compiled for
    /// them.
    pub(crate) guests: Vec<Name>,
    /// Whether debug information went that lay beside the object files.
    pub(crate) debug_information: bool,
    /// What could not be removed.
    pub(crate) error: Option<Error>,
}

/// What is to be removed, and from where.
struct Plan {
    /// The paths, in the order of their removal.
    paths: Vec<PathBuf>,
    /// The directory of the intermediate files: the service's own, or its host's.
    intermediate: PathBuf,
    /// The services that build in this directory.
    guests: Vec<Name>,
}

/// Removes build files of one service. Of a guest's, what is its own goes, of a host's
/// what its guests have there too. In a dry run `removed` is what earlier calls would
/// have removed.
///
/// # Errors
/// When there is no build directory of hero's, or it cannot be looked at. What cannot be
/// removed is in the result.
pub(crate) fn clean(
    what: &Clean,
    removed: &mut Removal,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<Cleaned, Error> {
    let build_dir = what.build.join(what.service);
    if !fs::exists(&build_dir) {
        return Ok(Cleaned::default());
    }
    if !folders::is_build_dir(&build_dir) {
        return Err(Error::NotABuildDir { build_dir });
    }
    let intermediate = what.intermediate(&build_dir);
    let _turn = if what.dry_run {
        None
    } else {
        let turn = if what.wait {
            Some(share::turn(what.locks, &intermediate, reporter, cancel)?)
        } else {
            share::try_turn(what.locks, &intermediate)?
        };
        if turn.is_none() {
            return Ok(Cleaned::default());
        }
        turn
    };
    let plan = what.plan(&build_dir, intermediate)?;
    let roots = || std::iter::once(&build_dir).chain(plan.elsewhere(&build_dir));
    let used = |left_out: &[PathBuf]| {
        let mut usage = Usage::default();
        roots().map(|root| usage.add_without(root, left_out)).sum::<u64>()
    };
    let mut cleaned =
        Cleaned { before: used(&[]), guests: plan.guests.clone(), ..Cleaned::default() };
    cleaned.debug_information = plan.paths.iter().any(|path| has_debug_objects(path));
    if what.dry_run {
        cleaned.freed = plan.paths.iter().map(|path| removed.add(path)).sum();
        cleaned.after = used(&plan.paths);
        if !plan.paths.is_empty() {
            let detail = format!(
                "{} in {} ({})",
                what.text(),
                build_dir.display(),
                disk::bytes(cleaned.freed)
            );
            reporter.report(Event::Plan { action: "remove".into(), detail });
        }
        return Ok(cleaned);
    }
    let size = || {
        let mut removed = Removal::default();
        plan.paths.iter().map(|path| removed.add(path)).sum::<u64>()
    };
    let planned = size();
    for path in &plan.paths {
        if let Err(error) = remove(path) {
            cleaned.error.get_or_insert(error.into());
        }
    }
    // Less what would be free if the rest could be removed.
    cleaned.freed = planned.saturating_sub(size());
    cleaned.after = used(&[]);
    if cleaned.freed > 0 {
        reporter.report(Event::Removed { what: what.text(), size: cleaned.freed });
    }
    Ok(cleaned)
}

impl Clean<'_> {
    fn text(&self) -> String {
        match self.part {
            Part::Profile(profile) => format!("{profile} build files of `{}`", self.service),
            Part::All => format!("build files of `{}`", self.service),
        }
    }

    /// The directory of the intermediate files, if it is there.
    fn intermediate(&self, build_dir: &Path) -> PathBuf {
        let host = Claim::read(build_dir).and_then(|claim| claim.guest_of);
        let host = host.map(|host| self.build.join(host)).filter(|host| fs::exists(host));
        host.unwrap_or_else(|| build_dir.to_owned())
    }

    fn plan(&self, build_dir: &Path, intermediate: PathBuf) -> Result<Plan, Error> {
        let (all, _) = folders::build_dirs(self.build)?;
        let own = all.iter().find(|dir| dir.service == *self.service);
        let (folder, used) = match self.part {
            Part::Profile(profile) => {
                let profiles = own.into_iter().flat_map(|own| &own.profiles);
                let built = profiles.into_iter().find(|it| it.folder == profile.folder());
                (Some(profile.folder()), built.map(|it| it.used))
            }
            Part::All => (None, own.map(BuildDir::used)),
        };
        let is_old = self.used_before.is_none_or(|before| used.is_some_and(|used| used < before));
        if !is_old {
            return Ok(Plan { paths: Vec::new(), intermediate, guests: Vec::new() });
        }
        let mut paths = Vec::new();
        if intermediate != build_dir {
            let units = units::read(build_dir).unwrap_or_default();
            let others = self.others(&all, &intermediate);
            paths = units::files(&intermediate, &units, others.as_deref(), folder)?;
        }
        match folder {
            Some(folder) => paths.extend(layout::folders_of(build_dir, folder)?),
            None => paths.push(build_dir.to_owned()),
        }
        let is_guest = |dir: &&BuildDir| {
            let built = dir.profiles.iter().any(|it| folder.is_none_or(|name| it.folder == name));
            dir.guest_of.as_ref() == Some(self.service) && built
        };
        let guests = all.iter().filter(is_guest).map(|dir| dir.service.clone());
        let guests = if paths.is_empty() { Vec::new() } else { guests.collect() };
        Ok(Plan { paths, intermediate, guests })
    }

    /// The units of all other services that build in a directory, if each has a list.
    fn others(&self, all: &[BuildDir], intermediate: &Path) -> Option<Vec<units::Unit>> {
        let host = intermediate.file_name();
        let there = all.iter().filter(|dir| {
            let builds_in = dir.guest_of.as_ref().unwrap_or(&dir.service).as_str();
            dir.service != *self.service && host.is_some_and(|host| host == builds_in)
        });
        let lists: Option<Vec<_>> = there.map(|dir| units::read(&dir.path)).collect();
        Some(lists?.concat())
    }
}

impl Plan {
    /// The paths outside the service's own directory.
    fn elsewhere<'a>(&'a self, build_dir: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        let guest = self.intermediate != build_dir;
        self.paths.iter().filter(move |path| guest && !path.starts_with(build_dir))
    }
}

/// Removes a file or folder; of a profile's first what says that things are fresh, so
/// that cargo builds again what an interrupted removal has left in part.
fn remove(path: &Path) -> fs::Result<()> {
    let prints = profile_folders(path).into_iter().map(|folder| folder.join(".fingerprint"));
    for folder in prints.filter(|folder| folder.is_dir()) {
        fs::remove_dir_all(&folder)?;
    }
    fs::remove(path).map(drop)
}

/// The folders of profiles in what is removed, which may be one itself.
fn profile_folders(path: &Path) -> Vec<PathBuf> {
    let inside = layout::profiles(path).unwrap_or_default().into_values().flatten();
    inside.chain([path.to_owned()]).collect()
}

/// Whether debug information lies in files of its own beside the object files
/// (`split-debuginfo = "unpacked"`), where binaries name it by absolute paths.
fn has_debug_objects(path: &Path) -> bool {
    let is_one = |path: &PathBuf| path.extension().is_some_and(|end| end == "dwo");
    let has_one = |folder: PathBuf| fs::list(&folder).unwrap_or_default().iter().any(is_one);
    let mut folders = profile_folders(path).into_iter();
    is_one(&path.to_owned()) || folders.any(|folder| has_one(folder.join("deps")))
}
