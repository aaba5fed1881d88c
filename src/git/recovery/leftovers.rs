//! The files that git and libgit2 leave when they are killed.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::sys::{fs, processes};

/// Folders of a repository in which nothing is ever locked; they may be large.
const NO_LOCKS: [&str; 2] = ["logs", "hooks"];

/// Every lock in a repository and in those of its submodules.
pub(super) fn locks(git: &Path) -> Vec<PathBuf> {
    let is_lock = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The second is as good as a lock: git does not write over it.
        name.ends_with(".lock") || name == "packed-refs.new" || name == "gc.pid"
    };
    files(git, |name| !NO_LOCKS.contains(&name) && !is_fan_out(name), is_lock)
}

/// Every file that was never finished: git gives it its name when it is whole.
pub(super) fn unfinished(git: &Path) -> Vec<PathBuf> {
    let begun = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let in_objects = folder == "pack" || is_fan_out(&folder.to_string_lossy());
        in_objects && (name.starts_with("tmp_") || name.starts_with("pack_git2_"))
            || name.starts_with(".hero-")
            || (name.ends_with(".keep") && is_of_a_fetch(path))
    };
    files(git, |name| !NO_LOCKS.contains(&name), begun)
}

/// Whether a pack is kept only until its fetch has moved the refs; a user keeps
/// packs too.
fn is_of_a_fetch(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.starts_with("fetch-pack "))
}

/// One of the 256 folders of loose objects.
fn is_fan_out(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn files(git: &Path, enter: impl Fn(&str) -> bool, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let walk = WalkDir::new(git).into_iter().filter_entry(|entry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || enter(&entry.file_name().to_string_lossy())
    });
    walk.filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir() && wanted(entry.path()))
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Whether a process is git's store of passwords in memory, which goes on when the
/// git that started it has ended.
pub(super) fn is_credential_daemon(pid: u32) -> bool {
    processes::arguments(pid).iter().any(|word| word.to_string_lossy().contains("credential-cache"))
}
