//! The build directories that are there: whose they are, which profiles were built,
//! and when they were last used.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::claim::Claim;
use super::{Profile, layout};
use crate::sys::fs;
use crate::sys::name::Name;

/// Begins the name of the file whose time says when a profile was last used.
const STAMP: &str = "hero-used-";

/// A folder below the folder of all build directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildDir {
    /// The service.
    pub(crate) service: Name,
    /// The folder.
    pub(crate) path: PathBuf,
    /// The service in whose build directory this one is built, if not in its own.
    pub(crate) guest_of: Option<Name>,
    /// The profiles that were built.
    pub(crate) profiles: Vec<BuiltProfile>,
}

/// What was built of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltProfile {
    /// The name of its folders; `debug` for cargo's dev profile.
    pub(crate) folder: String,
    /// Its folders, one for each target.
    pub(crate) paths: Vec<PathBuf>,
    /// When it was last built or found to be built.
    pub(crate) used: SystemTime,
}

/// The build directories in a folder, by name, and the folders there that are none.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn build_dirs(folder: &Path) -> fs::Result<(Vec<BuildDir>, Vec<PathBuf>)> {
    let (mut dirs, mut foreign) = (Vec::new(), Vec::new());
    for path in fs::list(folder)? {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !path.is_dir() || file.starts_with('.') {
            continue;
        }
        match Name::new("service", &file) {
            Ok(service) if is_build_dir(&path) => dirs.push(BuildDir::read(service, path)),
            _ => foreign.push(path),
        }
    }
    // What the host has is in use for as long as its guests are.
    let uses: Vec<(Name, String, SystemTime)> = dirs
        .iter()
        .filter_map(|dir| Some((dir.guest_of.clone()?, &dir.profiles)))
        .flat_map(|(host, profiles)| {
            profiles.iter().map(move |it| (host.clone(), it.folder.clone(), it.used))
        })
        .collect();
    for dir in &mut dirs {
        for profile in &mut dir.profiles {
            let guests = uses
                .iter()
                .filter(|(host, folder, _)| *host == dir.service && *folder == profile.folder);
            profile.used = guests.map(|(.., used)| *used).fold(profile.used, SystemTime::max);
        }
    }
    Ok((dirs, foreign))
}

impl BuildDir {
    fn read(service: Name, path: PathBuf) -> Self {
        let guest_of = Claim::read(&path).and_then(|claim| claim.guest_of);
        // One folder that cannot be read hides no other.
        let profiles = layout::profiles(&path).unwrap_or_default().into_iter();
        let profiles = profiles.map(|(folder, paths)| {
            let used = last_use(&path, &folder, &paths);
            BuiltProfile { folder, paths, used }
        });
        let profiles = profiles.collect();
        Self { service, path, guest_of, profiles }
    }

    /// When the newest of its profiles was last used.
    pub(crate) fn used(&self) -> SystemTime {
        let newest = self.profiles.iter().map(|profile| profile.used).max();
        newest.or_else(|| fs::modified(&self.path)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// Whether hero or cargo has made a folder for building.
pub(super) fn is_build_dir(path: &Path) -> bool {
    let made = |name: &str| fs::exists(&path.join(name));
    Claim::read(path).is_some() || made(layout::CACHE_TAG) || made(".rustc_info.json")
}

/// Notes that what was built of a profile is used now. It only decides what is removed
/// first, so an error is nothing to stop for.
pub(crate) fn note_use(build_dir: &Path, profile: &Profile) {
    if !is_build_dir(build_dir) {
        return;
    }
    let stamp = build_dir.join(format!("{STAMP}{}", profile.folder()));
    if let Err(error) = fs::touch(&stamp) {
        tracing::debug!(%error, "the use of a build directory is not noted");
    }
}

/// By the stamp; of a directory without one, by what was written last.
fn last_use(build_dir: &Path, folder: &str, paths: &[PathBuf]) -> SystemTime {
    let stamp = fs::modified(&build_dir.join(format!("{STAMP}{folder}")));
    let written = || {
        let inner = paths.iter().flat_map(|path| {
            ["", "deps", ".fingerprint", "incremental"].map(|inner| path.join(inner))
        });
        inner.filter_map(|path| fs::modified(&path)).max()
    };
    stamp.or_else(written).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn age(path: &Path, hours: u64) {
        let file = std::fs::File::options().append(true).create(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(hours)).unwrap();
    }

    #[test]
    fn what_guests_use_their_host_has_in_use_too() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for service in ["host", "guest", "alone"] {
            fs::write(&at(service).join("CACHEDIR.TAG"), b"").unwrap();
            for profile in ["debug", "release"] {
                fs::write(&at(service).join(profile).join(".cargo-lock"), b"").unwrap();
                age(&at(service).join(format!("hero-used-{profile}")), 48);
            }
        }
        let claim = r#"{"format":1,"checkout":"/x","guest_of":"host"}"#;
        fs::write(&at("guest/hero.json"), claim.as_bytes()).unwrap();
        fs::write(&at("notes/text"), b"mine").unwrap();
        fs::write(&at("file"), b"").unwrap();
        note_use(&at("guest"), &Profile::Debug);
        note_use(&at("notes"), &Profile::Debug);
        assert!(!fs::exists(&at("notes/hero-used-debug")), "nothing is put into foreign folders");
        let (dirs, foreign) = build_dirs(root.path()).unwrap();
        assert_eq!(foreign, [at("notes")]);
        let recent: Vec<(&str, Vec<&str>)> = dirs
            .iter()
            .map(|dir| {
                let day = SystemTime::now() - Duration::from_hours(24);
                let recent = dir.profiles.iter().filter(|it| it.used > day);
                (dir.service.as_str(), recent.map(|it| it.folder.as_str()).collect())
            })
            .collect();
        assert_eq!(recent, [("alone", vec![]), ("guest", vec!["debug"]), ("host", vec!["debug"])]);
        assert_eq!(build_dirs(&at("none")).unwrap(), (vec![], vec![]));
    }
}
