//! The script API documents itself: every function, with an example that
//! names only what exists.

use crate::support::{self, World};

fn functions() -> Vec<serde_json::Value> {
    let world = World::new();
    let output = world.command("--json api").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_plan_of_record_is_all_there() {
    let names: Vec<String> =
        functions().iter().map(|function| function["name"].as_str().unwrap().to_owned()).collect();
    for wanted in [
        "args",
        "parallel",
        "guard",
        "retry",
        "git::fetch",
        "git::status",
        "cargo::build",
        "bin::install",
        "bin::list",
        "bin::remove",
        "bin::clear",
        "bin::rollback",
        "bin::verify",
        "process::run",
        "fs::read",
        "fs::write",
        "env::get",
        "log::info",
        "log::warn",
        "ui::table",
        "ui::confirm",
        "human::bytes",
        "human::duration",
        "flags::parse",
        "service::main",
        "service::fetch",
        "service::build",
        "service::install",
        "stack::load",
        "stack::install",
        "cleanup::clear_debug_bins",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is missing");
    }
}

#[test]
fn every_native_function_is_documented_with_an_example() {
    for function in functions() {
        let name = function["name"].as_str().unwrap();
        let doc = function["doc"].as_str().unwrap();
        assert!(!doc.trim().is_empty(), "{name} has no text");
        let native = !["flags::", "service::", "verbs::", "outcome::", "stack::", "cleanup::"]
            .iter()
            .any(|space| name.starts_with(space));
        assert!(!native || doc.contains("\n    "), "{name} has no example");
    }
}

#[test]
fn every_example_passes_the_check() {
    let world = World::new();
    for function in functions() {
        let name = function["name"].as_str().unwrap();
        let doc = function["doc"].as_str().unwrap();
        let example: Vec<&str> = doc.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        if !example.is_empty() {
            world.write("example.rhai", &example.join("\n"));
            let output = world.command("check example.rhai").output().unwrap();
            assert!(output.status.success(), "{name}: {}", support::both(&output));
        }
    }
}

#[test]
fn one_namespace_one_function_and_a_near_name() {
    let world = World::new();
    let said = world.succeed("api human");
    assert!(
        said.contains("human::bytes(count: int) -> string") && !said.contains("git::fetch"),
        "{said}"
    );
    assert!(world.succeed("api git::fetch").contains("ref_not_found"));
    assert!(world.fail(1, "api git::ftech").contains("did you mean `git::fetch`?"));
}

/// Examples that have no effect outside the working directory are run.
#[test]
fn the_primitives_do_what_they_say() {
    let world = World::new();
    world.write(
        "a.rhai",
        r#"
        fn same(found, wanted) { if found != wanted { throw `${found} is not ${wanted}`; } }
        same(args(), ["one", "two"]);
        same(parallel([1, 2, 3], |x| x * x), [1, 4, 9]);

        let trace = [];
        try { guard(|| { trace.push("work"); throw "no" }, || trace.push("cleanup")); }
        catch (e) { same(fault(e).message, "no"); }
        same(trace, ["work", "cleanup"]);
        same(guard(|| 5, || 6), 5);

        let tries = 0;
        same(retry(2, || { tries += 1; if tries < 2 { throw "again" } tries }), 2);

        same(fs::write("folder/file", "text"), true);
        same(fs::write("folder/file", "text"), false);
        same(fs::read("folder/file"), "text");
        same(fs::size("folder"), 4);
        same(fs::copy("folder", "copy"), 4);
        same(fs::copy("folder/file", "folder/../folder/file"), 0);
        same(fs::read("folder/file"), "text");
        try { fs::copy("folder", "folder/a/b/c"); throw "copied" } catch (e) { same(e.kind, "wrong_option"); }
        same(fs::list("folder"), ["folder/file"]);
        same(fs::list("copy"), ["copy/file"]);
        fs::rename("copy/file", "copy/other");
        same(fs::exists("copy/file"), false);
        same(fs::remove("copy"), true);
        same(fs::remove("copy"), false);
        same(fs::mkdir("new/deep"), true);
        same(fs::is_dir("new/deep"), true);
        same(fs::file_name("a/b"), "b");
        same(fs::parent("a/b"), "a");
        same(fs::join("a", "b"), "a/b");
        same(fs::absolute("a/../b"), fs::join(env::cwd(), "b"));
        let inside = "";
        fs::with_temp_dir(|dir| { inside = dir; same(fs::is_dir(dir), true) });
        same(fs::exists(inside), false);
        try { fs::read("none"); throw "read" } catch (e) { same(e.kind, "not_found"); }

        same(env::get("NOT_SET"), ());
        same(env::get("NOT_SET", "else"), "else");
        same(env::cpus() > 0, true);

        let ran = process::run(#{ cmd: ["sh", "-c", "cat; echo err >&2; exit 3"], stdin: "in", capture: true, check: false });
        same(ran.code, 3);
        same(ran.stdout, "in");
        same(ran.stderr, "err\n");
        try { process::run(#{ cmd: ["false"], capture: true }); throw "ran" } catch (e) { same(e.kind, "command_failed"); }
        try { process::run(#{ cmd: ["sleep", "60"], timeout: 0.05 }); throw "ran" } catch (e) { same(e.kind, "timeout"); }
        try { process::run(["no-such-program"]); throw "ran" } catch (e) { same(e.kind, "program_not_found"); }
        same(process::which("no-such-program"), ());

        same(human::bytes(32715571), "31.2 MiB");
        same(human::duration(64), "1m 04s");
        same(human::duration(0.34), "0.3s");
        same(ui::confirm("really?"), false);
        print("all the same");
        "#,
    );
    world.hero("run a one two").assert().success().stdout_eq("all the same\n");
}

#[test]
fn a_dry_run_has_no_effect_in_any_primitive() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.write("file", "text");
    world.write(
        "a.rhai",
        &format!(
            r#"
            fs::write("new", "text");
            fs::mkdir("folder");
            fs::copy("file", "copy");
            fs::rename("file", "other");
            fs::remove("file");
            process::run(["touch", "touched"]);
            let checkout = git::fetch(#{{ repo: "{}", name: "app" }});
            bin::install(#{{ name: "app", files: ["/bin/true"] }});
            "#,
            repo.path.display()
        ),
    );
    world.service("app", &repo, "");
    world.service("named", &repo, "bins: [\"app\"]");
    let before = world.photograph();
    let said = world.succeed("run --dry-run a");
    let plans = said.lines().filter(|line| line.trim_start().starts_with("Would ")).count();
    assert_eq!(plans, 8, "{said}");
    world.succeed("run app --dry-run");
    world.succeed("run named --dry-run");
    world.succeed("run app --dry-run --update --debug");
    world.succeed("run app --dry-run --reset --clear-debug-bins");
    world.succeed("run install_all --dry-run");
    assert_eq!(world.photograph(), before);
}
