//! Several services: `install_all`, `complete`, `clear_debug_bins`.

use crate::support::{World, both, manifest};
use snapbox::str;

/// A folder `services` with a good service, one that does not compile, one
/// whose script does not parse, and another good one.
fn mixed() -> World {
    let world = World::new();
    for (name, text) in [("alpha", "alpha"), ("delta", "delta")] {
        let repo = world.crate_repo(name, text);
        let script = world.service(name, &repo, "");
        std::fs::create_dir_all(world.work("services")).unwrap();
        std::fs::rename(script, world.work(&format!("services/{name}.rhai"))).unwrap();
    }
    let broken = world.repo("broken");
    broken.write("Cargo.toml", &manifest("broken", ""));
    broken.write("src/main.rs", "fn main() { missing() }\n");
    broken.commit("first");
    let script = world.service("broken", &broken, "");
    std::fs::rename(script, world.work("services/broken.rhai")).unwrap();
    world.write("services/cut.rhai", "fn service() { #{ repo: \n");
    world
}

#[test]
fn one_failure_does_not_stop_the_others() {
    let world = mixed();
    let output = world.hero("run install_all --debug").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    world.same(
        &output.stdout,
        str![[r#"
SERVICE              RESULT     COMMIT   PROFILE  SIZE     TIME
alpha                installed  [HASH]  debug    [SIZE]  [ELAPSED]
broken               failed                                [ELAPSED]
./services/cut.rhai  failed                                [ELAPSED]
delta                installed  [HASH]  debug    [SIZE]  [ELAPSED]

"#]],
    );
    // Services go on side by side; each tells its own in order.
    let stderr = String::from_utf8(output.stderr).unwrap();
    let (before, after) = stderr.split_at(stderr.find("    Summary").unwrap());
    let of = |name: &str| {
        let lines = before.lines().filter(|line| line.split_whitespace().nth(1) == Some(name));
        lines.map(|line| format!("{line}\n")).collect::<Vec<_>>().concat()
    };
    world.same(
        of("alpha"),
        str![[r#"
   Fetching alpha      [ROOT]/remote/alpha
    Fetched alpha      main ([HASH])
   Building alpha      [debug]
      Built alpha      [debug] in [ELAPSED]
  Installed alpha      [HASH] debug [SIZE] → ~/.local/bin/alpha

"#]],
    );
    world.same(
        of("broken"),
        str![[r#"
   Fetching broken     [ROOT]/remote/broken
    Fetched broken     main ([HASH])
   Building broken     [debug]
     Failed broken     building `broken` failed (cargo exited with 101)

"#]],
    );
    let compiler = before.find("error[E0425]").unwrap();
    let compiler: String = before[compiler..].split_inclusive('\n').take(5).collect();
    world.same(
        compiler,
        str![[r#"
error[E0425]: cannot find function `missing` in this scope
 --> src/main.rs:1:13
  |
1 | fn main() { missing() }
  |             ^^^^^^^ not found in this scope

"#]],
    );
    world.same(
        after,
        str![[r#"
    Summary 4 services: 2 installed, 2 failed in [ELAPSED]
error: building `broken` failed (cargo exited with 101)
  full log: [ROOT]/home/.local/state/hero/logs/broken-build.log

error: script is incomplete
 --> services/cut.rhai:1:26
  |
1 | fn service() { #{ repo:
  |                         ^

error: 2 of 4 services failed

hint: correct them and run the same command again; what succeeded is kept

"#]],
    );
    assert_eq!((world.run_bin("alpha"), world.run_bin("delta")), ("alpha".into(), "delta".into()));
}

#[test]
fn a_second_run_has_little_to_do() {
    let world = mixed();
    std::fs::remove_file(world.work("services/broken.rhai")).unwrap();
    std::fs::remove_file(world.work("services/cut.rhai")).unwrap();
    world.succeed("run install_all --debug");
    let output = world.hero("run install_all.rhai services --debug").output().unwrap();
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    let mut lines: Vec<String> = stderr.lines().map(|line| format!("{line}\n")).collect();
    // Whichever was first.
    lines[..2].sort();
    world.same(
        lines.concat(),
        str![[r#"
      Fresh alpha      [HASH]
      Fresh delta      [HASH]
   Finished 2 services: 2 unchanged in [ELAPSED]
warning: `[ROOT]/home/.local/bin` is not on your PATH
hint: export PATH="[ROOT]/home/.local/bin:$PATH"

"#]],
    );
}

#[test]
fn a_stack_is_also_the_scripts_of_a_folder() {
    let world = World::new();
    let one = world.crate_repo("one", "1");
    let two = world.crate_repo("two", "2");
    world.service("one", &one, "");
    let script = world.service("two", &two, "");
    std::fs::create_dir(world.work("two")).unwrap();
    std::fs::rename(script, world.work("two/install.rhai")).unwrap();
    world.write("unrelated.rhai", "print(\"never run\");\n");
    let text = world.succeed("run install_all --debug");
    assert!(!text.contains("never run"));
    assert_eq!((world.run_bin("one"), world.run_bin("two")), ("1".into(), "2".into()));
}

#[test]
fn loading_a_stack_does_not_run_the_scripts() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    let text = format!(
        "const NAME = \"app\";\nprint(\"ran\");\nfn service() {{ #{{ name: global::NAME, repo: \"{}\" }} }}\nservice::main(service());\n",
        repo.path.display()
    );
    world.write("services/app.rhai", &text);
    let said = world.succeed("run install_all --debug");
    assert!(!said.contains("ran"), "{said}");
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn an_empty_folder_and_no_folder() {
    let world = World::new();
    world.hero("run install_all").assert().code(1).stderr_eq(str![[r#"
error: there are no service scripts in `.`

hint: hero new NAME --repo URL makes one

"#]]);
    world.hero("run install_all nowhere").assert().code(1).stderr_eq(str![[r#"
error: there is no script or folder `nowhere`

hint: name a service script, or a folder with `services/*.rhai`

"#]]);
}

#[test]
fn two_services_of_one_name() {
    let world = World::new();
    let repo = world.repo("app");
    for file in ["a", "b"] {
        let script = world.service("app", &repo, "");
        std::fs::create_dir_all(world.work("services")).unwrap();
        std::fs::rename(script, world.work(&format!("services/{file}.rhai"))).unwrap();
    }
    let said = world.fail(1, "run install_all");
    assert!(said.contains("two scripts describe a service `app`"), "{said}");
}

#[test]
fn complete_runs_the_check_and_exits_with_4_when_it_fails() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "check: [\"app\"]");
    world.hero("run complete app.rhai --debug").assert().success().stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
    Fetched app        main ([HASH])
   Building app        [debug]
      Built app        [debug] in [ELAPSED]
  Installed app        [HASH] debug [SIZE] → ~/.local/bin/app
    Checked app        app runs
   Finished 1 service: 1 installed in [ELAPSED]
warning: `[ROOT]/home/.local/bin` is not on your PATH
hint: export PATH="[ROOT]/home/.local/bin:$PATH"

"#]]);
    world.service("app", &repo, "check: [\"false\"]");
    world.hero("run complete app.rhai --debug").assert().code(4).stderr_eq(str![[r#"
      Fresh app        [HASH]
     Failed app        the check of `app` failed: `false` exited with 1; it stays installed, since there is nothing before it to go back to
    Summary 1 service: 1 failed in [ELAPSED]
error: the check of `app` failed: `false` exited with 1; it stays installed, since there is nothing before it to go back to
 --> app.rhai:4:8
  |
4 |        check: ["false"] }
  |        ^^^^^^

error: 1 of 1 services failed

hint: correct them and run the same command again; what succeeded is kept

"#]]);
    assert_eq!(world.run_bin("app"), "hello", "the binaries stay");
}

#[test]
fn clearing_removes_debug_builds_that_are_not_in_use() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.succeed("run app --release");
    let debug = world.home(".cache/hero/build/app/debug/app");
    assert!(debug.exists());

    let before = world.photograph();
    world.succeed("run clear_debug_bins --dry-run");
    let kept: Vec<_> =
        before.iter().filter(|(path, _)| !path.to_string_lossy().contains("/locks")).collect();
    let after = world.photograph();
    let after: Vec<_> =
        after.iter().filter(|(path, _)| !path.to_string_lossy().contains("/locks")).collect();
    assert_eq!(kept, after, "a dry run touches nothing");

    let done = world.hero("run clear_debug_bins").assert().success();
    // How wide a column is depends on the sizes.
    let table = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let table: Vec<String> = table.lines().map(line).collect();
    world.same(
        table.join("\n"),
        str![[r#"
SERVICE BINARIES BEFORE AFTER BUILD FILES BEFORE AFTER
app [SIZE] [SIZE] [SIZE] [SIZE]
"#]],
    );
    done.stderr_eq(str![[r#"
    Removed app [GENERATION] ([SIZE])
    Removed debug build files of `app` ([SIZE])
   Finished freed [SIZE]

"#]]);
    assert!(!debug.exists());
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn clearing_keeps_what_is_current_unless_forced() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --release");
    world.succeed("run app --debug");
    let said = world.succeed("run clear_debug_bins app");
    assert!(said.contains("current"), "{said}");
    assert_eq!(world.run_bin("app"), "hello");
    world.succeed("run clear_debug_bins app --force");
    assert_eq!(world.run_bin("app"), "hello", "the release build takes its place");
    assert!(world.succeed("list").contains("release"));
}

#[test]
fn an_install_can_clear_after_itself() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    world.succeed("run app --release --clear-debug-bins");
    assert!(!world.home(".cache/hero/build/app/debug/app").exists());
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn hooks_work_in_a_stack_and_may_use_what_their_script_does() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.write("lib/words.rhai", "fn loud(text) { text.to_upper() }\nfn hook() { |ctx| print(loud(`imported ${ctx.service.name}`)) }\n");
    world.write(
        "services/app.rhai",
        &format!(
            "import \"../lib/words\" as words;
const SIGN = \"!\";
fn mine(name) {{ words::loud(name) + global::SIGN }}
fn service() {{
    let captured = 5;
    #{{
        repo: \"{}\",
        before_build: |ctx| print(`${{mine(ctx.service.name)}} ${{captured}}`),
        after_install: words::hook(),
    }}
}}
service::main(service());
",
            repo.path.display()
        ),
    );
    for command in [
        "run services/app.rhai --debug",
        "run install_all --debug",
        "run install services/app.rhai --debug",
    ] {
        let said = world.succeed(command);
        assert!(said.contains("APP! 5\nIMPORTED APP"), "{command}: {said}");
    }
}

#[test]
fn a_fault_in_a_hook_of_a_stack_is_shown_where_it_was_written() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    let text = format!(
        "fn service() {{\n    #{{\n        repo: \"{}\",\n        before_build: |ctx| ctx.servcie,\n    }}\n}}\n",
        repo.path.display()
    );
    world.write("services/app.rhai", &text);
    let said = world.fail(3, "run install_all --debug");
    assert!(said.contains("the map has no key `servcie`"), "{said}");
    assert!(said.contains("services/app.rhai:4:"), "{said}");
}

#[test]
fn a_clear_waits_for_a_build() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service(
        "app",
        &repo,
        "before_build: |ctx| { print(\"building\"); process::run([\"sleep\", \"1\"]); }",
    );
    let mut command = world.command("run app --debug");
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    let said = world.succeed("run clear_debug_bins app");
    assert!(said.contains("Waiting"), "{said}");
    assert!(child.wait().unwrap().success());
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn a_script_that_cannot_be_loaded_stops_no_verb_of_the_others() {
    let world = mixed();
    for verb in ["status", "status --json", "logs", "stop", "start", "restart"] {
        let output = world.command(&format!("run complete {verb}")).output().unwrap();
        let text = both(&output);
        assert_eq!(output.status.code(), Some(3), "{verb}: {text}");
        assert!(text.contains("1 of 4 services failed"), "{verb}: {text}");
        assert!(text.contains("services/cut.rhai:1"), "{verb}: {text}");
        if verb.starts_with("status") {
            assert!(text.contains("alpha") && text.contains("delta"), "{verb}: {text}");
        }
    }
}
