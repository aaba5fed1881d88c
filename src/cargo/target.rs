//! Which target a service is built for.

use std::path::Path;

use toml::Value;

use super::environment::Environment;
use super::settings::Settings;
use super::{Error, Options, toolchain};
use crate::sys::cancel::Cancel;

/// The variable that chooses the target; it holds one only.
const VARIABLE: &str = "CARGO_BUILD_TARGET";
const KEYS: [&str; 2] = ["build", "target"];

/// Returns the target for cargo's command line; `None` leaves it to cargo. Where the
/// configuration names several, cargo builds each binary for each of them, of which one
/// can be installed: the host's.
///
/// # Errors
/// When the host is not among several, or the wanted one cannot be a target.
pub(super) fn choose(
    options: &Options,
    settings: &Settings,
    environment: &Environment,
    cancel: &Cancel,
) -> Result<Option<String>, Error> {
    if let Some(target) = &options.target {
        check(target)?;
        return Ok(Some(target.clone()));
    }
    let configured = configured(settings, environment);
    if configured.len() < 2 {
        return Ok(None);
    }
    let host = toolchain::host(options.source, environment, cancel)?;
    if configured.contains(&host) {
        return Ok(Some(host));
    }
    Err(Error::SeveralTargets { targets: configured, host })
}

/// The targets that cargo is configured for. Lists in several files are joined.
fn configured(settings: &Settings, environment: &Environment) -> Vec<String> {
    if environment.get(VARIABLE).is_some_and(|value| !value.is_empty()) {
        return Vec::new();
    }
    let mut targets: Vec<String> = Vec::new();
    for (_, value) in settings.values(&KEYS) {
        match value {
            Value::Array(list) => {
                targets.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            // A single one does not join those of files further away.
            _ if targets.is_empty() => return Vec::new(),
            _ => break,
        }
    }
    targets.sort();
    targets.dedup();
    targets
}

/// A triple, or the path of a specification.
fn check(target: &str) -> Result<(), Error> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_file = Path::new(target).extension().is_some_and(|it| it == "json");
    let is_triple = target.bytes().all(is_word) && target.contains('-');
    if !target.starts_with('-') && !target.contains(char::is_control) && (is_triple || is_file) {
        return Ok(());
    }
    Err(Error::BadTarget { target: target.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_triple_or_a_specification() {
        for good in ["x86_64-unknown-linux-musl", "thumbv7em-none-eabi", "targets/own.json"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "musl", "--release", "-x", "a b-c", "x-y\n"] {
            assert!(matches!(check(bad), Err(Error::BadTarget { .. })), "{bad:?}");
        }
    }
}
