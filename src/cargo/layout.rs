//! Which folders of a build directory belong to which profile. cargo documents this
//! much of its layout: `<profile>/`, and `<target>/<profile>/` where a target is
//! named. What lies inside is cargo's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Profile;
use crate::sys::fs;

/// One of them is in each folder of a profile, and in no folder of a target: no
/// profile can be called `build` or `deps`.
const MARKS: [&str; 7] = [
    ".cargo-lock",
    ".cargo-build-lock",
    ".cargo-artifact-lock",
    ".fingerprint",
    "deps",
    "build",
    "incremental",
];
/// Folders of other purposes.
const OTHERS: [&str; 3] = ["doc", "package", "tmp"];
/// What cargo writes into the folders that it makes.
pub(super) const CACHE_TAG: &str = "CACHEDIR.TAG";

impl Profile {
    /// The name of the folders that cargo builds this profile in.
    pub(crate) fn folder(&self) -> &str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
            // Profiles of cargo's that share the folder of another.
            Self::Other(name) if name == "test" => "debug",
            Self::Other(name) if name == "bench" => "release",
            Self::Other(name) => name,
        }
    }
}

/// The folders of one profile in a build directory: its own, and one for each
/// target.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn folders_of(build_dir: &Path, folder: &str) -> fs::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    // By its name alone: an interrupted removal may have left any part of it.
    let own = build_dir.join(folder);
    if !OTHERS.contains(&folder) && is_folder(&own) {
        found.push(own);
    }
    for target in targets(build_dir)? {
        let inner = target.join(folder);
        if is_folder(&inner) && (is_profile(&inner) || fs::exists(&target.join(CACHE_TAG))) {
            found.push(inner);
        }
    }
    Ok(found)
}

/// All profiles of a build directory by the names of their folders.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn profiles(build_dir: &Path) -> fs::Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut names = Vec::new();
    for folder in std::iter::once(build_dir.to_owned()).chain(targets(build_dir)?) {
        names.extend(fs::list(&folder)?.iter().filter(|path| is_profile(path)).map(|it| name(it)));
    }
    names.sort();
    names.dedup();
    let folders = |name: String| folders_of(build_dir, &name).map(|folders| (name, folders));
    names.into_iter().map(folders).collect()
}

/// The folders of targets: they hold folders of profiles and are none.
fn targets(build_dir: &Path) -> fs::Result<Vec<PathBuf>> {
    let mut folders = fs::list(build_dir)?;
    folders.retain(|path| {
        let name = name(path);
        is_folder(path)
            && !name.starts_with('.')
            && !OTHERS.contains(&name.as_str())
            && !is_profile(path)
            // What is left of the folder of a profile is no target.
            && !["debug", "release"].contains(&name.as_str())
    });
    Ok(folders)
}

fn is_profile(path: &Path) -> bool {
    is_folder(path) && MARKS.iter().any(|mark| fs::exists(&path.join(mark)))
}

/// A link is the user's own arrangement, and leads who knows where.
fn is_folder(path: &Path) -> bool {
    fs::kind(path).is_ok_and(|kind| kind.is_some_and(|kind| kind.is_dir()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(dir: &Path, folder: &str) -> Vec<String> {
        let strip = |path: PathBuf| path.strip_prefix(dir).unwrap().display().to_string();
        folders_of(dir, folder).unwrap().into_iter().map(strip).collect()
    }

    #[test]
    fn folders_of_profiles_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for path in [
            "debug/.cargo-lock",
            "debug/deps/app",
            "release/.fingerprint/x",
            // A binary with a folder of debug information beside it, called `debug`.
            "release/debug/Contents",
            "x86_64-unknown-linux-musl/CACHEDIR.TAG",
            "x86_64-unknown-linux-musl/debug/deps/app",
            "x86_64-unknown-linux-musl/release/deps/app",
            "my-own-target/dist-2/incremental/x",
            "dist-2/build/x",
            "tmp/debug/deps/mine",
            "doc/debug/index.html",
            "package/debug/deps/x",
            ".hidden/debug/deps/x",
            "notes/debug/text",
            "hero.json",
        ] {
            fs::write(&root.join(path), b"").unwrap();
        }
        fs::symlink(&root.join("debug"), &root.join("linked")).unwrap();
        assert_eq!(found(root, "debug"), ["debug", "x86_64-unknown-linux-musl/debug"]);
        assert_eq!(found(root, "release"), ["release", "x86_64-unknown-linux-musl/release"]);
        assert_eq!(found(root, "dist-2"), ["dist-2", "my-own-target/dist-2"]);
        assert_eq!(found(root, "none"), [""; 0]);
        for other in ["tmp", "doc", "package", "linked"] {
            assert_eq!(found(root, other), [""; 0], "{other}");
        }
        let all: Vec<_> = profiles(root).unwrap().into_keys().collect();
        assert_eq!(all, ["debug", "dist-2", "release"]);
        assert_eq!(profiles(&root.join("none")).unwrap().len(), 0);
    }

    #[test]
    fn profiles_of_cargo_that_share_a_folder() {
        for (profile, folder) in [
            ("dev", "debug"),
            ("debug", "debug"),
            ("test", "debug"),
            ("release", "release"),
            ("bench", "release"),
            ("dist", "dist"),
        ] {
            assert_eq!(Profile::parse(profile).unwrap().folder(), folder);
        }
    }
}
