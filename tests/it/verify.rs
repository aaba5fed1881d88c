//! `hero verify`.

use crate::support::World;
use snapbox::str;

/// `app` in two versions, the newer one damaged, one of its links gone.
fn damaged() -> World {
    let world = World::new();
    world.install("app", &["app", "appctl"], "one");
    world.install("app", &["app", "appctl"], "two");
    std::fs::write(world.bin("app").canonicalize().unwrap(), "else").unwrap();
    std::fs::remove_file(world.bin("appctl")).unwrap();
    world
}

#[test]
fn nothing_is_wrong() {
    let world = World::new();
    world.hero("verify").assert().success().stdout_eq("").stderr_eq(str![[r#"
   Finished 0 services, 0 generations, [SIZE]: as their receipts say

"#]]);
    world.install("app", &["app", "appctl"], "one");
    let before = world.photograph();
    world.hero("verify app").assert().success().stdout_eq("").stderr_eq(str![[r#"
   Finished 1 service, 1 generation, [SIZE]: as their receipts say

"#]]);
    assert_eq!(world.photograph(), before);
}

#[test]
fn problems_are_named_with_what_to_do() {
    let world = damaged();
    let before = world.photograph();
    world
        .hero("verify")
        .assert()
        .code(3)
        .stdout_eq(str![[r#"
changed    the binary `app` of `app` in `[GENERATION]` is not what its receipt says: ~/.local/share/hero/store/app/[GENERATION]/bin/app
           install `app` again, or: hero rollback app
missing    the link of the binary `appctl` of `app` is missing: ~/.local/bin/appctl
           install `app` again; any change mends it

"#]])
        .stderr_eq(str![[r#"
error: 2 problems in 1 service, 2 generations, [SIZE]

hint: hero verify --repair mends what can be mended without a build

"#]]);
    assert_eq!(world.photograph(), before);
    let said = world.fail(3, "verify --repair --dry-run");
    assert!(said.contains("Would repair") && said.contains("without --dry-run"), "{said}");
    assert_eq!(world.photograph(), before);
    assert!(world.fail(2, "verify --dry-run").contains("--repair"));
    assert!(world.fail(1, "verify ap").contains("did you mean `app`?"));
}

#[test]
fn repairing_goes_to_a_whole_generation() {
    let world = damaged();
    let said = world.succeed("verify --repair");
    assert!(said.contains("2 repaired: as their receipts say"), "{said}");
    assert_eq!(world.run_bin("app"), "app one");
    assert_eq!(world.run_bin("appctl"), "appctl one");
    world.succeed("verify");
}

#[test]
fn as_json_and_from_a_script() {
    let world = damaged();
    let output = world.command("verify --json").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["generations"], 2);
    let kinds: Vec<&str> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["changed", "missing"]);
    assert_eq!(found["problems"][1]["service"], "app");
    world.write(
        "mend.rhai",
        "print(bin::verify().problems.len());
         let found = bin::verify(#{ names: [\"app\"], repair: true });
         print(`${found.problems.len()} ${found.repaired[0].kind}`);",
    );
    let said = world.succeed("run mend");
    assert!(said.contains("2\n0 changed\n"), "{said}");
    world.write("typo.rhai", "bin::verify(#{ reapir: true });");
    assert!(world.fail(1, "run typo").contains("did you mean `repair`?"));
}
