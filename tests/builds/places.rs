//! Builds where another project lies around hero's folders.

use std::path::{Path, PathBuf};

use crate::support::{World, both, prints};

/// A workspace that contains hero's folders.
fn workspace(folder: &Path) {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"outer\"\nversion = \"0.1.0\"\n[workspace]\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
}

/// Installs, edits the checkout and installs again, with HERO_HOME or HOME there.
fn install(variable: &str, home: &Path, checkouts: &Path) {
    let world = World::new();
    let repo = world.crate_repo("app", "first");
    world.service("app", &repo, "");
    let hero = |arguments: &str| {
        let mut command = world.command(arguments);
        command.env(variable, home);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
    };
    hero("run app.rhai --debug");
    let source: PathBuf = checkouts.join("app/src/main.rs");
    std::fs::write(&source, prints("second")).unwrap();
    hero("run app.rhai --debug");
    let bin = if variable == "HOME" { home.join(".local/bin/app") } else { home.join("bin/app") };
    let output = std::process::Command::new(bin).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "second\n");
}

#[test]
fn below_a_workspace() {
    let dir = tempfile::tempdir().unwrap();
    let outer = dir.path().canonicalize().unwrap().join("outer");
    workspace(&outer);
    install("HERO_HOME", &outer.join(".hero"), &outer.join(".hero/target/package"));
    install("HOME", &outer, &outer.join(".local/share/hero/target/package"));
    // By a link.
    let link = dir.path().join("link");
    std::fs::create_dir(outer.join("linked")).unwrap();
    std::os::unix::fs::symlink(outer.join("linked"), &link).unwrap();
    install("HERO_HOME", &link, &outer.join("linked/target/package"));
}

#[test]
fn a_folder_of_checkouts_stays_and_cargos_complaint_has_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new();
    let repo = world.crate_repo("app", "moved");
    world.service("app", &repo, "");
    let home = dir.path().canonicalize().unwrap().join("home");
    let hero = |arguments: &str| {
        let mut command = world.command(arguments);
        command.env("HERO_HOME", &home);
        command.output().unwrap()
    };
    assert!(hero("run app.rhai --debug").status.success());
    // The workspace came later.
    workspace(dir.path());
    std::fs::write(home.join("src/app/src/main.rs"), prints("edited")).unwrap();
    let output = hero("run app.rhai --debug");
    let text = both(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    let hint = text.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    let (_, typed) = hint.split_once("workspace: ").unwrap();
    let moved = std::process::Command::new("sh").args(["-c", typed]).status().unwrap();
    assert!(moved.success(), "{typed}");
    let output = hero("run app.rhai --debug");
    assert!(output.status.success(), "{}", both(&output));
    let output = std::process::Command::new(home.join("bin/app")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "edited\n");
}
