//! What hero finds on this machine: folders, disks, PATH, its configuration.

use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use super::config::Config;
use super::dirs::Dirs;
use super::disk::{bytes, existing, file_system, forbids_programs, free, measure};
use super::finding::Finding;
use super::fs;
use crate::error::Diagnostic;

/// Builds fail for want of space soon after.
const LITTLE: u64 = 5 << 30;
/// How long the build directories may be measured.
const MEASURING: Duration = Duration::from_millis(50);

/// How many compilers run at once.
pub(crate) fn jobs(config: &Config, dirs: &Dirs) -> Finding {
    let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let configured = config.build.jobs.and_then(|jobs| usize::try_from(jobs).ok());
    let (count, why) = configured.map_or_else(
        || (processors(), "the processors; --jobs N for another number".to_owned()),
        |jobs| (jobs.max(1), format!("`jobs` in {}", dirs.display(&dirs.config))),
    );
    let compilers = if count == 1 { "compiler" } else { "compilers" };
    Finding::ok("jobs", format!("{count} {compilers} at once ({why})"))
}

/// The user's folders and the file systems below them.
pub(crate) fn folders(dirs: &Dirs) -> Vec<Finding> {
    let root = dirs.root(false);
    let folders = [
        ("links", &root.bin),
        ("store", &root.store),
        ("checkouts", &dirs.src),
        ("builds", &dirs.build),
    ]
    .map(|(what, path)| (what, path.as_path()));
    let mut findings: Vec<Finding> =
        folders.iter().map(|(what, path)| folder(what, path, dirs)).collect();
    findings.insert(1, on_path(&root.bin, dirs));
    findings.extend(space(&folders, dirs));
    findings.push(copying(&root.store, &dirs.build));
    findings
}

/// The configuration file, which is used.
pub(crate) fn configuration(dirs: &Dirs) -> Finding {
    let path = dirs.display(&dirs.config);
    let none = if fs::exists(&dirs.config) { "" } else { "none, which is fine: " };
    Finding::ok("config", format!("{none}{path}"))
}

fn folder(what: &str, path: &Path, dirs: &Dirs) -> Finding {
    let shown = dirs.display(path);
    let above = path.ancestors().find(|path| fs::exists(path));
    if let Some(file) = above.filter(|above| !above.is_dir()) {
        let file = dirs.display(file);
        let detail = format!("{shown} cannot be used: {file} is not a folder");
        return Finding::problem(what, detail, format!("move it away: mv {file} {file}.old"));
    }
    if let Err(error) = fs::check_writable(path) {
        let hint = error
            .hint()
            .unwrap_or_else(|| format!("look at it: ls -ld {}", dirs.display(existing(path))));
        return Finding::problem(what, format!("not writable: {error}"), hint);
    }
    if path.to_str().is_none() {
        let detail = format!("{shown} is not UTF-8, which cargo wants");
        return Finding::problem(what, detail, "set HERO_HOME to a folder with another path");
    }
    let has_programs = path == dirs.build || path == dirs.root(false).store;
    if has_programs && forbids_programs(path) {
        let detail = format!("{shown} lies on a file system that runs no programs (`noexec`)");
        let hint = format!(
            "set HERO_HOME to a folder elsewhere, or as root: mount -o remount,exec \"$(findmnt -no TARGET -T {})\"",
            dirs.display(existing(path))
        );
        return Finding::problem(what, detail, hint);
    }
    if !path.is_dir() {
        return Finding::ok(what, format!("{shown} (writable; not there yet)"));
    }
    if path != dirs.build {
        return Finding::ok(what, format!("{shown} (writable)"));
    }
    let (size, whole) = measure(path, MEASURING);
    let more = if whole { "" } else { "more than " };
    Finding::ok(what, format!("{shown} (writable; {more}{})", bytes(size)))
}

/// Whether a shell finds what is installed.
fn on_path(bin: &Path, dirs: &Dirs) -> Finding {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let wanted = real(bin);
    let shown = dirs.display(bin);
    if std::env::split_paths(&path).any(|folder| folder == bin || real(&folder) == wanted) {
        return Finding::ok("PATH", format!("{shown} is on it"));
    }
    let line = export(bin, dirs);
    Finding::warning(
        "PATH",
        format!("{shown} is not on it: a shell does not find what is installed"),
        format!("put this into your shell's profile: {line}"),
    )
}

/// The line that puts a folder first on PATH.
pub(crate) fn export(folder: &Path, dirs: &Dirs) -> String {
    let folder = match folder.strip_prefix(&dirs.home) {
        Ok(rest) => format!("$HOME/{}", rest.display()),
        Err(_) => folder.display().to_string(),
    };
    format!("export PATH=\"{folder}:$PATH\"")
}

/// One line a file system.
fn space(folders: &[(&str, &Path)], dirs: &Dirs) -> Vec<Finding> {
    let mut systems: Vec<(u64, Vec<&str>, &Path)> = Vec::new();
    for (what, path) in folders {
        let Ok(id) = file_system(path) else { continue };
        match systems.iter_mut().find(|(other, ..)| *other == id) {
            Some((_, users, _)) => users.push(what),
            None => systems.push((id, vec![what], path)),
        }
    }
    let line = |(_, users, path): (u64, Vec<&str>, &Path)| match free(path) {
        Ok(free) => enough(free, &users.join(", ")),
        Err(error) => Finding::warning(
            "space",
            error.to_string(),
            format!("ask the system: df -h {}", dirs.display(existing(path))),
        ),
    };
    systems.into_iter().map(line).collect()
}

fn enough(free: u64, users: &str) -> Finding {
    let detail = format!("{} free for {users}", bytes(free));
    if free >= LITTLE {
        return Finding::ok("space", detail);
    }
    let hint = "see what debug builds take and what would go: hero run clear_debug_bins --dry-run";
    Finding::warning("space", detail, hint)
}

/// What an install costs.
fn copying(store: &Path, build: &Path) -> Finding {
    let same = matches!(
        (file_system(store), file_system(build)),
        (Ok(store), Ok(build)) if store == build
    );
    Finding::ok(
        "copying",
        if same {
            "builds and store are on one file system: the system copies, by reflink if it can"
        } else {
            "builds and store are on two file systems: each install copies every byte"
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::FindingKind;
    use super::*;

    #[test]
    fn little_space_is_a_warning() {
        let scarce = enough(LITTLE - 1, "store");
        assert_eq!(scarce.kind, FindingKind::Warning);
        assert!(scarce.hint.unwrap().contains("clear_debug_bins"));
        assert_eq!(
            enough(LITTLE, "store, builds"),
            Finding::ok("space", "5 GiB free for store, builds")
        );
    }
}
