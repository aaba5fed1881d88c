//! The files that git and libgit2 leave when they are killed.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::sys::{fs, processes};

/// Folders of a repository in which hero never locks anything: some are large, and other
/// working trees of the repository are the user's.
const NO_LOCKS: [&str; 3] = ["logs", "hooks", "worktrees"];

/// Every lock in a repository and in those of its submodules.
pub(super) fn locks(git: &Path) -> Vec<PathBuf> {
    let is_lock = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The second is as good as a lock: git does not write over it.
        name.ends_with(".lock") || name == "packed-refs.new"
    };
    files(git, |name| !NO_LOCKS.contains(&name) && !is_fan_out(name), is_lock)
}

/// The locks that keep a fetch or a move from being done; others, of maintenance and the
/// like, are waited for by git itself or do not matter.
pub(super) fn blocking(git: &Path) -> Vec<PathBuf> {
    let matters = |path: &PathBuf| {
        let inner = path.strip_prefix(git).unwrap_or(path);
        !inner.starts_with("objects") && inner != Path::new("gc.pid.lock")
    };
    locks(git).into_iter().filter(matters).collect()
}

/// Every file that was never finished: git gives it its name when it is whole.
pub(super) fn unfinished(git: &Path) -> Vec<PathBuf> {
    let begun = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let in_objects =
            folder == "pack" || folder == "objects" || is_fan_out(&folder.to_string_lossy());
        in_objects && (name.starts_with("tmp_") || name.starts_with("pack_git2_"))
            || name.starts_with(".hero-")
    };
    files(git, |name| !NO_LOCKS.contains(&name), begun)
}

/// The marks that keep packs from being packed anew. A fetch removes its own when the
/// refs have moved; others are the user's.
pub(super) fn keeps(git: &Path) -> Vec<PathBuf> {
    let is_keep = |path: &Path| path.extension().is_some_and(|end| end == "keep");
    files(git, |name| !NO_LOCKS.contains(&name) && !is_fan_out(name), is_keep)
}

/// The files with which git tries, in a new repository, what the disk can do.
pub(super) fn probes(git: &Path) -> Vec<PathBuf> {
    let is_probe = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let random = name.strip_prefix('t').unwrap_or_default();
        random.len() == 6
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !path.is_dir()
    };
    fs::list(git).unwrap_or_default().into_iter().filter(is_probe).collect()
}

/// The files and folders that hero itself was writing; only one hero does at a time.
pub(super) fn scratch(git: &Path) -> Vec<PathBuf> {
    let entries = fs::list(git).unwrap_or_default();
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".hero-")
    };
    entries.into_iter().filter(ours).collect()
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

/// Whether a process is git, or what git starts to transfer; not its store of passwords
/// in memory, which goes on for the user.
pub(super) fn is_git(pid: u32) -> bool {
    let name = processes::name(pid).unwrap_or_default();
    let transfers = name.starts_with("git") || name == "ssh" || name == "index-pack";
    transfers
        && !processes::arguments(pid)
            .iter()
            .any(|word| word.to_string_lossy().contains("credential-cache"))
}
