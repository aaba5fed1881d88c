//! The compiler that a folder is built with.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use super::command::Environment;
use crate::sys::cancel::Cancel;

/// The first line of `rustc -vV` in `source`, where `rust-toolchain.toml` and
/// rustup's overrides count; `env` is the environment of the build.
///
/// # Errors
/// When there is no compiler, or it does not run.
pub fn toolchain(
    source: &Path,
    env: &BTreeMap<String, String>,
    cancel: &Cancel,
) -> Result<String, Error> {
    version(source, &Environment::new(env), cancel)
}

pub(super) fn version(
    source: &Path,
    environment: &Environment,
    cancel: &Cancel,
) -> Result<String, Error> {
    ask(source, environment, |line| Some(line.to_owned()), cancel)
}

/// The target that the compiler runs on itself.
pub(super) fn host(
    source: &Path,
    environment: &Environment,
    cancel: &Cancel,
) -> Result<String, Error> {
    ask(source, environment, |line| line.strip_prefix("host: ").map(str::to_owned), cancel)
}

/// The first line of `rustc -vV` that is wanted.
fn ask(
    source: &Path,
    environment: &Environment,
    wanted: fn(&str) -> Option<String>,
    cancel: &Cancel,
) -> Result<String, Error> {
    let rustc = environment
        .get("RUSTC")
        .map_or("rustc".into(), |rustc| rustc.to_string_lossy().into_owned());
    let output = environment.command(&rustc, source).arg("-vV").output(cancel)?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().find_map(wanted).filter(|_| output.status.success()) {
        Some(line) => Ok(line),
        None => Err(Error::Toolchain {
            folder: source.to_owned(),
            said: String::from_utf8_lossy(&output.stderr)
                .lines()
                .take(5)
                .map(str::to_owned)
                .collect(),
        }),
    }
}
