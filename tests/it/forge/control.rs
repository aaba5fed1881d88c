//! git beside hero: the same repository, HOME, environment and configuration.

use std::path::Path;
use std::process::Command;

use super::case::Git;
use super::run::{Said, run};
use super::scene::Scene;

/// Does with git what the scene's script has hero do.
pub fn git(scene: &Scene) -> (Git, String) {
    let steps = scene.control.clone().unwrap_or_else(|| usual(scene));
    let mut outcome = (Git::Works, String::new());
    for step in steps {
        let said = run(scene, "git", &step, scene.git_limit, &[("GIT_TERMINAL_PROMPT", "0")]);
        if said.exit != Some(0) {
            outcome = (if said.hung { Git::Hangs } else { Git::Fails }, last_lines(&said));
            break;
        }
    }
    if outcome.0 == Git::Works {
        outcome = result(scene);
    }
    outcome
}

/// Removes the clone of git, so that no secret in it is laid at hero's door.
pub fn remove(scene: &Scene) {
    let _absent = std::fs::remove_dir_all(scene.world.work("control"));
}

/// The changed files of a checkout.
pub fn status(checkout: &Path) -> String {
    plain(checkout, &["status", "--porcelain"]).unwrap_or_else(|| "no repository".into())
}

/// The commit that is checked out.
pub fn head(checkout: &Path) -> Option<String> {
    plain(checkout, &["rev-parse", "--verify", "--quiet", "HEAD"])
}

/// The commands for a first fetch: a clone, or, for what `clone` cannot name,
/// a fetch into an empty repository.
fn usual(scene: &Scene) -> Vec<Vec<String>> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let option = |name: &str| {
        let found = scene.options.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim_matches('"').to_owned())
    };
    if scene.world.work("control").exists() {
        return vec![
            words("-C control fetch --quiet --prune"),
            words("-C control merge --quiet --ff-only @{upstream}"),
        ];
    }
    if let Some(reference) = option("ref").or_else(|| option("commit")) {
        let mut fetch = words("-C control fetch --quiet");
        fetch.extend([scene.address.clone(), reference]);
        let checkout = words("-C control checkout --quiet --detach FETCH_HEAD");
        return vec![words("init --quiet control"), fetch, checkout];
    }
    let mut clone = words("clone --quiet");
    if let Some(name) = option("branch").or_else(|| option("tag")) {
        clone.extend(["--branch".into(), name]);
    }
    if option("submodules").is_some() {
        clone.push("--recurse-submodules".into());
    }
    clone.extend([scene.address.clone(), "control".into()]);
    vec![clone]
}

fn result(scene: &Scene) -> (Git, String) {
    match (head(&scene.world.work("control")), &scene.expected) {
        (None, _) => (Git::Nothing, "no commit".into()),
        (Some(found), Some(wanted)) if found != *wanted => {
            (Git::Fails, format!("HEAD is {found}, not {wanted}"))
        }
        _ => (Git::Works, String::new()),
    }
}

fn plain(checkout: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(checkout).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git starts");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success()).then_some(text)
}

fn last_lines(said: &Said) -> String {
    let lines: Vec<_> = said.text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
