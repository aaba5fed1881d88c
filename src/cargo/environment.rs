//! The environment of cargo and of what it starts.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::sys::environment;
use crate::sys::process::Cmd;

/// Variables that a cargo around hero (`cargo run`, `cargo test`) has set for
/// hero, not for what hero starts.
const OUTER: &[&str] = &["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
/// The same, by how they begin.
const OUTER_PREFIXES: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CFG_", "CARGO_FEATURE_"];

/// The environment of every command of a service.
#[derive(Debug)]
pub(super) struct Environment<'a> {
    removed: Vec<OsString>,
    set: &'a BTreeMap<String, String>,
}

impl<'a> Environment<'a> {
    /// hero's own environment without what an outer cargo left, and with what
    /// the description of the service sets.
    pub(super) fn new(set: &'a BTreeMap<String, String>) -> Self {
        let mut removed = leftovers(std::env::vars_os());
        removed.extend(environment::hidden(false));
        Self { removed, set }
    }

    /// A program in a folder.
    pub(super) fn command(&self, program: &str, cwd: &Path) -> Cmd {
        let cmd = self.removed.iter().fold(Cmd::new(program).cwd(cwd), Cmd::env_remove);
        self.set.iter().fold(cmd, |cmd, (name, value)| cmd.env(name, value))
    }

    /// cargo in a folder, with binaries in the service's build directory and all
    /// else in `intermediate`, mostly the same: a shared one that the user has
    /// configured could deliver another service's binary.
    pub(super) fn cargo(&self, cwd: &Path, build_dir: &Path, intermediate: &Path) -> Cmd {
        self.command("cargo", cwd)
            .env("CARGO_TARGET_DIR", absolute(build_dir))
            .env("CARGO_BUILD_BUILD_DIR", absolute(intermediate))
    }

    /// The value that a command sees.
    pub(super) fn get(&self, name: &str) -> Option<OsString> {
        match self.set.get(name) {
            Some(value) => Some(value.into()),
            None if self.removed.iter().any(|removed| removed == name) => None,
            None => std::env::var_os(name),
        }
    }

    /// The names of all variables that a command sees.
    pub(super) fn names(&self) -> impl Iterator<Item = OsString> {
        let inherited = std::env::vars_os().map(|(name, _value)| name);
        inherited.filter(|name| !self.removed.contains(name)).chain(self.set.keys().map(Into::into))
    }
}

/// The path from the root on, also where the working directory is not known.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Which of these variables an outer cargo has left. `CARGO` alone says nothing: users
/// set it too.
fn leftovers(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    let variables: Vec<(OsString, OsString)> = variables.collect();
    let get = |wanted: &str| {
        let found = variables.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.to_string_lossy())
    };
    let depth = get("RUST_RECURSION_COUNT");
    let nested = get("CARGO").is_some() && (depth.is_some() || get("CARGO_MANIFEST_DIR").is_some());
    // The toolchain that rustup chose for the outer cargo would win over the one that
    // the service's own folder asks for. One that the user has exported is for all, but
    // for a cargo in a cargo each looks like that.
    let exported = get("RUSTUP_TOOLCHAIN_SOURCE").is_some_and(|source| source == "env")
        && depth.as_deref() == Some("1");
    let left = |name: &OsStr| {
        let text = name.to_string_lossy();
        OUTER.contains(&text.as_ref())
            || OUTER_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
            || (text.starts_with("RUSTUP_TOOLCHAIN") && !(exported && text == "RUSTUP_TOOLCHAIN"))
    };
    let names = variables.iter().map(|(name, _)| name).filter(|name| nested && left(name));
    names.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these are an outer cargo's: names, or `NAME=value`.
    fn left(variables: &[&str]) -> Vec<OsString> {
        let pairs = variables.iter().map(|text| text.split_once('=').unwrap_or((text, "x")));
        leftovers(pairs.map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn what_an_outer_cargo_set_is_removed_and_the_users_own_stays() {
        let names = ["HOME", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTFLAGS", "RUSTUP_HOME"];
        assert!(left(&names).is_empty());
        assert!(left(&["RUSTUP_TOOLCHAIN", "CARGO_HOME"]).is_empty());
        let outer = ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN"];
        assert_eq!(left(&[&names[..], &outer[..]].concat()), outer);
    }

    #[test]
    fn a_toolchain_that_the_user_has_exported_stays() {
        // A makefile's variable, and `rustup run`.
        assert!(left(&["CARGO=cargo", "RUSTUP_TOOLCHAIN=nightly"]).is_empty());
        assert!(left(&["RUST_RECURSION_COUNT=1", "RUSTUP_TOOLCHAIN=nightly"]).is_empty());
        // A subcommand of cargo's, such as `cargo xtask`, has no manifest.
        let subcommand = |source: &str, depth: &str| {
            let source = format!("RUSTUP_TOOLCHAIN_SOURCE={source}");
            let depth = format!("RUST_RECURSION_COUNT={depth}");
            left(&["CARGO=/c", "RUSTUP_TOOLCHAIN=nightly", &source, &depth])
        };
        let all = ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_TOOLCHAIN_SOURCE"];
        assert_eq!(subcommand("default", "1"), all);
        assert_eq!(subcommand("cli", "1"), all);
        assert_eq!(subcommand("env", "1"), ["CARGO", "RUSTUP_TOOLCHAIN_SOURCE"]);
        // The inner of two takes what rustup told it for the user's word.
        assert_eq!(subcommand("env", "2"), all);
    }
}
