//! What a build of a clean checkout depends on beside its commit, as one
//! hash: found in milliseconds, without starting cargo or rustc. Two builds of
//! one commit with the same key would deliver the same binaries.

use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::lockfile::lockfile;
use super::manifest::paths;
use super::{Options, refresh};
use crate::sys::fs;

/// Bumped when what goes into the key changes.
const FORMAT: u32 = 1;

/// Beginnings of the names of variables that cargo, rustc and the usual build
/// scripts for C honour. Those that cargo sets for its children are not among
/// them.
const VARIABLES: &[&str] = &[
    "AR",
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_HOME",
    "CARGO_INCREMENTAL",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "CC",
    "CFLAGS",
    "CPATH",
    "CXX",
    "CXXFLAGS",
    "HOST_",
    "LDFLAGS",
    "LIBRARY_PATH",
    "MACOSX_DEPLOYMENT_TARGET",
    "PKG_CONFIG",
    "RUSTC",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_",
    "SDKROOT",
    "SOURCE_DATE_EPOCH",
    "TARGET_",
];

/// Folders that hold no sources of the checkout.
const SKIPPED: &[&str] = &[".git", "target", "node_modules"];

/// The key of a build, `None` when it depends on more than can be seen: a
/// path dependency that leads out of the checkout, or dependencies that are to be
/// resolved anew.
pub fn key(options: &Options) -> Option<String> {
    if leads_out(options.checkout) || refresh::applies(options) {
        return None;
    }
    let inputs = json!({
        "format": FORMAT,
        "dir": options.source.strip_prefix(options.checkout).ok(),
        "profile": options.profile,
        "target": options.target,
        "bins": options.bins,
        "package": options.package,
        "features": options.canonical_features(),
        "locked": options.locked,
        "env": options.env,
        "full_debuginfo": options.full_debuginfo,
        "lockfile": lockfile(options.source, options.checkout),
        "variables": variables(),
        "files": files(options.source),
        "toolchains": toolchains(),
    });
    Some(hash(inputs.to_string().as_bytes()))
}

fn hash(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn variables() -> Vec<(String, String)> {
    // `cargo run` and `cargo test` set these for hero itself.
    let own = |name: &str| name == "CARGO_TARGET_TMPDIR" || name == "RUSTUP_TOOLCHAIN_SOURCE";
    let mut found: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .filter(|(name, _)| VARIABLES.iter().any(|start| name.starts_with(start)) && !own(name))
        .collect();
    found.sort();
    found
}

/// The hashes of configurations that lie around the sources: cargo's and
/// rustup's.
fn files(source: &Path) -> Vec<(PathBuf, String)> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    for folder in source.ancestors() {
        for name in [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"]
        {
            candidates.push(folder.join(name));
        }
    }
    candidates.extend(home("CARGO_HOME", ".cargo").map(|home| home.join("config.toml")));
    candidates.extend(rustup().map(|home| home.join("settings.toml")));
    candidates
        .into_iter()
        .filter_map(|path| fs::read(&path).ok().map(|content| (path, hash(&content))))
        .collect()
}

/// Which compilers there are: path, size and time of each `rustc`. An update
/// of any changes the key; cargo then finds out whether it matters.
fn toolchains() -> Vec<(PathBuf, u64, u128)> {
    let mut compilers: Vec<PathBuf> = Vec::new();
    if let Some(rustup) = rustup() {
        let folders = fs::list(&rustup.join("toolchains")).unwrap_or_default();
        compilers.extend(folders.into_iter().map(|folder| folder.join("bin/rustc")));
    }
    compilers.extend(crate::sys::process::which("rustc"));
    compilers.extend(crate::sys::process::which("cargo"));
    compilers
        .into_iter()
        .filter_map(|path| {
            let data = fs::metadata(&path).ok()?;
            let time = data.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some((path, data.len(), time.as_nanos()))
        })
        .collect()
}

fn rustup() -> Option<PathBuf> {
    home("RUSTUP_HOME", ".rustup")
}

fn home(variable: &str, folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(folder)))
}

/// Whether a manifest of the checkout names a path outside it.
fn leads_out(checkout: &Path) -> bool {
    let Ok(root) = fs::canonicalize(checkout) else { return true };
    walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_entry(|entry| !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "Cargo.toml")
        .any(|entry| {
            let manifest: toml::Table = match fs::read_to_string(entry.path()) {
                Ok(text) => text.parse().unwrap_or_default(),
                Err(_) => return true,
            };
            paths(&manifest).iter().any(|path| {
                let target = fs::canonicalize(&fs::parent(entry.path()).join(path));
                target.is_ok_and(|target| !target.starts_with(&root))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Profile;
    use crate::sys::name::Name;

    fn checkout() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(&dir.path().join("a/Cargo.toml"), b"[package]\nname = \"a\"\n").unwrap();
        dir
    }

    fn key_of(dir: &Path, change: impl FnOnce(&mut Options)) -> Option<String> {
        let name = Name::new("service", "a").unwrap();
        let source = dir.join("a");
        let mut options = Options::new(&name, &source, dir, dir, dir);
        change(&mut options);
        key(&options)
    }

    #[test]
    fn the_same_again_has_the_same_key() {
        let dir = checkout();
        assert_eq!(key_of(dir.path(), |_| ()), key_of(dir.path(), |_| ()));
    }

    #[test]
    fn whatever_changes_the_build_changes_the_key() {
        let dir = checkout();
        let plain = key_of(dir.path(), |_| ());
        let mut keys = vec![
            plain,
            key_of(dir.path(), |options| options.profile = Profile::Debug),
            key_of(dir.path(), |options| options.target = Some("x".into())),
            key_of(dir.path(), |options| options.bins = vec!["a".into()]),
            key_of(dir.path(), |options| options.features = vec!["tls".into()]),
            key_of(dir.path(), |options| options.all_features = true),
            key_of(dir.path(), |options| options.no_default_features = true),
            key_of(dir.path(), |options| options.full_debuginfo = true),
            key_of(dir.path(), |options| options.locked = Some(false)),
            key_of(dir.path(), |options| drop(options.env.insert("A".into(), "b".into()))),
        ];
        for (file, content) in [
            ("a/rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n"),
            ("a/.cargo/config.toml", "[build]\nrustflags = []\n"),
            (".cargo/config.toml", "[build]\n"),
            ("a/Cargo.lock", "version = 4\n"),
        ] {
            fs::write(&dir.path().join(file), content.as_bytes()).unwrap();
            keys.push(key_of(dir.path(), |_| ()));
        }
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "all differ");
    }

    #[test]
    fn a_path_that_leads_out_cannot_be_judged() {
        let dir = checkout();
        let inner = dir.path().join("inner");
        fs::write(&dir.path().join("b/Cargo.toml"), b"").unwrap();
        fs::write(&inner.join("a/Cargo.toml"), b"[dependencies]\nb = { path = \"../b\" }\n")
            .unwrap();
        fs::write(&inner.join("b/Cargo.toml"), b"").unwrap();
        assert!(key_of(&inner, |_| ()).is_some(), "inside");
        fs::write(&inner.join("a/Cargo.toml"), b"[dependencies]\nb = { path = \"../../b\" }\n")
            .unwrap();
        assert!(key_of(&inner, |_| ()).is_none(), "outside");
    }
}
