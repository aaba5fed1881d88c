//! Removing the build files of one profile.

use std::collections::BTreeMap;
use std::path::Path;

use super::claim::Claim;
use super::command::Environment;
use super::metadata::Workspace;
use super::said::Said;
use super::{Error, Profile, share};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

/// Whose build files of which profile go.
#[derive(Debug, Clone)]
pub struct Clean<'a> {
    /// For messages.
    pub service: &'a Name,
    /// The folder with `Cargo.toml`.
    pub source: &'a Path,
    /// Where it is built.
    pub build_dir: &'a Path,
    /// The folder of the locks, as for [`super::Options::share`].
    pub locks: &'a Path,
    /// The profile.
    pub profile: &'a Profile,
    /// Say what would go, and remove nothing.
    pub dry_run: bool,
}

/// Removes what building with a profile left in the build directory, and gives
/// the bytes that are free now; the whole directory where the source is gone.
/// Where it is built in the directory of another service, only what is its own
/// goes.
///
/// # Errors
/// When the folder is not a build directory of hero, or cargo fails.
pub fn clean(what: &Clean, reporter: &dyn Reporter, cancel: &Cancel) -> Result<u64, Error> {
    let build_dir = what.build_dir;
    if !fs::exists(build_dir) {
        return Ok(0);
    }
    let Some(claim) = Claim::read(build_dir) else {
        return Err(Error::NotABuildDir { build_dir: build_dir.to_owned() });
    };
    let host = claim.guest_of.map(|host| fs::parent(build_dir).join(host));
    let intermediate = host.filter(|host| fs::exists(host)).unwrap_or_else(|| build_dir.to_owned());
    let orphan = !fs::exists(&what.source.join("Cargo.toml"));
    let service = what.service;
    let text = if orphan {
        format!("build files of `{service}`")
    } else {
        format!("{} build files of `{service}`", what.profile)
    };
    if what.dry_run {
        let size = if orphan { fs::size(build_dir) } else { what.doomed(&intermediate, cancel)? };
        let detail = format!("{text} in {}", build_dir.display());
        reporter.report(Event::Plan { action: "remove".into(), detail });
        return Ok(size);
    }
    let _turn = share::turn(what.locks, &intermediate, reporter, cancel)?;
    let size = || {
        let elsewhere = if intermediate == build_dir { 0 } else { fs::size(&intermediate) };
        fs::size(build_dir) + elsewhere
    };
    let before = size();
    if orphan {
        fs::remove_dir_all(build_dir)?;
    } else {
        what.cargo(&intermediate, &[], cancel)?;
    }
    let size = before.saturating_sub(size());
    if size > 0 {
        reporter.report(Event::Removed { what: text, size });
    }
    Ok(size)
}

impl Clean<'_> {
    /// The bytes that cargo would remove.
    fn doomed(&self, intermediate: &Path, cancel: &Cancel) -> Result<u64, Error> {
        let stdout = self.cargo(intermediate, &["--dry-run", "--verbose"], cancel)?;
        let files = stdout.lines().map(Path::new).filter(|path| !path.is_dir());
        Ok(files.map(fs::size).sum())
    }

    /// Runs `cargo clean` and gives what it listed.
    fn cargo(&self, intermediate: &Path, flags: &[&str], cancel: &Cancel) -> Result<String, Error> {
        let none = BTreeMap::new();
        let environment = Environment::new(&none);
        let mut cmd = environment
            .cargo(self.source, self.build_dir, intermediate)
            .args(["clean", "--profile", self.profile.cargo_name()])
            .args(flags);
        if intermediate != self.build_dir {
            // All else there is the host's too.
            for member in Workspace::load(self.source, &environment, cancel)?.members {
                cmd = cmd.args(["--package", &member.name]);
            }
        }
        let output = cmd.output(cancel)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let mut said = Said::default();
        String::from_utf8_lossy(&output.stderr).lines().for_each(|line| said.line(line));
        Err(Error::Clean {
            service: self.service.to_string(),
            status: format!("cargo {}", output.status),
            said: said.finish(true),
        })
    }
}
