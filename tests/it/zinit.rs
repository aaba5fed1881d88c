//! zinit, the real one.

use std::process::{Command, Output, Stdio};

use crate::support::services::{Server, Stage, ask, eventually, free_port, is_alive};
use crate::support::zinit::Zinit;
use crate::support::{self, both, kill};

struct Machine {
    // Ended before the stage, which would find it gone.
    zinit: Zinit,
    stage: Stage,
}

impl Machine {
    fn new() -> Self {
        let stage = Stage::new();
        let zinit = Zinit::start(&stage.world.root().join("zinit"));
        Self { zinit, stage }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = self.stage.world.command(arguments);
        command.env("ZINIT_SOCKET", self.zinit.socket());
        command
    }

    fn hero(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeed(&self, arguments: &str) -> String {
        let output = self.hero(arguments);
        assert!(output.status.success(), "hero {arguments}: {}", both(&output));
        both(&output)
    }

    fn fail(&self, exit: i32, arguments: &str) -> String {
        let output = self.hero(arguments);
        assert_eq!(output.status.code(), Some(exit), "hero {arguments}: {}", both(&output));
        both(&output)
    }

    fn state(&self) -> serde_json::Value {
        let output = self.hero("run app status --json");
        let all: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", both(&output)));
        all[0]["started"].clone()
    }

    fn pid(&self) -> Option<u32> {
        let pid = self.state()["units"][0]["pid"].as_u64();
        pid.map(|pid| u32::try_from(pid).unwrap())
    }

    fn server(&self, port: u16, more: &str) -> Server {
        self.stage.server("app", port, more)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let script = "for name in daemon::list() { daemon::remove(name); }";
        self.stage.world.write("end.rhai", script);
        self.hero("run end.rhai");
        // What a stopped zinit leaves known is nobody's business any more.
        let _none = std::fs::remove_dir_all(self.stage.world.home(".local/state/hero/run"));
    }
}

#[test]
fn it_starts_swaps_goes_back_and_stops() {
    let machine = Machine::new();
    let port = free_port();
    let server = machine.server(port, "timeout: 5");
    let said = machine.succeed("run app complete --debug");
    assert!(said.contains("Started app        ready"), "{said}");
    assert_eq!(machine.state()["supervisor"], "zinit");
    assert_eq!(ask(port).as_deref(), Some("1"));
    let first = machine.pid().unwrap();
    machine.succeed("run app complete --debug");
    assert_eq!(machine.pid(), Some(first), "what runs as it should goes on");

    server.becomes("2", "");
    let said = machine.succeed("run app complete --update --debug");
    assert!(said.contains("without service"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("2"));
    assert!(!is_alive(first));

    server.becomes("3", "panic!(\"no database\");");
    let said = machine.fail(4, "run app complete --update --debug");
    assert!(said.contains("no database") && said.contains("runs again"), "{said}");
    assert_eq!(ask(port).as_deref(), Some("2"));

    assert!(machine.succeed("run app logs").contains(&format!("listening on {port}")));
    let pid = machine.pid().unwrap();
    machine.succeed("run app stop");
    assert!(ask(port).is_none() && !is_alive(pid));
    machine.succeed("run app start");
    assert_eq!(ask(port).as_deref(), Some("2"));
    machine.succeed("run app uninstall");
    assert_eq!(ask(port), None);
    assert_eq!(machine.zinit.config("app"), None);
}

#[test]
fn another_description_replaces_the_one_it_has() {
    let machine = Machine::new();
    let port = free_port();
    let server = machine.server(port, "");
    machine.succeed("run app complete --debug");
    let first = machine.pid().unwrap();
    let start = format!(
        "start: #{{ cmd: [\"app\", \"{port}\", \"a b\", \"it's $HOME\"], env: #{{ A: \"x y\" }}, stable: 0.1, ready: #{{ port: {port} }} }}"
    );
    machine.stage.world.service("app", &server.repo, &start);
    machine.succeed("run app complete --debug");
    let pid = machine.pid().unwrap();
    assert_ne!(pid, first);
    let words = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    assert!(words.ends_with(&format!("\0{port}\0a b\0it's $HOME\0")), "{words:?}");
    let env = std::fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
    assert!(env.split('\0').any(|variable| variable == "A=x y"), "{env:?}");
}

#[test]
fn a_strangers_service_is_left_alone() {
    let mut machine = Machine::new();
    let port = free_port();
    machine.server(port, "");
    machine.zinit.stop();
    machine.zinit.write("app", "[service]\nname = \"app\"\nexec = \"sleep 3600\"\n");
    machine.zinit.again();
    let said = machine.fail(3, "run app complete --debug");
    assert!(said.contains("a service of this name that is not hero's"), "{said}");
    assert!(machine.zinit.config("app").unwrap().contains("sleep 3600"));
}

#[test]
fn whoever_ignores_sigterm_is_gone_and_so_are_its_children() {
    let machine = Machine::new();
    let port = free_port();
    let server = machine.server(port, "");
    let bin = machine.stage.world.bin("app");
    let start = format!(
        "start: #{{ cmd: [\"sh\", \"-c\", \"trap '' TERM; {} {port}; true\"], stable: 0.1, stop_timeout: 0.3, ready: #{{ port: {port} }} }}",
        bin.display()
    );
    machine.stage.world.service("app", &server.repo, &start);
    machine.succeed("run app complete --debug");
    let shell = machine.pid().unwrap();
    let child = support::children(shell)[0];
    machine.succeed("run app stop");
    assert!(!is_alive(shell) && !is_alive(child));
    assert_eq!(ask(port), None);
}

#[test]
fn what_is_killed_runs_again() {
    let machine = Machine::new();
    let port = free_port();
    machine.server(port, "");
    machine.succeed("run app complete --debug");
    let first = machine.pid().unwrap();
    kill(first);
    eventually("another process answers", || {
        ask(port).is_some() && machine.pid().is_some_and(|pid| pid != first)
    });
}

#[test]
fn zinit_may_go_and_come_back() {
    let mut machine = Machine::new();
    let port = free_port();
    let server = machine.server(port, "");
    machine.succeed("run app complete --debug");
    machine.zinit.stop();
    // It does not answer: that is said, and nothing is believed.
    let said = machine.succeed("run app status");
    assert!(said.contains("unknown") && said.contains("nobody answers at"), "{said}");
    let said = machine.fail(3, "run app complete --debug");
    assert!(
        said.contains("zinit cannot be used") && said.contains("zinit-server --socket"),
        "{said}"
    );
    assert!(said.contains("--supervisor direct"), "{said}");

    let said = machine.succeed("run app uninstall");
    assert!(said.contains("`app` is left to zinit"), "{said}");
    machine.zinit.again();
    machine.succeed("run app complete --debug");
    machine.zinit.stop();

    // What ran runs again with it; what was stopped stays so.
    machine.zinit.again();
    eventually("it runs again", || ask(port).as_deref() == Some("1"));
    assert_eq!(machine.state()["state"], "running");
    machine.succeed("run app stop");
    machine.zinit.stop();
    machine.zinit.again();
    assert_eq!(machine.state()["state"], "stopped");
    assert_eq!(ask(port), None);

    // It is killed, and its service goes on without it: an orphan that must not pass.
    machine.succeed("run app start");
    let orphan = machine.pid().unwrap();
    machine.zinit.kill();
    assert!(is_alive(orphan));
    server.becomes("2", "");
    machine.zinit.again();
    let said = machine.fail(4, "run app complete --update --debug");
    assert!(said.contains(&format!("kill {orphan}")), "{said}");
    kill(orphan);
    machine.succeed("run app complete --update --debug");
    assert_eq!(ask(port).as_deref(), Some("2"));
}

#[test]
fn another_supervisor_takes_over_and_gives_back() {
    let machine = Machine::new();
    let port = free_port();
    machine.server(port, "");
    machine.succeed("run app complete --debug");
    machine.succeed("run app complete --debug --supervisor direct");
    assert_eq!(machine.state()["supervisor"], "direct");
    assert_eq!(machine.zinit.config("app"), None);
    assert_eq!(ask(port).as_deref(), Some("1"));
    machine.succeed("run app complete --debug --supervisor zinit");
    assert_eq!(machine.state()["supervisor"], "zinit");
    assert_eq!(ask(port).as_deref(), Some("1"));
}

#[test]
fn logs_are_followed() {
    let machine = Machine::new();
    let port = free_port();
    let server = machine.server(port, "");
    server.becomes(
        "1",
        "---std::thread::spawn(|| for n in 0.. { println!(\"tick {n}\"); std::thread::sleep(std::time::Duration::from_millis(50)) });",
    );
    machine.succeed("run app complete --debug");
    let mut child = machine.command("run app logs -f -n 1").stdout(Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let ticks =
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("tick ")?.parse().ok());
    let ticks: Vec<u32> = ticks.take(10).collect();
    support::interrupt(&child);
    child.wait().unwrap();
    let expected: Vec<u32> = (ticks[0]..ticks[0] + 10).collect();
    assert_eq!(ticks, expected, "each line once");
}

#[test]
fn an_older_zinit_is_refused() {
    let machine = Machine::new();
    machine.server(free_port(), "");
    let socket = machine.stage.world.root().join("old.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut question = String::new();
            let mut reader = std::io::BufReader::new(&stream);
            std::io::BufRead::read_line(&mut reader, &mut question).unwrap();
            let _gone = std::io::Write::write_all(
                &mut stream,
                b"{\"state\":\"error\",\"body\":\"unknown command\"}\n",
            );
        }
    });
    let mut command = machine.stage.world.command("run app complete --debug --supervisor zinit");
    let output = command.env("ZINIT_SOCKET", &socket).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", both(&output));
    let said = both(&output);
    assert!(said.contains("speaks an older protocol"), "{said}");
    assert!(said.contains("cargo install zinit --version 0.3.9"), "{said}");
}
