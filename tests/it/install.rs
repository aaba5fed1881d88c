//! Installing one service: debug, release, again, after an edit, several
//! binaries, and taking it away.

use crate::support::{self, World, manifest, prints};
use snapbox::str;

#[test]
fn a_debug_install_of_a_script_of_three_lines() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.write(
        "app.rhai",
        &format!(
            "//! app\nfn service() {{ #{{ repo: \"{}\" }} }}\nservice::main(service());\n",
            repo.path.display()
        ),
    );
    world.hero("run app.rhai --debug").assert().success().stdout_eq("").stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
    Fetched app        main ([HASH])
   Building app        [debug]
      Built app        [debug] in [ELAPSED]
  Installed app        [HASH] debug [SIZE] → ~/.local/bin/app
warning: `[ROOT]/home/.local/bin` is not on your PATH
hint: export PATH="[ROOT]/home/.local/bin:$PATH"

"#]]);
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn the_same_again_changes_nothing() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    let link = std::fs::read_link(world.bin("app")).unwrap();
    world.hero("run app --debug").assert().success().stderr_eq(str![[r#"
      Fresh app        [HASH]
warning: `[ROOT]/home/.local/bin` is not on your PATH
hint: export PATH="[ROOT]/home/.local/bin:$PATH"

"#]]);
    assert_eq!(std::fs::read_link(world.bin("app")).unwrap(), link);
}

#[test]
fn release_and_debug_stand_beside_each_other() {
    let world = World::new();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", ""));
    repo.write(
        "src/main.rs",
        "fn main() { println!(\"{}\", if cfg!(debug_assertions) { \"debug\" } else { \"release\" }); }",
    );
    repo.commit("first");
    world.service("app", &repo, "");
    world.succeed("run app");
    assert_eq!(world.run_bin("app"), "release");
    world.succeed("run app --dev");
    assert_eq!(world.run_bin("app"), "debug");
    world.succeed("run app --release");
    assert_eq!(world.run_bin("app"), "release");
}

#[test]
fn an_edit_in_the_checkout_is_built_and_marked() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.checkout("app").write("src/main.rs", &prints("edited"));
    world.succeed("run app --debug");
    assert_eq!(world.run_bin("app"), "edited");
    world.hero("run app status").assert().success().stdout_eq(str![[r#"
SERVICE  INSTALLED      PROFILE  SIZE     WHEN      OLDER  CHECKOUT
app      [HASH]+edits  debug    [SIZE]  just now  1      main, 1 edited

"#]]);
    assert!(world.succeed("list").contains("+edits"));
}

#[test]
fn all_binaries_or_only_the_wanted_ones() {
    let world = World::new();
    let repo = world.repo("tools");
    repo.write("Cargo.toml", &manifest("tools", ""));
    repo.write("src/bin/one.rs", &prints("1"));
    repo.write("src/bin/two.rs", &prints("2"));
    repo.commit("first");
    world.service("tools", &repo, "");
    world.succeed("run tools --debug");
    assert_eq!((world.run_bin("one"), world.run_bin("two")), ("1".into(), "2".into()));

    world.service("tools", &repo, "bins: [\"two\"]");
    world.succeed("run tools --debug");
    assert!(!world.bin("one").exists(), "what is no longer wanted is gone");
    assert_eq!(world.run_bin("two"), "2");
}

#[test]
fn a_package_of_a_workspace_with_features_in_a_subfolder() {
    let world = World::new();
    let repo = world.repo("many");
    repo.write("services/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n");
    for name in ["a", "b"] {
        repo.write(
            &format!("services/{name}/Cargo.toml"),
            &manifest(
                name,
                "[features]\nloud = []\n[[bin]]\nname = \"server\"\npath = \"src/main.rs\"",
            ),
        );
        let main = format!(
            "fn main() {{ println!(\"{name}{{}}\", if cfg!(feature = \"loud\") {{ \"!\" }} else {{ \"\" }}); }}"
        );
        repo.write(&format!("services/{name}/src/main.rs"), &main);
    }
    repo.commit("first");
    world.service("many", &repo, "dir: \"services\", member: \"b\", features: [\"loud\"]");
    world.succeed("run many --debug");
    assert_eq!(world.run_bin("server"), "b!");
}

#[test]
fn branch_tag_and_commit() {
    let world = World::new();
    let repo = world.crate_repo("app", "main");
    let first = repo.git("rev-parse HEAD");
    repo.git("tag v1");
    repo.git("switch --quiet --create next");
    repo.write("src/main.rs", &prints("next"));
    repo.commit("on next");
    repo.git("switch --quiet main");
    repo.write("src/main.rs", &prints("newer main"));
    repo.commit("on main");
    for (name, reference, expected) in [
        ("plain", String::new(), "newer main"),
        ("branch", "branch: \"next\"".into(), "next"),
        ("tag", "tag: \"v1\"".into(), "main"),
        ("commit", format!("commit: \"{first}\""), "main"),
        ("short", format!("commit: \"{}\"", &first[..10]), "main"),
    ] {
        world.service(name, &repo, &reference);
        world.succeed(&format!("run {name} --debug"));
        assert_eq!(world.run_bin("app"), expected, "{name}");
        world.succeed(&format!("run {name} uninstall"));
    }
}

#[test]
fn environment_of_the_build_and_hooks() {
    let world = World::new();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", ""));
    repo.write(
        "src/main.rs",
        "fn main() { println!(\"{} {}\", env!(\"COLOUR\"), include_str!(\"made.txt\")); }",
    );
    repo.write(".gitignore", "src/made.txt\n");
    repo.commit("first");
    world.service(
        "app",
        &repo,
        "env: #{ COLOUR: \"red\" },
        before_build: |ctx| fs::write(fs::join(ctx.checkout.path, \"src/made.txt\"), \"made\"),
        after_install: |ctx| print(`${ctx.service.name} ${ctx.flags.profile} ${ctx.installed.changed}`)",
    );
    world.hero("run app --debug").assert().success().stdout_eq("app debug true\n");
    assert_eq!(world.run_bin("app"), "red made");
}

#[test]
fn uninstall_takes_the_binaries_and_leaves_the_checkout() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.hero("run app uninstall").assert().success().stderr_eq(str![[r#"
    Removed app ([SIZE])
    its checkout stays: [ROOT]/home/.local/share/hero/src/app

"#]]);
    assert!(!world.bin("app").exists());
    assert!(world.checkout("app").path.exists());
    world.hero("run app uninstall").assert().code(1).stderr_eq(str![[r#"
error: `app` is not installed

hint: nothing is installed here yet

"#]]);
}

#[test]
fn straight_from_a_repository() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.succeed(&format!("run install file://{} --debug", repo.path.display()));
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn the_system_root_is_another_place() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let mut command = world.command("run app --debug --root");
    command.env("HERO_SYSTEM_PREFIX", world.root().join("system"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", support::both(&output));
    assert!(world.root().join("system/usr/local/bin/app").exists());
    assert!(!world.bin("app").exists());
}

#[test]
fn everything_below_one_folder() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let mut command = world.command("run app --debug");
    command.env("HERO_HOME", world.root().join("one"));
    assert!(command.status().unwrap().success());
    assert!(world.root().join("one/bin/app").exists());
    assert!(std::fs::read_dir(world.home("")).unwrap().next().is_none(), "HOME stays empty");
}

#[test]
fn events_as_json_end_with_a_summary() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    let output = world.command("run --json app --debug").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    for wanted in ["fetched", "build_started", "built", "installed"] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    assert_eq!(names.last(), Some(&"summary"));
    assert_eq!(events.last().unwrap()["exit"], 0);
}

/// Whether a run of hero started cargo.
fn builds(said: &str) -> bool {
    said.contains("Building")
}

#[test]
fn what_was_built_before_is_not_built_again() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    for (profile, building) in [
        ("debug", true),
        ("release", true),
        ("debug", false),
        ("release", false),
        ("release", false),
    ] {
        let said = world.succeed(&format!("run app --{profile}"));
        assert_eq!(builds(&said), building, "{profile}: {said}");
        assert!(world.succeed("list").contains(profile));
    }
}

#[test]
fn whatever_matters_makes_it_build_again() {
    let world = World::new();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", "[features]\nextra = []\n"));
    repo.write("src/main.rs", &prints("hello"));
    repo.commit("first");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    assert!(!builds(&world.succeed("run app --debug")));
    let checkout = world.checkout("app");
    let edits: [(&str, &dyn Fn()); 5] = [
        ("an edited file", &|| checkout.write("src/main.rs", &prints("edited"))),
        ("a new file", &|| checkout.write("src/other.rs", "")),
        ("a toolchain file", &|| checkout.write("rust-toolchain.toml", "[toolchain]\n")),
        ("a configuration", &|| checkout.write(".cargo/config.toml", "[build]\n")),
        ("a configuration above", &|| {
            std::fs::create_dir_all(world.home(".cargo")).unwrap();
            std::fs::write(world.home(".cargo/config.toml"), "[net]\n").unwrap();
        }),
    ];
    for (what, edit) in edits {
        edit();
        assert!(builds(&world.succeed("run app --debug")), "{what}");
        checkout.git("checkout --quiet -- .");
        checkout.git("clean --quiet --force -d");
        world.succeed("run app --debug");
        assert!(!builds(&world.succeed("run app --debug")), "after {what}");
    }
    world.service("app", &repo, "features: [\"extra\"]");
    assert!(builds(&world.succeed("run app --debug")), "a feature");
    assert!(builds(&world.succeed("run app --debug --full-debuginfo")), "a flag");
    let mut command = world.command("run app --debug");
    let output = command.env("RUSTFLAGS", "--cfg extra").output().unwrap();
    assert!(builds(&support::both(&output)), "a variable that cargo honours");
}

#[test]
fn another_compiler_makes_it_build_again() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    // As after an update: another file where the compiler is found.
    let folder = world.root().join("other");
    std::fs::create_dir(&folder).unwrap();
    let path = std::env::var("PATH").unwrap();
    let text = format!("#!/bin/sh\nPATH='{path}' exec rustc \"$@\"\n");
    std::fs::write(folder.join("rustc"), text).unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join("rustc"), mode).unwrap();
    let run = || {
        let mut command = world.command("run app --debug");
        command.env("PATH", format!("{}:{path}", folder.display()));
        support::both(&command.output().unwrap())
    };
    let said = run();
    assert!(builds(&said), "{said}");
    assert!(!builds(&run()));
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_to_do_starts_no_program() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    let trace = world.root().join("trace");
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=execve", "-e", "status=successful", "-o"]).arg(&trace);
    command.arg(env!("CARGO_BIN_EXE_hero")).args(["run", "app", "--debug"]);
    command.current_dir(world.work(""));
    world.environment(&mut command);
    let Ok(output) = command.output() else {
        return support::skipped("there is no strace");
    };
    let said = support::both(&output);
    if said.contains("strace: ") {
        return support::skipped(&format!("nothing can be traced here: {said}"));
    }
    assert!(said.contains("Fresh app"), "{said}");
    let trace = std::fs::read_to_string(&trace).unwrap();
    let programs: Vec<&str> = trace.lines().filter(|line| line.contains("execve(")).collect();
    assert_eq!(programs.len(), 1, "{trace}");
}
