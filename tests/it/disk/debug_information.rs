//! Debug information in files of its own.

use std::process::Command;

use super::measure::clear;
use crate::support::{Repo, World, both, manifest, prints};

fn split(world: &World, how: &str) -> Repo {
    let repo = world.repo("app");
    let profile = format!("[profile.dev]\ndebug = 2\nsplit-debuginfo = \"{how}\"");
    repo.write("Cargo.toml", &manifest("app", &profile));
    repo.write("src/main.rs", &prints("hello"));
    repo.commit("first");
    world.service("app", &repo, "");
    world.succeed("run app --release");
    world.succeed("run app --debug --full-debuginfo");
    repo
}

fn generation(world: &World) -> std::path::PathBuf {
    std::fs::canonicalize(world.home(".local/share/hero/current/app")).unwrap()
}

/// Whether gdb knows a line of the source.
fn knows_lines(world: &World) -> Option<bool> {
    let output = Command::new("gdb")
        .args(["--batch", "--nx", "-ex", "info line app::main"])
        .arg(world.bin("app"))
        .output();
    let Ok(output) = output else {
        crate::support::skipped("there is no gdb");
        return None;
    };
    Some(both(&output).contains("main.rs"))
}

#[test]
fn packed_debug_information_is_installed_and_outlives_the_build_files() {
    if cfg!(not(target_os = "linux")) {
        crate::support::skipped("it is a folder on this system");
        return;
    }
    let world = World::new();
    let repo = split(&world, "packed");
    let file = generation(&world).join("bin/app.dwp");
    assert!(file.is_file() && !world.bin("app.dwp").exists(), "beside the binary, not on PATH");
    world.succeed("verify");
    clear(&world).agree("`split-debuginfo = \"packed\"`");
    assert!(knows_lines(&world).unwrap_or(true), "the debugger finds it");
    world.succeed("verify");
    let said = world.succeed("run app --debug --full-debuginfo");
    assert!(said.contains("Fresh"), "{said}");

    // It is the receipt's.
    std::fs::write(&file, b"something else").unwrap();
    let said = world.fail(3, "verify");
    assert!(said.contains("changed    the debug information `app.dwp` of `app`"), "{said}");
    std::fs::remove_file(&file).unwrap();
    let said = world.fail(3, "verify");
    assert!(said.contains("missing    the debug information `app.dwp` of `app`"), "{said}");
    assert_eq!(world.run_bin("app"), "hello");
    // What is said to help does.
    world.succeed("run app --debug --full-debuginfo");
    assert!(generation(&world).join("bin/app.dwp").is_file());
    world.succeed("verify --repair");
    world.succeed("verify");
    assert!(knows_lines(&world).unwrap_or(true));

    // It goes with its generation.
    repo.commit("second");
    world.succeed("run app --release --update");
    clear(&world).agree("a packed generation");
    assert!(!file.exists());
}

#[test]
fn unpacked_debug_information_goes_with_the_build_files_and_a_word() {
    let world = World::new();
    split(&world, "unpacked");
    if cfg!(target_os = "linux") {
        let said = world.succeed("run --dry-run clear_debug_bins");
        assert!(said.contains("warning: the debug information of `app` "), "{said}");
        assert!(said.contains("split-debuginfo = \"packed\""), "{said}");
    }
    clear(&world).agree("`split-debuginfo = \"unpacked\"`");
    assert_eq!(world.run_bin("app"), "hello");
    world.succeed("verify");
    let said = world.succeed("run clear_debug_bins");
    assert!(!said.contains("debug information"), "{said}");
}
