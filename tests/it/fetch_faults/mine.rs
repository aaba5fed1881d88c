//! The user's files and commits, and a check that none of them is lost.

use std::process::Command;

use super::support::{Repo, World};

/// Something that must never be lost.
#[derive(Debug, Clone)]
pub enum Mine {
    /// It lies in the checkout, or a ref of the repository leads to it.
    File { path: &'static str, text: &'static str, blob: String },
    /// A ref leads to it.
    Commit(String),
}

impl Mine {
    /// A file of the checkout.
    pub fn file(checkout: &Repo, path: &'static str, text: &'static str) -> Self {
        let blob = checkout.git(&format!("hash-object {path}"));
        Self::File { path, text, blob }
    }
}

/// Returns what is lost of it.
pub fn lost(world: &World, mine: &[Mine]) -> Vec<String> {
    let checkout = world.checkout("svc");
    let lies_there = |mine: &&Mine| match mine {
        Mine::File { path, text, .. } => {
            std::fs::read(checkout.path.join(path)).is_ok_and(|it| it == text.as_bytes())
        }
        Mine::Commit(_) => false,
    };
    let rest: Vec<_> = mine.iter().filter(|it| !lies_there(it)).collect();
    if rest.is_empty() {
        return Vec::new();
    }
    let reachable = reachable(world);
    let mut lost = Vec::new();
    for mine in rest {
        let (name, id) = match mine {
            Mine::File { path, blob, .. } => (*path, blob),
            Mine::Commit(id) => ("the local commit", id),
        };
        if !reachable.contains(id.as_str()) {
            lost.push(format!("{name} of the user is lost"));
        }
    }
    lost
}

/// The ids of everything that a ref or HEAD leads to.
fn reachable(world: &World) -> String {
    let mut command = Command::new("git");
    world.environment(&mut command);
    let output = command
        .args(["--no-optional-locks", "rev-list", "--objects", "--all", "HEAD"])
        .current_dir(world.checkout("svc").path)
        .output()
        .expect("git starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
