//! Every example runs, and every script passes the static check.

use std::path::PathBuf;

use crate::support::{self, World, services};

fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn scripts(folder: &str) -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(project(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rhai"))
        .collect();
    scripts.sort();
    scripts
}

/// The first of so many ports in a row, all of which are this test's.
fn free_ports(count: u16) -> u16 {
    let first = (0..100)
        .map(|_| services::free_port())
        .find(|first| (1..count).all(|more| services::free_port() == first + more));
    first.expect("free ports")
}

/// The demo stack, then the custom scripts in the same home: one test, since
/// they share the downloads and the builds.
#[test]
fn the_demo_stack_and_every_custom_script() {
    let stage = services::Stage::new();
    let world = &stage.world;
    let demo = project("examples/demo");
    let port = free_ports(3);
    let hero = |arguments: &str| {
        let mut command = world.command(&arguments.replace("DEMO", &demo.display().to_string()));
        let output = command.env("DEMO_PORT", port.to_string()).output().unwrap();
        let said = support::both(&output);
        assert!(output.status.success(), "{arguments}: {said}");
        said
    };
    let said = hero("run complete DEMO --debug");
    for (number, words) in [(0, "hello"), (1, "s"), (2, "0")] {
        let answer = services::ask(port + number).unwrap();
        assert!(answer.contains(words), "{number}: {answer}");
    }
    assert!(hero("run complete status DEMO").matches(" running ").count() == 3);
    hero("run complete stop DEMO");
    assert_eq!(services::ask(port), None);
    for service in ["greeter", "words", "clock"] {
        assert!(said.contains(&format!("Checked {service}")), "{service}: {said}");
    }
    assert!(world.run_bin_with("words-count", b"one two three").contains('3'));
    assert!(said.contains("3 services: 3 installed; 3 running"), "{said}");

    // The custom scripts install binaries of the same names.
    world.succeed(&format!("run {}/services/clock.rhai uninstall", demo.display()));
    world.succeed(&format!("run {}/services/words.rhai uninstall", demo.display()));
    world.succeed(&format!("run {}/services/greeter.rhai uninstall", demo.display()));
    for (script, expected) in [
        ("boots", "greeter answers on port"),
        ("subfolder", "Installed subfolder"),
        ("hooks", "Noted hooks debug at main"),
        ("own_flags", "--greeting \"hello\""),
    ] {
        let path = project(&format!("examples/custom/{script}.rhai"));
        let said = world.succeed(&format!("run {} --debug", path.display()));
        assert!(said.contains(expected), "{script}: {said}");
    }
    let said =
        world.succeed(&format!("run {}", project("examples/custom/maintenance.rhai").display()));
    assert!(said.contains("subfolder") && said.contains("own-flags"), "{said}");
    let tested = ["boots", "hooks", "maintenance", "own_flags", "subfolder"];
    let there: Vec<String> = scripts("examples/custom")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into())
        .collect();
    assert_eq!(there, tested, "every custom example is run above");
}

#[test]
fn every_script_passes_the_check() {
    let world = World::new();
    for folder in ["scripts", "scripts/services", "examples/demo", "examples/custom"] {
        for script in scripts(folder) {
            world.succeed(&format!("check {}", script.display()));
        }
    }
}

#[test]
fn a_new_script_passes_the_check_and_is_not_overwritten() {
    let world = World::new();
    world.succeed("new mine --repo https://a.example/mine");
    world.succeed("check mine.rhai");
    let said = world.fail(1, "new mine --repo https://a.example/mine");
    assert!(said.contains("there already"), "{said}");
    assert!(world.fail(1, "new ../evil --repo https://a.example/x").contains("valid service name"));
}

#[test]
fn the_check_finds_faults_without_running() {
    let world = World::new();
    world.write(
        "a.rhai",
        "fs::write(\"ran\", \"\");\nfn work() { git::ftech(\"x\"); human::bytes(1, 2) }\nwork();\n",
    );
    let said = world.fail(1, "check a");
    assert!(said.contains("`git::ftech`") && said.contains("did you mean `git::fetch`?"), "{said}");
    assert!(said.contains("`human::bytes` takes 1 argument, not 2"), "{said}");
    assert!(!world.work("ran").exists());
}

#[test]
fn the_standard_library_can_be_replaced() {
    let world = World::new();
    for entry in std::fs::read_dir(project("stdlib")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text
            .replace("fn main(description) {", "fn main(description) { print(\"mine\"); exit(5);");
        world.write(&format!("lib/{}", path.file_name().unwrap().to_string_lossy()), &text);
    }
    world.write("a.rhai", "service::main(#{ repo: \"https://a.example/b\" });");
    world.hero("run --stdlib lib a").assert().code(5).stdout_eq("mine\n");
}
