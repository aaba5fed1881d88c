//! Judges a checkout after a command that succeeded.

use std::path::Path;
use std::process::{Command, Output};

use super::expected::Expected;
use super::mine;
use super::support::{World, both};
use super::tree;

/// Returns everything that is wrong.
pub fn faults(world: &World, expected: &Expected) -> Vec<String> {
    let mut faults = wrong_state(world, expected);
    faults.extend(damage(world, expected));
    faults.extend(leftovers(world));
    faults.extend(mine::lost(world, &expected.mine));
    faults
}

/// Returns how the commit, the branch, the edits and the files differ from what
/// they should be.
pub fn wrong_state(world: &World, expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let status = ["status", "--porcelain=v2", "--branch", "--untracked-files=all"];
    let output = git(world, "", &status);
    if !output.status.success() {
        return vec![format!("git status: {}", short(&output))];
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut edits = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next_back()) {
            (Some("#"), Some("branch.oid"), Some(commit)) if commit != expected.commit => {
                faults.push(format!("commit {commit} instead of {}", expected.commit));
            }
            (Some("#"), Some("branch.head"), Some(branch)) => {
                let wanted = expected.branch.unwrap_or("(detached)");
                if branch != wanted {
                    faults.push(format!("on {branch} instead of {wanted}"));
                }
            }
            (Some("?"), Some(path), None) => edits.push(format!("? {path}")),
            (Some("1" | "2" | "u"), Some(how), Some(path)) => edits.push(format!("{how} {path}")),
            _ => {}
        }
    }
    if edits != expected.status {
        faults.push(format!("git status says {edits:?} instead of {:?}", expected.status));
    }
    let checkout = world.checkout("svc").path;
    for (path, text) in &expected.files {
        match std::fs::read(checkout.join(path)) {
            Ok(content) if content == text.as_bytes() => {}
            Ok(_) => faults.push(format!("{path} has the wrong content")),
            Err(error) => faults.push(format!("{path}: {error}")),
        }
    }
    let origin = git(world, "", &["config", "remote.origin.url"]);
    let origin = String::from_utf8_lossy(&origin.stdout).trim().to_owned();
    if origin != expected.origin {
        faults.push(format!("the origin is {origin} instead of {}", expected.origin));
    }
    faults
}

/// Returns the errors of `git fsck` in the repository and in its submodules.
fn damage(world: &World, expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    for path in [""].iter().chain(&expected.submodules) {
        let output = git(world, path, &["fsck", "--no-dangling", "--no-progress"]);
        if !output.status.success() || both(&output).contains("error") {
            faults.push(format!("git fsck {path}: {}", short(&output)));
        }
    }
    faults
}

/// Returns the locks, temporary files and records that a killed process left.
pub fn leftovers(world: &World) -> Vec<String> {
    let src = world.home(".local/share/hero/src");
    let mut faults = Vec::new();
    for path in tree::paths(&src) {
        let inner = path.strip_prefix(&src).expect("it is below");
        let is_git_s = inner.components().any(|part| part.as_os_str() == ".git");
        let is_beside = inner.components().count() == 1 && inner != Path::new("svc");
        if is_beside || (is_git_s && is_leftover(&tree::name(&path))) {
            faults.push(format!("left over: {}", anonymous(&inner.display().to_string())));
        }
    }
    faults
}

/// Whether a file of this name in a git folder is a leftover.
fn is_leftover(name: &str) -> bool {
    let is = |end: &str| Path::new(name).extension().is_some_and(|it| it == end);
    let parts = ["tmp_", "pack_git2_", ".hero-", "hero-moving.json"];
    let is_probe = name.len() == 7
        && name.starts_with('t')
        && name.chars().any(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    parts.iter().any(|part| name.starts_with(part))
        || is("lock")
        || name == "packed-refs.new"
        || (name.starts_with("pack-") && is("keep"))
        || is_probe
}

/// Returns a path without hashes and made-up names.
fn anonymous(path: &str) -> String {
    let hash = |word: &str| word.len() >= 38 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let mut text = String::new();
    for piece in path.split_inclusive(['/', '-', '.', '_']) {
        let word = piece.trim_end_matches(['/', '-', '.', '_']);
        text.push_str(&if hash(word) { piece.replace(word, "HASH") } else { piece.to_owned() });
    }
    for mark in ["tmp_pack_", "tmp_idx_", "tmp_rev_", "tmp_object_git2_", ".hero-", ".svc.tmp-"] {
        if let Some((before, after)) = text.split_once(mark) {
            let rest = after.trim_start_matches(|it: char| it.is_ascii_alphanumeric());
            text = format!("{before}{mark}??????{rest}");
        }
    }
    text
}

/// Runs the real git in a folder of the checkout; it writes nothing.
fn git(world: &World, path: &str, arguments: &[&str]) -> Output {
    let folder = world.checkout("svc").path.join(path);
    let mut command = Command::new("git");
    world.environment(&mut command);
    // Else git would take a repository above.
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().expect("a parent"));
    command.arg("-C").arg(folder).arg("--no-optional-locks").args(arguments);
    command.output().expect("git starts")
}

/// Returns the output of a command on one line.
pub fn short(output: &Output) -> String {
    both(output).trim().chars().take(300).collect::<String>().replace('\n', " | ")
}
