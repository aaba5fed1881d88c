//! How much disk space each service takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::{Context, Error};
use crate::cargo;
use crate::store::ServiceUsage;
use crate::sys::disk::Usage;
use crate::sys::name::Name;

/// What all services take, in bytes of disk space as `du` counts it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Sizes {
    /// The services, by name.
    pub(crate) services: Vec<ServiceSizes>,
    /// The sum.
    pub(crate) total: u64,
    /// Folders among the build directories that are none; they are not counted.
    pub(crate) foreign: Vec<PathBuf>,
}

/// What one service takes. What two services share counts for the first of them.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceSizes {
    /// Its name.
    pub(crate) service: Name,
    /// Whether it has binaries in the install root.
    pub(crate) installed: bool,
    /// The service in whose build directory it is built, if not in its own.
    pub(crate) guest_of: Option<Name>,
    /// Its generations of other profiles than debug.
    pub(crate) binaries: u64,
    /// Its debug generations.
    pub(crate) debug_binaries: u64,
    /// Its build files by the folder of their profile.
    pub(crate) build: BTreeMap<String, u64>,
    /// What else is in its build directory.
    pub(crate) other_build: u64,
    /// The sum.
    pub(crate) total: u64,
}

/// Adds up what is in the store and the build directories.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn sizes(context: &Context) -> Result<Sizes, Error> {
    let (dirs, foreign) = cargo::build_dirs(&context.dirs.build)?;
    let installed = context.store.names()?;
    let have_builds = dirs.iter().map(|dir| dir.service.clone());
    let names: BTreeSet<Name> = have_builds.chain(installed.iter().cloned()).collect();
    let mut usage = Usage::default();
    let mut services = Vec::new();
    for service in names {
        let before = usage.total();
        let stored = if installed.contains(&service) {
            context.store.usage(&service, &mut usage)?
        } else {
            ServiceUsage::default()
        };
        let dir = dirs.iter().find(|dir| dir.service == service);
        let (build, other_build) = dir.map(|dir| by_profile(dir, &mut usage)).unwrap_or_default();
        services.push(ServiceSizes {
            installed: installed.contains(&service),
            guest_of: dir.and_then(|dir| dir.guest_of.clone()),
            binaries: stored.other,
            debug_binaries: stored.debug,
            build,
            other_build,
            total: usage.total() - before,
            service,
        });
    }
    Ok(Sizes { services, total: usage.total(), foreign })
}

/// Build files by profile, and the rest.
fn by_profile(dir: &cargo::BuildDir, usage: &mut Usage) -> (BTreeMap<String, u64>, u64) {
    let build = dir.profiles.iter().map(|profile| {
        let size = profile.paths.iter().map(|path| usage.add(path)).sum();
        (profile.folder.clone(), size)
    });
    let build = build.collect();
    let all: Vec<_> = dir.profiles.iter().flat_map(|profile| profile.paths.clone()).collect();
    (build, usage.add_without(&dir.path, &all))
}
