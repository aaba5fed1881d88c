//! `hero why`: the reasons of a build, its phases, and what comes next.

use crate::support::{Repo, World, both, manifest, prints};
use snapbox::str;

/// A service that reads a file that git ignores, and a variable.
fn service(world: &World) -> Repo {
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", ""));
    repo.write(".gitignore", "/dist.txt\n/Cargo.lock\n");
    repo.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=dist.txt\");\n    println!(\"cargo::rerun-if-env-changed=APP_VERSION\");\n}\n",
    );
    repo.write("src/main.rs", &prints("one"));
    repo.commit("the first version");
    world.service("app", &repo, "");
    let (from, to) = (repo.path.display().to_string(), world.checkout("app").path);
    repo.git(&format!("clone --quiet {from} {}", to.display()));
    world.checkout("app").write("dist.txt", "one");
    repo
}

/// What follows the first words of a line, for each line that begins with them.
fn after<'a>(said: &'a str, head: &str) -> Vec<&'a str> {
    said.lines().filter_map(|line| line.strip_prefix(head)).map(str::trim).collect()
}

#[test]
fn each_build_has_its_reason() {
    let world = World::new();
    let repo = service(&world);
    let why = || world.succeed("why app");
    world.succeed("run app --debug");
    let said = why();
    assert_eq!(after(&said, "built because"), ["the first debug build"]);
    assert_eq!(after(&said, "next install"), ["builds nothing: nothing changed"]);

    world.checkout("app").write("dist.txt", "two");
    assert_eq!(after(&why(), "next install"), ["`dist.txt` changed"]);
    world.succeed("run app --debug");
    assert_eq!(after(&why(), "built because"), ["`dist.txt` changed"]);

    let variable = |arguments: &str| {
        let mut hero = world.command(arguments);
        both(&hero.env("APP_VERSION", "1.0").output().unwrap())
    };
    assert_eq!(after(&variable("why app"), "next install"), ["$APP_VERSION was not set, is `1.0`"]);
    variable("run app --debug");
    assert_eq!(after(&why(), "built because"), ["$APP_VERSION was not set, is `1.0`"]);
    variable("run app --debug");
    let said = variable("why app");
    assert!(said.contains("changed nothing") && after(&said, "built because").is_empty(), "{said}");

    repo.write("src/main.rs", &prints("two"));
    repo.commit("the second version");
    variable("run app --debug --update");
    let said = variable("why app");
    let reason = after(&said, "built because");
    assert!(reason[0].starts_with("commit ") && reason[0].contains(" → "), "{said}");

    world.checkout("app").write("src/main.rs", &prints("three"));
    let said = variable("run app --debug");
    assert!(said.contains("+edits"), "{said}");
    let said = variable("why app");
    assert_eq!(after(&said, "built because"), ["`src/main.rs` changed"]);
    assert_eq!(after(&said, "next install"), ["`src/main.rs` is edited: cargo is asked"]);
}

#[test]
fn phases_are_named_and_sum_to_the_whole() {
    let world = World::new();
    service(&world);
    world.succeed("run app --debug");
    let said = world.command("why app --json").output().unwrap().stdout;
    let why: serde_json::Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(why["changes"], serde_json::json!([]));
    let phases = why["last"]["phases"].as_array().unwrap();
    let names: Vec<&str> = phases.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["fetch", "prepare", "compile", "link", "copy", "commit", "other"]);
    let sum: u64 = phases.iter().map(|it| it["millis"].as_u64().unwrap()).sum();
    assert_eq!(why["last"]["millis"], sum);
    assert!(sum > 0);
}

#[test]
fn the_reason_is_shown_with_v() {
    let world = World::new();
    service(&world);
    let said = world.succeed("-v run app --debug");
    assert!(said.contains("building `app`: the first debug build"), "{said}");
}

#[test]
fn secrets_are_not_written_down() {
    let world = World::new();
    let repo = service(&world);
    repo.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-env-changed=DATABASE_URL\");\n    println!(\"cargo::rerun-if-env-changed=NPM_TOKEN\");\n}\n",
    );
    repo.commit("secrets");
    let mut hero = world.command("run app --debug --update");
    hero.env("DATABASE_URL", "postgres://me:canary-one@db/app").env("NPM_TOKEN", "canary-two");
    let output = hero.output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let mut seen = 0;
    for folder in [".local/share/hero/store", ".local/state/hero"] {
        for entry in walkdir::WalkDir::new(world.home(folder)).into_iter().flatten() {
            let Ok(text) = std::fs::read(entry.path()) else { continue };
            seen += usize::from(entry.path().ends_with("inputs.json"));
            assert!(
                !String::from_utf8_lossy(&text).contains("canary"),
                "{}",
                entry.path().display()
            );
        }
    }
    assert_eq!(seen, 1, "the inputs were written down");
    let said = world.succeed("why app");
    assert!(said.contains("$NPM_TOKEN was set (its value is not kept), is not set"), "{said}");
}

#[test]
fn what_is_not_installed() {
    let world = World::new();
    world.hero("why app").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: `app` is not installed

hint: nothing is installed here yet

"#]]);
}
