//! `complete`: install, start, prove that it boots, or go back.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::support;
use crate::support::services::{Stage, ask, eventually, free_port};
use snapbox::str;

#[test]
fn it_installs_starts_swaps_and_stops() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    let said = world.succeed("run app complete --debug");
    assert!(said.contains("Started app        ready in"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("1"));
    let first = stage.pid("app").unwrap();

    // Nothing changed: it goes on.
    let said = world.succeed("run app complete --debug");
    assert!(!said.contains("Started"), "{said}");
    assert_eq!(stage.pid("app"), Some(first));

    server.becomes("2", "");
    let said = world.succeed("run app install --update --debug");
    assert!(
        said.contains(&format!("the old binary of `app` still runs (process {first})")),
        "{said}"
    );
    assert!(said.contains("run app.rhai restart"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("1"));
    assert_eq!(stage.status("app")["started"]["stale"], true);

    let said = world.succeed("run app complete --debug");
    assert!(said.contains("without service"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("2"));
    assert_ne!(stage.pid("app"), Some(first));

    let said = world.succeed("run app stop");
    assert!(said.contains("Stopped app"), "{said}");
    assert_eq!(ask(port), None);
    assert_eq!(stage.status("app")["started"]["state"], "stopped");
    world.succeed("run app start");
    assert_eq!(ask(port).as_deref(), Some("2"));
    world.succeed("run app uninstall");
    assert_eq!(ask(port), None);
    assert!(!world.home(".local/state/hero/run/app.json").exists());
}

#[test]
fn a_strangers_port_fails_before_anything_is_done() {
    let stage = Stage::new();
    let world = &stage.world;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    stage.server("app", port, "");
    let said = world.fail(4, "run app complete --debug");
    let own = std::process::id();
    assert!(said.contains(&format!("(process {own}) listens on port {port}")), "{said}");
    let by = format!("{}-", env!("CARGO_CRATE_NAME"));
    assert!(said.contains(&by), "the process is named: {said}");
    assert!(!world.bin("app").exists());
}

#[test]
fn a_child_that_exits_at_once_is_reported_at_once_with_what_it_said() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    // An hour: whoever waits for it, hangs.
    let server = stage.server("app", port, "timeout: 3600, restart: \"never\"");
    server.becomes("1", "eprintln!(\"no database\"); std::process::exit(3);");
    world.hero("run app complete --debug").assert().code(4).stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
    Fetched app        main ([HASH])
   Building app        [debug]
      Built app        [debug] in [ELAPSED]
  Installed app        [HASH] debug [SIZE] → ~/.local/bin/app
error: `app` ended before it was ready: exited with 3; it is stopped and stays installed, since there is nothing before it to go back to
  version 1 begins
  no database

hint: its whole log: [ROOT]/home/.local/state/hero/logs/services/app.log

"#]]);
    assert!(world.bin("app").exists());
}

#[test]
fn a_version_that_panics_gives_way_to_the_one_before() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "timeout: 3");
    world.succeed("run app complete --debug");
    for (version, code, why) in [
        ("2", "panic!(\"no database\");", "ended before it was ready: exited with 101"),
        ("3", "loop { std::thread::park() }", "was not ready within 3s: nobody listens on port"),
        (
            "4",
            "---std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(100)); std::process::exit(7) });",
            "was ready and ended soon after: exited with 7",
        ),
    ] {
        server.becomes(version, code);
        let said = world.fail(4, "run app complete --update --debug");
        assert!(said.contains(why), "{version}: {said}");
        assert!(said.contains("Rolled back app"), "{version}: {said}");
        assert!(said.contains("runs again after") && said.contains("without service"), "{said}");
        assert!(said.contains(&format!("version {version} begins")), "its log: {said}");
        assert_eq!(ask(port).as_deref(), Some("1"), "{version}");
        assert_eq!(stage.status("app")["started"]["stale"], false);
    }
    // The next good one is taken.
    server.becomes("5", "");
    world.succeed("run app complete --update --debug");
    assert_eq!(ask(port).as_deref(), Some("5"));
}

#[test]
fn a_description_that_does_not_boot_gives_way_too() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    world.succeed("run app complete --debug");
    let start = format!("start: #{{ cmd: [\"app\", \"none\"], ready: #{{ port: {port} }} }}");
    world.service("app", &server.repo, &start);
    let said = world.fail(4, "run app complete --debug");
    assert!(said.contains("runs again"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("1"));
}

#[test]
fn an_orphan_on_the_port_cannot_pass_for_the_new_one() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    stage.server("app", port, "");
    world.succeed("run app install --debug");
    let mut orphan = std::process::Command::new(world.bin("app"))
        .arg(port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the orphan answers", || ask(port).is_some());
    let said = world.fail(4, "run app complete --debug");
    assert!(said.contains(&format!("kill {}", orphan.id())), "{said}");
    orphan.kill().unwrap();
    orphan.wait().unwrap();
    world.succeed("run app complete --debug");
}

#[test]
fn requests_fail_only_while_the_old_one_is_gone() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    world.succeed("run app complete --debug");
    server.becomes("2", "");
    world.succeed("run app install --update --debug");
    let (stop, failed, good) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    let seen = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut seen = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                match ask(port) {
                    Some(version) => {
                        good.fetch_add(1, Ordering::SeqCst);
                        if seen.last() != Some(&version) {
                            seen.push(version);
                        }
                    }
                    None => drop(failed.fetch_add(1, Ordering::SeqCst)),
                }
            }
            seen
        });
        eventually("requests are answered", || good.load(Ordering::SeqCst) > 0);
        assert_eq!(failed.load(Ordering::SeqCst), 0);
        world.succeed("run app restart");
        let after = (failed.load(Ordering::SeqCst), good.load(Ordering::SeqCst));
        eventually("more requests are answered", || good.load(Ordering::SeqCst) > after.1 + 20);
        assert_eq!(failed.load(Ordering::SeqCst), after.0, "none fails once it is up");
        stop.store(true, Ordering::SeqCst);
        load.join().unwrap()
    });
    assert_eq!(seen, ["1", "2"], "never the old one again");
}

/// Runs `complete` and kills hero when it says a word; whether it came so far.
fn killed_at(stage: &Stage, event: &str) -> bool {
    let mut command = stage.world.command("--json run app complete --update --debug");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut reached = false;
    for line in lines.map_while(Result::ok) {
        if line.contains(&format!("\"event\":\"{event}\"")) {
            child.kill().unwrap();
            reached = true;
            break;
        }
    }
    child.wait().unwrap();
    reached
}

#[test]
fn hero_may_be_killed_at_any_step() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "timeout: 3");
    world.succeed("run app complete --debug");
    for (round, event) in
        ["fetched", "built", "installed", "stopped", "starting", "started"].iter().enumerate()
    {
        let version = format!("{}", round + 2);
        server.becomes(&version, "");
        let reached = killed_at(&stage, event);
        assert!(reached || matches!(*event, "stopped" | "starting"), "{event} never comes");
        // Status tells the truth about whatever is there.
        let known = stage.status("app");
        let started = &known["started"];
        match ask(port) {
            Some(_) => assert_eq!(started["state"], "running", "{event}: {known}"),
            None => assert_ne!(started["stale"], true, "{event}: {known}"),
        }
        world.succeed("run app complete --debug");
        assert_eq!(ask(port), Some(version), "after a kill at {event}");
        assert_eq!(stage.status("app")["started"]["as_proven"], true);
    }
    // In the middle of going back, too.
    server.becomes("bad", "panic!();");
    assert!(killed_at(&stage, "rolled_back") || ask(port).is_some());
    let said = world.fail(4, "run app complete --update --debug");
    assert!(said.contains("run"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("7"));
}

#[test]
fn a_kill_before_the_old_one_was_stopped_does_not_make_it_the_new_one() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    world.succeed("run app complete --debug");
    let first = stage.pid("app").unwrap();
    // As a hero leaves it that is killed when it has written down what it is about to do.
    let path = world.home(".local/state/hero/run/app.json");
    let mut record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    record["units"][0]["args"] = serde_json::json!([port.to_string(), "more"]);
    record["settled"] = false.into();
    std::fs::write(&path, record.to_string()).unwrap();
    let start = format!(
        "start: #{{ cmd: [\"app\", \"{port}\", \"more\"], stable: 0.3, ready: #{{ port: {port} }} }}"
    );
    world.service("app", &server.repo, &start);
    world.succeed("run app complete --debug");
    let pid = stage.pid("app").unwrap();
    assert_ne!(pid, first);
    let words = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    assert!(words.ends_with("\0more\0"), "{words:?}");
}

#[test]
fn two_at_once_take_turns() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    stage.server("app", port, "");
    let start = || {
        let mut command = world.command("run app complete --debug");
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (one, two) = (start(), start());
    for child in [one, two] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
    }
    assert_eq!(ask(port).as_deref(), Some("1"));
    world.succeed("run app stop");
    assert_eq!(ask(port), None, "only one was started");
}

#[test]
fn a_smoke_test_leaves_nothing_behind() {
    let stage = Stage::new();
    let world = &stage.world;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let server = stage.server("app", port, "");
    let start = format!(
        "start: #{{ cmd: [\"app\", \"{{port}}\"], stable: 0.1, ready: #{{ port: {port}, http: \"/\" }} }}"
    );
    world.service("app", &server.repo, &start);
    // The port is taken, and it does not matter.
    let said = world.succeed("run app complete --smoke --debug --junit report.xml");
    assert!(said.contains("Started app        ready"), "{said}");
    assert!(!world.bin("app").exists() && !world.home(".local/state/hero/run").exists());
    let report = std::fs::read_to_string(world.work("report.xml")).unwrap();
    assert!(
        report.contains("<testcase name=\"app\"") && report.contains("failures=\"0\""),
        "{report}"
    );

    server.becomes("2", "let home = std::env::var(\"HOME\").unwrap(); panic!(\"home is {home}\");");
    let said = world.fail(4, "run app complete --smoke --update --debug --junit report.xml");
    assert!(said.contains("home is /tmp/hero-smoke-"), "{said}");
    let report = std::fs::read_to_string(world.work("report.xml")).unwrap();
    assert!(
        report.contains("failures=\"1\"") && report.contains("ended before it was ready"),
        "{report}"
    );
    assert!(!world.bin("app").exists());
}

#[test]
fn a_stack_starts_in_order_and_stops_in_reverse() {
    let stage = Stage::new();
    let world = &stage.world;
    let ports = [free_port(), free_port(), free_port()];
    for (name, port, after) in [("a", ports[0], "c"), ("b", ports[1], "a"), ("c", ports[2], "")] {
        let server = stage.server(name, port, "");
        let after = if after.is_empty() { String::new() } else { format!("after: [\"{after}\"],") };
        let start = format!(
            "{after} start: #{{ cmd: [\"{name}\", \"{port}\"], stable: 0.1, ready: #{{ port: {port} }} }}"
        );
        let script = world.service(name, &server.repo, &start);
        std::fs::create_dir_all(world.work("services")).unwrap();
        std::fs::rename(script, world.work(&format!("services/{name}.rhai"))).unwrap();
    }
    let order = |said: &str, verb: &str| -> Vec<String> {
        let lines = said.lines().filter_map(|line| line.trim().strip_prefix(verb));
        lines.map(|rest| rest.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let said = world.succeed("run complete --debug");
    assert_eq!(order(&said, "Started "), ["c", "a", "b"], "{said}");
    assert!(said.contains("3 services: 3 installed; 3 running"), "{said}");
    assert_eq!(ports.map(|port| ask(port).is_some()), [true; 3]);
    let said = world.succeed("run complete status");
    assert_eq!(said.matches(" running ").count(), 3, "{said}");
    let said = world.succeed("run complete stop");
    assert_eq!(order(&said, "Stopped "), ["b", "a", "c"], "{said}");
    assert_eq!(ports.map(ask), [None, None, None]);
    world.succeed("run complete start");
    world.succeed("run complete restart .");
    assert_eq!(ports.map(|port| ask(port).is_some()), [true; 3]);

    // One that fails keeps those from starting that wait for it.
    world.succeed("run complete stop");
    let text = std::fs::read_to_string(world.work("services/c.rhai")).unwrap();
    std::fs::write(world.work("services/c.rhai"), text.replace("[\"c\",", "[\"false\",")).unwrap();
    let said = world.fail(4, "run complete --debug");
    assert!(said.contains("Skipped a          `c` does not run"), "{said}");
    assert!(said.contains("Skipped b          `a` does not run"), "{said}");

    // A circle is found before anything is done.
    let text = std::fs::read_to_string(world.work("services/c.rhai")).unwrap();
    std::fs::write(world.work("services/c.rhai"), text.replace("start:", "after: [\"b\"], start:"))
        .unwrap();
    let said = world.fail(1, "run complete --debug");
    assert!(said.contains("services start after each other in a circle: a → c → b → a"), "{said}");
}
