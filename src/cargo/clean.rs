//! Removing the build files of one profile.

use std::collections::BTreeMap;
use std::path::Path;

use super::command::Environment;
use super::said::Said;
use super::{Error, Profile, claim};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

/// Removes what building with a profile left in the build directory, and gives
/// the bytes that are free now; the whole directory where the source is gone.
///
/// # Errors
/// When the folder is not a build directory of hero, or cargo fails.
pub fn clean(
    service: &Name,
    source: &Path,
    build_dir: &Path,
    profile: &Profile,
    dry_run: bool,
    reporter: &dyn Reporter,
    cancel: &Cancel,
) -> Result<u64, Error> {
    if !fs::exists(build_dir) {
        return Ok(0);
    }
    if claim::owner(build_dir).is_none() {
        return Err(Error::NotABuildDir { build_dir: build_dir.to_owned() });
    }
    let orphan = !fs::exists(&source.join("Cargo.toml"));
    let what = if orphan {
        format!("build files of `{service}`")
    } else {
        format!("{profile} build files of `{service}`")
    };
    if dry_run {
        let size = if orphan {
            fs::size(build_dir)
        } else {
            doomed(service, source, build_dir, profile, cancel)?
        };
        let detail = format!("{what} in {}", build_dir.display());
        reporter.report(Event::Plan { action: "remove".into(), detail });
        return Ok(size);
    }
    let before = fs::size(build_dir);
    if orphan {
        fs::remove_dir_all(build_dir)?;
    } else {
        cargo_clean(service, source, build_dir, profile, &[], cancel)?;
    }
    let size = before.saturating_sub(fs::size(build_dir));
    if size > 0 {
        reporter.report(Event::Removed { what, size });
    }
    Ok(size)
}

/// The bytes that cargo would remove.
fn doomed(
    service: &Name,
    source: &Path,
    build_dir: &Path,
    profile: &Profile,
    cancel: &Cancel,
) -> Result<u64, Error> {
    let stdout =
        cargo_clean(service, source, build_dir, profile, &["--dry-run", "--verbose"], cancel)?;
    let files = stdout.lines().map(Path::new).filter(|path| !path.is_dir());
    Ok(files.map(fs::size).sum())
}

/// Runs `cargo clean` and gives what it listed.
fn cargo_clean(
    service: &Name,
    source: &Path,
    build_dir: &Path,
    profile: &Profile,
    flags: &[&str],
    cancel: &Cancel,
) -> Result<String, Error> {
    let none = BTreeMap::new();
    let cmd = Environment::new(&none).cargo(source, build_dir);
    let cmd = cmd.args(["clean", "--profile", profile.cargo_name()]).args(flags);
    let output = cmd.output(cancel)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut said = Said::default();
    String::from_utf8_lossy(&output.stderr).lines().for_each(|line| said.line(line));
    Err(Error::Clean {
        service: service.to_string(),
        status: format!("cargo {}", output.status),
        said: said.finish(true),
    })
}
