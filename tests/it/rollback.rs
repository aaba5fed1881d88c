//! Going back to an earlier generation.

use crate::support::World;
use snapbox::str;

/// The generations of a service, the newest first.
fn generations(world: &World, service: &str) -> Vec<String> {
    let output = world.command("list --json").output().unwrap();
    let listing: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let services = listing["services"].as_array().unwrap();
    let service = services.iter().find(|it| it["name"] == service).unwrap();
    let names = service["generations"].as_array().unwrap();
    names.iter().map(|it| it["generation"].as_str().unwrap().to_owned()).collect()
}

/// What the binaries of `app` say.
fn said(world: &World) -> [String; 2] {
    ["app", "appctl"].map(|bin| world.run_bin(bin))
}

#[test]
fn all_binaries_go_back_at_once() {
    let world = World::new();
    for version in ["one", "two", "three"] {
        world.install("app", &["app", "appctl"], version);
    }
    let all = generations(&world, "app");
    let before = world.photograph();
    world.succeed("rollback app --dry-run");
    assert_eq!(world.photograph(), before);
    world.hero("rollback app").assert().success().stdout_eq("").stderr_eq(str![[r#"
  Installed app        local release [SIZE] → ~/.local/bin/app, ~/.local/bin/appctl

"#]]);
    assert_eq!(said(&world), ["app two", "appctl two"]);
    world.succeed("rollback app");
    assert_eq!(said(&world), ["app one", "appctl one"]);
    world.hero("rollback app").assert().code(3).stderr_eq(str![[r#"
error: `app` has no earlier generation to go back to
  [GENERATION]
  [GENERATION]

hint: name one of the others: hero rollback app --to GENERATION

"#]]);
    world.succeed(&format!("rollback app --to {}", all[0]));
    assert_eq!(said(&world), ["app three", "appctl three"]);
    assert_eq!(generations(&world, "app"), all);
}

#[test]
fn a_generation_that_is_current_already_is_fresh() {
    let world = World::new();
    world.install("app", &["app"], "one");
    let current = generations(&world, "app").remove(0);
    let before = world.photograph();
    let said = world.succeed(&format!("rollback app --to {current}"));
    assert!(said.contains("Fresh app"), "{said}");
    let after = world.photograph();
    let of_store = |files: &[(std::path::PathBuf, String)]| {
        let kept = files.iter().filter(|(path, _)| path.extension().is_none_or(|it| it != "lock"));
        kept.cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_store(&after), of_store(&before));
}

#[test]
fn an_unknown_generation_has_a_near_name() {
    let world = World::new();
    world.install("app", &["app"], "one");
    world.install("app", &["app"], "two");
    let all = generations(&world, "app");
    let typo = all[0].replace("release", "relaese");
    let said = world.fail(1, &format!("rollback app --to {typo}"));
    assert!(said.contains(&format!("error: `app` has no generation `{typo}`")), "{said}");
    assert!(said.contains(&format!("did you mean `{}`?", all[0])), "{said}");
    // A part of a name is not a name, but says which was meant.
    let time = &all[1][..16];
    let said = world.fail(1, &format!("rollback app --to {time}"));
    assert!(said.contains(&format!("did you mean `{time}")), "{said}");
    let said = world.fail(1, "rollback app --to ../../../etc");
    assert!(said.contains("hint: see what is there: hero list --generations"), "{said}");
    assert_eq!(world.run_bin("app"), "app two");
}

#[test]
fn services_that_are_not_there_or_have_nothing_before() {
    let world = World::new();
    world.install("app", &["app"], "one");
    world.hero("rollback app").assert().code(3).stderr_eq(str![[r#"
error: `app` has no earlier generation to go back to

hint: install another version first; `app` has only this one

"#]]);
    world.hero("rollback ap").assert().code(1).stderr_eq(str![[r#"
error: `ap` is not installed

hint: did you mean `app`?

"#]]);
    world.hero("rollback ../app").assert().code(1).stderr_eq(str![[r#"
error: `../app` is not a valid service name: it starts with `.`

hint: use ASCII letters, digits, `-`, `_` and `.`, for instance `my-service`

"#]]);
    assert_eq!(world.run_bin("app"), "app one");
}

#[test]
fn as_a_verb_and_as_functions() {
    let world = World::new();
    let repo = world.repo("app");
    world.service("app", &repo, "");
    for version in ["one", "two", "three"] {
        world.install("app", &["app"], version);
    }
    world.succeed("run app rollback --dry-run");
    assert_eq!(world.run_bin("app"), "app three");
    world.succeed("run app rollback");
    assert_eq!(world.run_bin("app"), "app two");
    let all = generations(&world, "app");
    let (newest, oldest) = (&all[0], &all[2]);
    world.succeed(&format!("run app rollback --to {oldest}"));
    assert_eq!(world.run_bin("app"), "app one");
    let said = world.fail(2, &format!("run app install --to {oldest}"));
    assert!(said.contains("--to goes with `rollback`"), "{said}");
    world.succeed(&format!("run app rollback --to {newest}"));
    world.write(
        "back.rhai",
        r#"
        let back = bin::rollback("app");
        print(`${back.service} ${back.changed} ${back.bins.len()}`);
        let newest = bin::get("app").generations[0].generation;
        print(bin::rollback("app", newest).generation == newest);
        try { bin::rollback("app", "none") } catch (e) { print(e.kind) }
        try { bin::rollback("none") } catch (e) { print(e.kind) }
        "#,
    );
    world.hero("run back").assert().success().stdout_eq(str![[r#"
app true 1
true
no_such_generation
not_installed

"#]]);
    assert_eq!(world.run_bin("app"), "app three");
}

#[test]
fn as_json() {
    let world = World::new();
    world.install("app", &["app"], "one");
    world.install("app", &["app"], "two");
    let output = world.command("rollback app --json").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["event"], "installed");
    assert_eq!(lines[1]["service"], "app");
    assert_eq!(lines.last().unwrap()["event"], "summary");
    assert_eq!(lines.last().unwrap()["exit"], 0);
}
