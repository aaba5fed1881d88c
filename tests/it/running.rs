//! Services that run without a supervisor: ends, restarts, logs, readiness.

use std::process::Stdio;

use crate::support::services::{self, Stage, ask, eventually, free_port, is_alive};
use crate::support::{self, children, kill};
use snapbox::str;

/// The parent of a process.
fn parent(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let rest = stat.rsplit_once(") ").unwrap().1;
    rest.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn whoever_ignores_sigterm_is_gone_after_the_grace() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    let bin = world.bin("app");
    let start = format!(
        "start: #{{ cmd: [\"sh\", \"-c\", \"trap '' TERM; {} {port}; true\"], stable: 0.1, stop_timeout: 0.3, ready: #{{ port: {port} }} }}",
        bin.display()
    );
    world.service("app", &server.repo, &start);
    world.succeed("run app complete --debug");
    let shell = stage.pid("app").unwrap();
    let child = children(shell)[0];
    world.succeed("run app stop");
    assert!(!is_alive(shell) && !is_alive(child));
    assert_eq!(ask(port), None);
}

#[test]
fn a_process_that_fails_is_started_again() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    stage.server("app", port, "");
    world.succeed("run app complete --debug");
    let first = stage.pid("app").unwrap();
    kill(first);
    eventually("another process answers", || {
        ask(port).is_some() && stage.pid("app").is_some_and(|pid| pid != first)
    });
    let known = stage.status("app");
    let unit = &known["started"]["units"][0];
    assert_eq!((&unit["restarts"], &unit["state"]), (&1.into(), &"running".into()), "{known}");
    assert_eq!(unit["ended"], "was killed by signal 9");
}

#[test]
fn it_goes_on_without_its_attendant_and_is_found() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    stage.server("app", port, "");
    world.succeed("run app complete --debug");
    let pid = stage.pid("app").unwrap();
    kill(parent(pid));
    assert_eq!(stage.status("app")["started"]["state"], "running");
    assert_eq!(ask(port).as_deref(), Some("1"));
    // Nobody would hear what it says: it is started anew.
    world.succeed("run app complete --debug");
    assert!(!is_alive(pid));
    assert_eq!(ask(port).as_deref(), Some("1"));
    // Both gone: as after the machine went down.
    let pid = stage.pid("app").unwrap();
    kill(parent(pid));
    kill(pid);
    eventually("it is gone", || !is_alive(pid));
    assert_eq!(stage.status("app")["started"]["state"], "stopped");
    world.succeed("run app start");
    assert_eq!(ask(port).as_deref(), Some("1"));
}

#[test]
fn a_log_may_hold_anything() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "restart: \"never\"");
    server.becomes(
        "1",
        "use std::io::Write; let mut out = std::io::stdout(); out.write_all(b\"\\xff\\x00\\x1b[2Jbin\\n\").unwrap(); out.write_all(&vec![b'x'; 3_000_000]).unwrap(); out.write_all(b\"\\nlast words\\n\").unwrap(); out.flush().unwrap();",
    );
    world.succeed("run app complete --debug");
    let said = world.succeed("run app logs -n 2");
    assert!(said.ends_with(&format!("last words\nlistening on {port}\n")), "{said}");
    let said = world.succeed("run app logs -n 4");
    assert!(said.len() < 300_000, "an endless line is cut: {}", said.len());

    server.becomes("2", "use std::io::Write; std::io::stderr().write_all(b\"\\xff\\x1b[31m bad \\x07\\n\").unwrap(); std::process::exit(9);");
    let said = world.fail(4, "run app complete --update --debug");
    assert!(said.contains("exited with 9") && said.contains(" bad "), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
}

#[test]
fn logs_are_followed_until_interrupted() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    server.becomes("1", "---std::thread::spawn(|| loop { println!(\"tick\"); std::thread::sleep(std::time::Duration::from_millis(50)) });");
    world.succeed("run app complete --debug");
    let mut command = world.command("run app logs -f -n 1");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let ticks = lines.map_while(Result::ok).filter(|line| line == "tick").take(5).count();
    assert_eq!(ticks, 5);
    support::interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let said = world.fail(2, "run app logs -n nothing");
    assert!(said.contains("--lines"), "{said}");
}

#[test]
fn ready_may_be_said_in_several_ways() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    let ready = |ready: &str, env: &str| {
        let start = format!(
            "start: #{{ cmd: [\"app\", \"{{port}}\"], stable: 0.05, timeout: 20, env: #{{ {env} }}, ready: #{{ port: {port}, {ready} }} }}"
        );
        world.service("app", &server.repo, &start);
    };
    server.becomes("1", "---if std::env::var(\"SAY\").is_ok() { std::thread::sleep(std::time::Duration::from_millis(300)); let socket = std::os::unix::net::UnixDatagram::unbound().unwrap(); socket.send_to(b\"READY=1\", std::env::var(\"NOTIFY_SOCKET\").unwrap()).unwrap(); }");
    ready("http: \"/\", status: 200", "");
    world.succeed("run app complete --debug");
    ready("log: \"^listening on \\\\d+$\"", "");
    world.succeed("run app complete --debug");
    ready("cmd: [\"test\", \"-d\", \"/\"]", "");
    world.succeed("run app complete --debug");
    ready("notify: true", "SAY: \"1\"");
    let said = world.succeed("run app complete --debug");
    assert!(said.contains("Started app        ready"), "{said}");
    ready("http: \"/\", status: 404", "");
    let text = std::fs::read_to_string(world.work("app.rhai")).unwrap();
    world.write("app.rhai", &text.replace("timeout: 20", "timeout: 0.5"));
    let said = world.fail(4, "run app complete --debug");
    assert!(said.contains("answers with 200") && said.contains("runs again"), "{said}");
}

#[test]
fn several_processes_start_in_order_and_one_may_end() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    let server = stage.server("app", port, "");
    let mark = world.root().join("migrated");
    let start = format!(
        "start: [\n  #{{ name: \"web\", cmd: [\"app\", \"{port}\"], after: [\"migrate\"], stable: 0.1, ready: #{{ port: {port} }} }},\n  #{{ name: \"migrate\", cmd: [\"sh\", \"-c\", \"echo x >> {}\"], one_shot: true }},\n]",
        mark.display()
    );
    world.service("app", &server.repo, &start);
    let said = world.succeed("run app complete --debug");
    let places =
        ["Started app.migrate done", "Started app.web    ready"].map(|words| said.find(words));
    assert!(places[0].is_some() && places[0] < places[1], "{said}");
    // It is done once for a generation.
    world.succeed("run app complete --debug");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "x\n");
    world.succeed("run app restart");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "x\n");
    server.becomes("2", "");
    world.succeed("run app complete --update --debug");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "x\nx\n");
    let said = world.succeed("run app logs");
    assert!(said.contains("app.web    listening"), "{said}");
    // A process that is no more described is ended.
    let start = "start: #{ cmd: [\"sleep\", \"3600\"], stable: 0.05 }";
    world.service("app", &server.repo, start);
    let said = world.succeed("run app complete --debug");
    assert!(said.contains("alive for 50ms"), "{said}");
    assert_eq!(ask(port), None);
}

#[test]
fn what_is_saved_is_restarted() {
    let stage = Stage::new();
    let world = &stage.world;
    let port = free_port();
    stage.server("app", port, "");
    world.succeed("run app complete --debug");
    let mut command = world.command("run app watch --debug");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("Watching")));
    world.checkout("app").write("src/main.rs", &services::source("2", ""));
    assert!(lines.any(|line| line.unwrap().contains("Started app")));
    eventually("the saved version answers", || ask(port).as_deref() == Some("2"));
    support::interrupt(&child);
    drop(lines);
    child.wait().unwrap();
}

#[test]
fn a_wrong_description_says_what_and_where() {
    let stage = Stage::new();
    let world = &stage.world;
    let server = stage.server("app", 1, "");
    for (start, message, hint) in [
        ("#{ cmd: [\"app\"], redy: #{} }", "`start` has no option `redy`", "did you mean `ready`?"),
        (
            "#{ cmd: [\"app\"], ready: #{ prot: 1 } }",
            "`start` has no option `prot`",
            "did you mean `port`?",
        ),
        ("#{ ready: #{} }", "`start` needs a `cmd`", "cmd: ["),
        ("#{ cmd: [\"app --port 1\"] }", "`app --port 1` is no program", "a string of its own"),
        ("#{ cmd: [] }", "`cmd` of `start` is empty", "the program"),
        ("#{ cmd: [\"app\", \"{port}\"] }", "`{port}` stands for `ready.port`", "ready: #{ port"),
        ("#{ cmd: [\"app\"], ready: #{ log: \"(\" } }", "is not a regular expression", ""),
        ("#{ cmd: [\"app\"], ready: #{ http: \"/x\" } }", "needs a `port` beside it", "port: 8080"),
        ("#{ cmd: [\"app\"], ready: #{ http: \"ftp://x\" } }", "neither a path nor an http", ""),
        (
            "#{ cmd: [\"app\"], ready: #{ port: 1, log: \"x\", cmd: [\"y\"] } }",
            "not both `log` and `cmd`",
            "",
        ),
        ("#{ cmd: [\"app\"], ready: #{ port: 99999 } }", "`ready.port`", ""),
        ("#{ cmd: [\"app\"], restart: \"sometimes\" }", "`restart`", ""),
        ("#{ cmd: [\"app\"], stable: -1 }", "`stable` is seconds", ""),
        (
            "#{ cmd: [\"app\"], one_shot: true, ready: #{ port: 1 } }",
            "`one_shot` is ready when",
            "",
        ),
        (
            "[#{ cmd: [\"app\"] }, #{ cmd: [\"app\"] }]",
            "each of several processes needs a `name`",
            "",
        ),
        (
            "[#{ name: \"a\", cmd: [\"x\"] }, #{ name: \"a\", cmd: [\"x\"] }]",
            "two processes of `start` are called `a`",
            "",
        ),
        ("5", "`start` is a map", "start: #{"),
    ] {
        world.service("app", &server.repo, &format!("start: {start}"));
        let said = world.fail(1, "run app status");
        assert!(said.contains(message) && said.contains(hint), "{start}: {said}");
        assert!(said.contains("app.rhai:"), "the place is shown for {start}: {said}");
    }
    world.service("app", &server.repo, "");
    let said = world.fail(1, "run app logs");
    assert!(said.contains("`app` was never started"), "{said}");
    world.service("app", &server.repo, "start: #{ cmd: [\"ap\"] }");
    let said = world.fail(1, "run app complete --debug");
    assert!(
        said.contains("neither a binary of `app` nor a program")
            && said.contains("did you mean `app`?"),
        "{said}"
    );
    world.service("app", &server.repo, "start: #{ cmd: [\"app\", \"1\"], user: \"nobody\" }");
    let said = world.fail(1, "run app complete --debug --supervisor direct");
    assert!(said.contains("runs everything as the user who starts it"), "{said}");
    let said = world.fail(2, "run app start --supervisor zinith");
    assert!(said.contains("zinit"), "{said}");
    world.service("app", &server.repo, "");
    let said = world.fail(1, "run app start");
    assert!(said.contains("`app` has nothing to start"), "{said}");
}

#[test]
fn scripts_of_ones_own_may_try_anything() {
    let stage = Stage::new();
    let world = &stage.world;
    world.write(
        "own.rhai",
        r#"
        let good = smoke::run(#{ cmd: ["sh", "-c", "echo up on {port}; exec sleep 60"], stable: 0.05, ready: #{ port: 1, log: "^never" }, timeout: 0.2 });
        print(`${good.ok} ${good.reason}`);
        let alive = smoke::run(#{ cmd: ["sleep", "60"], stable: 0.05 });
        print(`${alive.ok} ${alive.proof}`);
        let dead = smoke::run(#{ cmd: ["sh", "-c", "echo bad luck; exit 4"], restart: "never" });
        print(`${dead.ok} ${dead.reason}: ${dead.log}`);
        "#,
    );
    world.hero("run own").assert().success().stdout_eq(str![[r#"
false `smoke` was not ready within 200ms: nobody listens on port [..]
true alive for 50ms
false `smoke` did not stay alive for [ELAPSED]: exited with 4: ["bad luck"]

"#]]);
}
