//! A cargo older than 1.71, such as Debian's, before rustup's on PATH.

use std::path::Path;
use std::process::Command;

use crate::support::{Repo, World, both, prints, skipped};

/// The system's cargo, if it is an old one.
fn is_there() -> bool {
    let version = |program: &str| {
        let output = Command::new(program).arg("-V").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.split('.').nth(1)?.parse::<u32>().ok()
    };
    let old = |program: &str| version(program).is_some_and(|minor| minor < 71);
    let there = Path::new("/usr/bin/cc").exists() && old("/usr/bin/cargo") && old("/usr/bin/rustc");
    if !there {
        skipped("the system's cargo and rustc are not there, or are not older than 1.71");
    }
    there
}

/// hero with the system's programs first.
fn hero(world: &World, arguments: &str) -> Command {
    let mut command = world.command(arguments);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once("/usr/bin".into()).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders).unwrap());
    // Not rustup's registry index, which is a newer cargo's.
    command.env("CARGO_HOME", world.home("cargo-home"));
    command
}

/// What hero printed, after its exit code was looked at.
fn said(mut command: Command, exit: i32) -> String {
    let output = command.output().unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(exit), "{text}");
    text
}

/// A repository of a small program, with a lockfile.
fn repo(world: &World, name: &str, edition: &str, lock: &str) -> Repo {
    let repo = world.repo(name);
    repo.write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\
             [workspace]\nmembers = [\"part\"]\n[dependencies]\npart = {{ path = \"part\" }}\n"
        ),
    );
    repo.write("src/main.rs", &prints("old"));
    repo.write(
        "part/Cargo.toml",
        "[package]\nname = \"part\"\nversion = \"0.1.0\"\nedition = \"2018\"\n",
    );
    repo.write("part/src/lib.rs", "");
    let own =
        format!("[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\"part\"]\n");
    let part = "[[package]]\nname = \"part\"\nversion = \"0.1.0\"\n";
    let (first, second) = if name < "part" { (&*own, part) } else { (part, &*own) };
    repo.write("Cargo.lock", &format!("version = {lock}\n\n{first}\n{second}"));
    repo.commit("first");
    repo
}

#[test]
fn both_profiles_are_built() {
    if !is_there() {
        return;
    }
    let world = World::new();
    world.service("app", &repo(&world, "app", "2021", "3"), "");
    for arguments in
        ["run app.rhai --debug", "run app.rhai", "run app.rhai --debug --full-debuginfo"]
    {
        said(hero(&world, arguments), 0);
        assert_eq!(world.run_bin("app"), "old");
    }
    let log = std::fs::read_to_string(world.home(".local/state/hero/logs/app-build.log")).unwrap();
    assert!(log.contains("--locked"), "{log}");
    // A wrapper is used as ever.
    world.service("wrapped", &repo(&world, "wrapped", "2021", "3"), "");
    let mut command = hero(&world, "run wrapped.rhai --debug");
    command.env("RUSTC_WRAPPER", "env");
    said(command, 0);
    assert_eq!(world.run_bin("wrapped"), "old");
}

#[test]
fn what_it_cannot_read_is_told_with_the_way_out() {
    if !is_there() {
        return;
    }
    let world = World::new();
    for (name, edition, lock) in [("edition", "2024", "3"), ("lock", "2021", "4")] {
        world.service(name, &repo(&world, name, edition, lock), "");
        let text = said(hero(&world, &format!("run {name}.rhai --debug")), 3);
        assert!(text.contains("hint: this Rust is too old"), "{text}");
        assert!(text.contains("rustup update"), "{text}");
    }
}
