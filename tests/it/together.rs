//! Several heroes at once.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::support::{self, World};

fn start(world: &World, arguments: &str) -> Child {
    let mut command = world.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("hero starts")
}

#[test]
fn installs_of_one_service_wait_for_each_other() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let all: Vec<Child> = ["debug", "release", "debug", "release"]
        .iter()
        .map(|profile| start(&world, &format!("run app --{profile}")))
        .collect();
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
    }
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn installs_of_several_services_and_a_clear_go_on_at_once() {
    let world = World::new();
    let mut all = Vec::new();
    for name in ["one", "two", "three"] {
        let repo = world.crate_repo(name, name);
        world.service(name, &repo, "");
        all.push(start(&world, &format!("run {name} --debug")));
    }
    all.push(start(&world, "run clear_debug_bins"));
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
    }
    for name in ["one", "two", "three"] {
        assert_eq!(world.run_bin(name), name);
    }
}

#[test]
fn changes_of_every_kind_at_once_leave_whole_services() {
    let world = World::new();
    for version in ["one", "two", "three"] {
        world.install("app", &["app", "appctl"], version);
        world.install("tool", &["tool"], version);
    }
    let script = std::fs::read_to_string(world.work("install_files.rhai")).unwrap();
    world.write("again.rhai", &script.replace("\"tool\", files", "\"tool\", keep: 1, files"));
    for _ in 0..5 {
        let all: Vec<Child> =
            ["rollback app", "run again", "run clear_debug_bins", "verify --repair", "list"]
                .iter()
                .map(|arguments| start(&world, arguments))
                .collect();
        for child in all {
            let output = child.wait_with_output().unwrap();
            let said = support::both(&output);
            let nothing_before = said.contains("has no earlier generation");
            assert!(output.status.success() || nothing_before, "{said}");
        }
        let (app, ctl) = (world.run_bin("app"), world.run_bin("appctl"));
        assert_eq!(ctl, app.replace("app", "appctl"));
        assert_eq!(world.run_bin("tool"), "tool three");
        world.succeed("verify");
    }
    let all = [start(&world, "uninstall app"), start(&world, "uninstall tool")];
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
    }
    world.succeed("verify");
    assert!(std::fs::read_dir(world.bin("")).unwrap().next().is_none());
}

/// The holder tells when it has the lock, and keeps it until it is ended.
fn holder(world: &World) -> Child {
    world.write(
        "hold.rhai",
        "with_service(\"app\", || { print(\"held\"); process::run([\"sleep\", \"3600\"]); });",
    );
    let mut child = start(world, "run hold");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "held\n");
    child
}

#[test]
fn a_waiter_names_the_holder_and_gives_up_in_time() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let mut held = holder(&world);
    let output = world.command("run app --debug").env("HERO_LOCK_TIMEOUT", "0").output().unwrap();
    let said = support::both(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(&format!("process {}", held.id())) && said.contains("run hold"),
        "{said}"
    );
    assert!(said.contains("HERO_LOCK_TIMEOUT"), "{said}");
    support::interrupt(&held);
    held.wait().unwrap();
}

#[test]
fn a_killed_holder_blocks_nobody() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let mut held = holder(&world);
    // Its command, in a group of its own, outlives it but holds no lock.
    let sleeper = support::children(held.id());
    held.kill().unwrap();
    held.wait().unwrap();
    world.succeed("run app --debug");
    for pid in sleeper {
        support::kill(pid);
    }
}

#[test]
fn a_script_may_lock_what_it_has_locked() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.write(
        "a.rhai",
        &format!(
            "let flags = flags::parse();\nlet s = describe(#{{ repo: \"{}\" }});\nwith_service(s.name, || service::install(s, flags));",
            repo.path.display()
        ),
    );
    world.succeed("run a --debug");
    assert_eq!(world.run_bin("app"), "hello");
}
