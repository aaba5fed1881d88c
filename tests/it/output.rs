//! What is said where: streams, colour, verbosity, and which script is meant.

use crate::support::{self, World};

const SCRIPT: &str =
    "print(\"data\"); log::info(\"info\"); log::verbose(\"detail\"); log::warn(\"careful\");";

#[test]
fn data_goes_to_stdout_and_messages_to_stderr() {
    let world = World::new();
    world.write("a.rhai", SCRIPT);
    world
        .hero("run a")
        .assert()
        .success()
        .stdout_eq("data\n")
        .stderr_eq("info\nwarning: careful\n");
    world.hero("run -q a").assert().success().stdout_eq("data\n").stderr_eq("warning: careful\n");
    world
        .hero("run -v a")
        .assert()
        .success()
        .stdout_eq("data\n")
        .stderr_eq("info\ndetail\nwarning: careful\n");
}

#[test]
fn colour_is_asked_for_or_not_there() {
    let world = World::new();
    world.write("a.rhai", SCRIPT);
    assert!(!world.succeed("run a").contains('\u{1b}'), "none without a terminal");
    assert!(world.succeed("run --color always a").contains('\u{1b}'));
    assert!(!world.succeed("run --color never a").contains('\u{1b}'));
}

/// A terminal of its own for hero, by util-linux's or BSD's `script`.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let world = World::new();
    world.write("a.rhai", SCRIPT);
    let hero = format!("{} run a", env!("CARGO_BIN_EXE_hero"));
    let in_terminal = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new("script");
        command.args(["-qec", &hero, "/dev/null"]).current_dir(world.work(""));
        world.environment(&mut command);
        command.env("TERM", "xterm").envs(variables.iter().copied());
        command.output().map(|output| support::both(&output))
    };
    let Ok(plain) = in_terminal(&[]) else {
        support::skipped("util-linux's `script`, which gives a terminal, is not here");
        return;
    };
    assert!(plain.contains('\u{1b}'));
    let in_terminal = |variables| in_terminal(variables).unwrap();
    assert!(in_terminal(&[("NO_COLOR", "")]).contains('\u{1b}'), "an empty NO_COLOR is none");
    assert!(!in_terminal(&[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!in_terminal(&[("TERM", "dumb")]).contains('\u{1b}'));
}

#[test]
fn errors_as_json_are_in_the_summary() {
    let world = World::new();
    world.write("a.rhai", "throw #{ message: \"no\", kind: \"mine\", exit: 9 };");
    let output = world.command("run --json a").output().unwrap();
    assert_eq!(output.status.code(), Some(9));
    let text = String::from_utf8(output.stdout).unwrap();
    let summary: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(summary["event"], "summary");
    assert_eq!(summary["error"]["kind"], "mine");
    assert_eq!(summary["error"]["place"]["line"], 1);
    assert!(output.stderr.is_empty());
}

#[test]
fn a_bare_name_is_looked_for_here_then_in_scripts_then_among_those_built_in() {
    let world = World::new();
    assert!(world.succeed("run install_all --help").contains("every service of a stack"));
    world.write("scripts/install_all.rhai", "print(\"from scripts\");");
    world.hero("run install_all").assert().success().stdout_eq("from scripts\n");
    world.write("install_all.rhai", "print(\"from here\");");
    world.hero("run install_all").assert().success().stdout_eq("from here\n");
    world.hero("run install_all.rhai").assert().success().stdout_eq("from here\n");
    world.hero("run scripts/install_all.rhai").assert().success().stdout_eq("from scripts\n");
    world.write("folder/file.rhai", "");
    let said = world.fail(1, "run folder");
    assert!(said.contains("is a folder") && said.contains("install_all.rhai folder"), "{said}");
}

#[test]
fn a_relative_hero_home_is_refused() {
    let world = World::new();
    let output = world.command("list").env("HERO_HOME", "here").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(support::both(&output).contains("`HERO_HOME` must be an absolute path"));
}
