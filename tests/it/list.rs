//! `hero list`.

use crate::support::World;
use snapbox::str;

#[test]
fn nothing_is_installed() {
    let world = World::new();
    world.hero("list").assert().success().stdout_eq("").stderr_eq(str![[r#"
nothing is installed

hint: hero run install https://…, or hero new NAME --repo URL

"#]]);
}

#[test]
fn services_with_their_older_generations() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.succeed("run app --release");
    world.hero("list").assert().success().stderr_eq("").stdout_eq(str![[r#"
SERVICE  COMMIT   PROFILE  SIZE       WHEN      OLDER  BINARIES
app      [HASH]  release  [SIZE]  just now  1      app

"#]]);
}

#[test]
fn as_json() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    let output = world.command("list --json").output().unwrap();
    let listing: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let service = &listing["services"][0];
    assert_eq!(service["name"], "app");
    assert_eq!(service["current"]["profile"], "debug");
    assert_eq!(service["current"]["commit"], repo.git("rev-parse HEAD"));
    assert_eq!(service["current"]["format"], 1);
    assert_eq!(service["current"]["bins"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn uninstalling_by_name() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.succeed("uninstall app --dry-run");
    assert!(world.bin("app").exists());
    world.succeed("uninstall app");
    assert!(!world.bin("app").exists());
    world.hero("uninstall app").assert().code(1).stderr_eq(str![[r#"
error: `app` is not installed

hint: nothing is installed here yet

"#]]);
}

#[test]
fn one_row_per_generation() {
    let world = World::new();
    for version in ["one", "two", "three"] {
        world.install("app", &["app", "appctl"], version);
    }
    world.install("other", &["other"], "one");
    world.succeed("rollback app");
    // The names differ in length when two are made in one second.
    let said = world.succeed("list --generations");
    let rows: Vec<Vec<&str>> =
        said.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
    assert_eq!(rows[0], ["SERVICE", "GENERATION", "COMMIT"]);
    let current: Vec<bool> = rows[1..].iter().map(|row| row[1] == "*").collect();
    assert_eq!(current, [false, true, false, true]);
    assert!(said.lines().nth(2).unwrap().ends_with("just now  app, appctl"), "{said}");
    assert!(rows[1][1] > rows[2][2] && rows[2][2] > rows[3][1], "{said}");
    assert_eq!(world.succeed("list -g"), world.succeed("list --generations"));
}

#[test]
fn the_number_kept_is_configured() {
    let world = World::new();
    let kept = || world.succeed("list --generations").matches("release").count() / 2;
    let configure = |text: &str| {
        let path = world.home(".config/hero/config.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let install = |count: usize| {
        for version in 0..count {
            world.install("app", &["app"], &version.to_string());
        }
    };
    install(6);
    assert_eq!(kept(), 1 + 3);
    configure("[store]\nkeep = 1\n");
    install(1);
    assert_eq!(kept(), 1 + 1);
    configure("[store]\nkeep = 0\n");
    install(2);
    assert_eq!(kept(), 1);
    configure("[store]\nkeep = -1\n");
    let said = world.fail(1, "list");
    assert!(said.contains("config.toml") && said.contains("line 2"), "{said}");
    configure("[store]\nkepe = 1\n");
    assert!(world.fail(1, "list").contains("unknown field `kepe`"));
}
