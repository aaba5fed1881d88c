//! The compiler that a folder is built with.

use std::path::{Path, PathBuf};

use super::Error;
use super::environment::Environment;
use crate::sys::cancel::Cancel;

/// The compiler of a folder.
#[derive(Debug)]
pub(super) struct Compiler {
    /// Its name and version, in one line.
    pub(super) name: String,
    /// All it says of its version: by this, cargo tells compilers apart.
    pub(super) version: String,
    /// The folder of its toolchain.
    pub(super) sysroot: PathBuf,
}

/// Asks the compiler of a folder what it is; `configured` is the one that cargo's
/// configuration names.
pub(super) fn compiler(
    source: &Path,
    environment: &Environment,
    configured: Option<&Path>,
    cancel: &Cancel,
) -> Result<Compiler, Error> {
    let chosen = ["RUSTC", "CARGO_BUILD_RUSTC"].iter().find_map(|name| environment.get(name));
    let rustc = match (chosen, configured) {
        (Some(chosen), _) => chosen.to_string_lossy().into_owned(),
        (None, Some(configured)) => configured.to_string_lossy().into_owned(),
        (None, None) => "rustc".to_owned(),
    };
    let version = ask(&rustc, source, environment, &["-vV"], cancel)?;
    let sysroot = ask(&rustc, source, environment, &["--print", "sysroot"], cancel)?;
    let name = first_line(&version);
    Ok(Compiler { name, version, sysroot: PathBuf::from(first_line(&sysroot)) })
}

/// The compiler that variables name.
fn name(environment: &Environment) -> String {
    let rustc = environment.get("RUSTC");
    rustc.map_or("rustc".into(), |rustc| rustc.to_string_lossy().into_owned())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The target that the compiler runs on itself.
pub(super) fn host(
    source: &Path,
    environment: &Environment,
    cancel: &Cancel,
) -> Result<String, Error> {
    let version = ask(&name(environment), source, environment, &["-vV"], cancel)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.unwrap_or_default().to_owned())
}

/// The compiler's answer; it is never empty.
fn ask(
    rustc: &str,
    source: &Path,
    environment: &Environment,
    args: &[&str],
    cancel: &Cancel,
) -> Result<String, Error> {
    let output = environment.command(rustc, source).args(args).output(cancel)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && !text.trim().is_empty() {
        return Ok(text.into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().take(5).map(str::to_owned).collect();
    Err(Error::Toolchain { folder: source.to_owned(), said })
}
