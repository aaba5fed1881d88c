//! Dependencies in git repositories are fetched before the build, by git's own program
//! and with hero's tokens at hand. The build itself has no way to ask for a token.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::environment::Environment;
use super::metadata::Workspace;
use super::settings::Settings;
use super::{Error, Options};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::process::Cmd;
use crate::sys::text::hex;
use crate::sys::{fs, process, redact};

/// The record of the dependencies that were fetched, in the build directory.
const FETCHED: &str = "hero-fetched";

/// Fetches the dependencies that come from git repositories, unless they are here and
/// not resolved `anew`.
pub(super) fn fetch(
    options: &Options,
    workspace: &Workspace,
    settings: &Settings,
    environment: &Environment,
    (locked, anew): (bool, bool),
    (reporter, cancel): (&dyn Reporter, &Cancel),
) -> Result<(), Error> {
    let Some(git) = options.git.filter(|_| !options.offline) else { return Ok(()) };
    let sources = sources(workspace);
    let home = home(environment);
    if sources.is_empty() || (!anew && is_here(options, &sources, home.as_deref())) {
        return Ok(());
    }
    // A fetch that fails may leave folders that look like those of one that did not.
    fs::remove_file(&options.build_dir.join(FETCHED))?;
    let urls: Vec<String> = sources.iter().map(|source| address(source).to_owned()).collect();
    let message =
        format!("fetching dependencies of `{}` from {}", options.service, urls.join(", "));
    reporter.report(Event::Log { level: LogLevel::Verbose, message: redact::redact(&message) });
    let cmd = command(options, settings, environment, locked);
    let failed = |said: Vec<String>, status: String| Error::Dependencies {
        service: options.service.to_string(),
        status,
        said,
    };
    let (cmd, _lent) =
        git.lend(cmd, &urls).map_err(|why| failed(vec![why], "not started".to_owned()))?;
    let output = cmd.output(cancel)?;
    if !output.status.success() && has_own_settings(options) && !asks_for_login(&output.stderr) {
        // The repository has settings that this fetch does not know: the build decides.
        tracing::debug!(service = %options.service, "dependencies are left to the build");
        return Ok(());
    }
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
        let said = lines.map(redact::redact).collect();
        return Err(failed(said, format!("cargo {}", output.status)));
    }
    fs::write(&options.build_dir.join(FETCHED), digest(&sources).as_bytes())?;
    Ok(())
}

/// Whether the checkout has a configuration or a toolchain of its own.
fn has_own_settings(options: &Options) -> bool {
    let names = [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"];
    let folders = options.source.ancestors().take_while(|it| it.starts_with(options.checkout));
    folders.into_iter().any(|folder| names.iter().any(|name| fs::exists(&folder.join(name))))
}

fn asks_for_login(stderr: &[u8]) -> bool {
    let text = String::from_utf8_lossy(stderr);
    ["could not read Username", "Authentication failed", "failed to authenticate"]
        .iter()
        .any(|words| text.contains(words))
}

/// `cargo fetch` from outside of the checkout, so that nothing of the repository's runs
/// while tokens can be asked for: its configuration may name credential providers, and
/// its toolchain file a folder with programs.
fn command(options: &Options, settings: &Settings, environment: &Environment, locked: bool) -> Cmd {
    let source = fs::canonicalize(options.source).unwrap_or_else(|_| options.source.to_owned());
    let manifest = source.join("Cargo.toml");
    let rustc = environment.get("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut cmd = environment
        .command("cargo", Path::new("/"))
        .keep_git_settings()
        .session()
        .silence(process::silence_limit())
        .env("RUSTC", rustc)
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GCM_INTERACTIVE", "never")
        .env("CARGO_TERM_COLOR", "never")
        .arg("fetch")
        .arg("--manifest-path")
        .arg(manifest);
    // The repository's own settings do not hold outside of it.
    let checkout = fs::canonicalize(options.checkout).unwrap_or_else(|_| options.checkout.into());
    let is_set = |key: &str| {
        let keys = ["net", key];
        settings.values(&keys).any(|(file, _)| !file.starts_with(&checkout))
    };
    let chosen =
        is_set("git-fetch-with-cli") || environment.get("CARGO_NET_GIT_FETCH_WITH_CLI").is_some();
    if !chosen {
        cmd = cmd.env("CARGO_NET_GIT_FETCH_WITH_CLI", "true");
    }
    let retries = is_set("retry") || environment.get("CARGO_NET_RETRY").is_some();
    if !retries {
        // cargo takes a refused login for a fault of the network.
        cmd = cmd.env("CARGO_NET_RETRY", "1");
    }
    if locked { cmd.arg("--locked") } else { cmd }
}

/// The sources in git repositories: of the lockfile, or where there is none of the
/// manifests.
fn sources(workspace: &Workspace) -> BTreeSet<String> {
    let lockfile = fs::read_to_string(&workspace.root.join("Cargo.lock")).ok();
    match lockfile.and_then(|text| text.parse::<toml::Table>().ok()) {
        Some(table) => Some(locked_sources(&table)).filter(|sources| !sources.is_empty()),
        None => None,
    }
    // Of a lockfile that they were taken out of, too.
    .unwrap_or_else(|| workspace.git_sources.clone())
}

fn locked_sources(lockfile: &toml::Table) -> BTreeSet<String> {
    let packages = lockfile.get("package").and_then(toml::Value::as_array);
    packages
        .into_iter()
        .flatten()
        .filter_map(|package| package.get("source")?.as_str())
        .filter(|source| source.starts_with("git+"))
        .map(str::to_owned)
        .collect()
}

/// The address in `git+https://host/a?branch=main#0123…`.
fn address(source: &str) -> &str {
    let address = source.strip_prefix("git+").unwrap_or(source);
    address.split(['?', '#']).next().unwrap_or(address)
}

/// Whether they were fetched before, and cargo still has them.
fn is_here(options: &Options, sources: &BTreeSet<String>, home: Option<&Path>) -> bool {
    let recorded = fs::read_to_string(&options.build_dir.join(FETCHED)).unwrap_or_default();
    if recorded != digest(sources) {
        return false;
    }
    let Some(home) = home else { return true };
    let there = fs::list(&home.join("git/db")).unwrap_or_default();
    let names: Vec<String> = there
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    // cargo's folders are called after the last part of the address.
    sources.iter().all(|source| {
        let last =
            address(source).trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        let prefix = format!("{}-", last.strip_suffix(".git").unwrap_or(last));
        names.iter().any(|name| name.starts_with(&prefix))
    })
}

fn home(environment: &Environment) -> Option<PathBuf> {
    let set = environment.get("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn digest(sources: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update(source.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_in_git_are_read_from_a_lockfile() {
        let text = "version = 4\n[[package]]\nname = 'a'\nversion = '1.0.0'\n\
                    source = 'git+https://h:8443/o/a.git?branch=main#0123'\n\
                    [[package]]\nname = 'b'\nversion = '1.0.0'\n\
                    source = 'registry+https://github.com/rust-lang/crates.io-index'\n\
                    [[package]]\nname = 'c'\nversion = '1.0.0'\n";
        let sources = locked_sources(&text.parse().unwrap());
        let addresses: Vec<&str> = sources.iter().map(|source| address(source)).collect();
        assert_eq!(addresses, ["https://h:8443/o/a.git"]);
    }
}
