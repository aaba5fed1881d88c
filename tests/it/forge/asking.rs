//! git asks for a password at a terminal: hero lets it, and ends it with everything
//! that it has started.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};
use rustix::termios::{LocalModes, tcgetattr};

use super::scene::{Scene, write};
use super::servers::{Need, Servers};
use super::support::{World, manifest, prints};

/// How long each step may take, in milliseconds.
const LIMIT: u64 = 60_000;

/// The variable by which hero and all that it starts are known.
const MARK: &str = "ASKING_TEST";

/// A shell stays in hero's process group, as a user's script would, and prints how hero
/// ended. It ignores what ends hero.
const SHELL: &str = r#"trap : INT; stty sane cols 100 rows 30
env "$MARK=$HOME" "$@"; printf 'exit %s.\n' $?; read -r again"#;

/// A terminal in which hero runs.
struct Terminal {
    session: PtySession,
    screen: File,
    home: String,
}

impl Terminal {
    fn start(world: &World, arguments: &str, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", SHELL, "sh", env!("CARGO_BIN_EXE_hero")]);
        command.args(arguments.split_whitespace()).current_dir(world.work(""));
        world.environment(&mut command);
        command.env("MARK", MARK).env("TERM", "xterm").env("HERO_GIT_PROMPT", "1");
        command.env_remove("GIT_CONFIG_GLOBAL").envs(more.iter().copied());
        let options = Options::new().timeout_ms(Some(LIMIT)).strip_ansi_escape_codes(true);
        let session = spawn_with_options(command, options).expect("a terminal");
        let screen = session.process().get_file_handle().expect("the terminal's file");
        Self { session, screen, home: world.home("").display().to_string() }
    }

    /// Waits for a text; what was printed before it.
    fn see(&mut self, text: &str) -> String {
        self.session.exp_string(text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn type_line(&mut self, text: &str) {
        self.session.send_line(text).expect("the terminal takes it");
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.screen).expect("settings").local_modes.contains(LocalModes::ECHO)
    }

    /// The processes of hero's, with hero first.
    fn processes(&self) -> Vec<(u32, String)> {
        let mark = format!("{MARK}={}", self.home);
        let entries = std::fs::read_dir("/proc").expect("processes").flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                let read = |name| std::fs::read(entry.path().join(name)).unwrap_or_default();
                let is_ours =
                    read("environ").split(|byte| *byte == 0).any(|it| it == mark.as_bytes());
                let line = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
                is_ours.then_some((pid, line))
            })
            .collect();
        found.sort_by_key(|(_, line)| !line.starts_with(env!("CARGO_BIN_EXE_hero")));
        found
    }

    fn signal(&self, name: &str) {
        let (hero, line) = self.processes().swap_remove(0);
        assert!(line.starts_with(env!("CARGO_BIN_EXE_hero")), "{line}");
        let status = Command::new("kill").args([&format!("-{name}"), &hero.to_string()]).status();
        assert!(status.expect("kill starts").success());
    }

    /// Waits for hero's end, after which nothing of it may be left.
    fn ends(&mut self, exit: i32) -> String {
        let before = self.see("exit ");
        let code = self.see(".");
        assert_eq!(code, exit.to_string(), "{before}");
        let begin = Instant::now();
        while !self.processes().is_empty() {
            let left = self.processes();
            assert!(begin.elapsed() < Duration::from_secs(5), "still there: {left:?}");
            std::thread::yield_now();
        }
        assert!(self.echoes(), "the terminal shows nothing that is typed: {before}");
        before
    }
}

/// How the user stops hero.
#[derive(Debug, Clone, Copy)]
enum Stop {
    Signal(&'static str, i32),
    /// Ctrl-C: the terminal tells the whole process group.
    Key,
}

impl Stop {
    fn perform(self, terminal: &mut Terminal) -> i32 {
        match self {
            Self::Signal(name, exit) => {
                terminal.signal(name);
                exit
            }
            Self::Key => {
                terminal.session.send_control('c').expect("the terminal takes it");
                130
            }
        }
    }
}

const STOPS: [Stop; 4] =
    [Stop::Signal("TERM", 143), Stop::Signal("HUP", 143), Stop::Signal("INT", 130), Stop::Key];

#[test]
fn a_signal_at_the_prompt_ends_git_and_an_answer_lets_it_go_on() {
    let Some(servers) = Servers::with(Need::Nginx) else { return };
    let mut scene = Scene::new(&servers);
    let origin = servers.nginx().http.clone();
    let password = scene.password(&origin);
    let world = &scene.world;
    let script = format!("git::fetch(#{{ name: \"x\", repo: \"{origin}/auth/plain.git\" }});\n");
    world.write("x.rhai", &script);

    for stop in STOPS {
        for name in [None, Some("alice")] {
            let mut terminal = Terminal::start(world, "run x", &[]);
            terminal.see("Username for ");
            if let Some(name) = name {
                terminal.type_line(name);
                terminal.see("Password for ");
                terminal.see(": ");
                assert!(!terminal.echoes(), "git hides the password");
            }
            let exit = stop.perform(&mut terminal);
            let text = terminal.ends(exit);
            assert!(text.contains("\nerror: interrupted"), "a line of its own: {text:?}");
        }
        // A program that hides what is typed, and lets no signal end it.
        let asks = "trap '' TERM INT HUP; stty -echo </dev/tty; printf 'the password: ' >/dev/tty\n\
                    sleep 3600 & wait; sleep 3600\n";
        let asks = write(&world.home("asks"), &format!("#!/bin/sh\n{asks}"), 0o755);
        let asks = asks.display().to_string();
        let mut terminal = Terminal::start(world, "run x", &[("GIT_ASKPASS", &asks)]);
        terminal.see("the password: ");
        let exit = stop.perform(&mut terminal);
        terminal.ends(exit);
    }

    let mut terminal = Terminal::start(world, "run x", &[]);
    terminal.see("Username for ");
    terminal.type_line("alice");
    terminal.see("Password for ");
    terminal.type_line("wrong");
    let text = terminal.ends(3);
    assert!(text.contains("rejected the login") && !text.contains("HERO_GIT_PROMPT"), "{text}");

    let mut terminal = Terminal::start(world, "run x", &[]);
    terminal.see("Username for ");
    terminal.type_line("alice");
    terminal.see("Password for ");
    terminal.type_line(&password);
    let text = terminal.ends(0);
    assert!(!text.contains(&password), "{text}");
    let head = world.checkout("x").git("rev-parse HEAD");
    assert_eq!(head, servers.repos.main);
}

/// ssh asks for the passphrase itself, as a child of git's.
#[test]
fn a_signal_at_a_passphrase_ends_ssh_and_an_answer_lets_it_go_on() {
    let Some(servers) = Servers::with(Need::Ssh) else { return };
    let (ssh, world) = (servers.ssh(), World::new());
    let address = ssh.url(&ssh.main, "plain.git");
    world.write("x.rhai", &format!("git::fetch(#{{ name: \"x\", repo: \"{address}\" }});\n"));
    let command = format!(
        "ssh -F none -i {} -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new \
         -o UserKnownHostsFile={}",
        ssh.key("locked"),
        world.home("hosts").display()
    );
    let more = [("GIT_SSH_COMMAND", command.as_str())];
    for stop in STOPS {
        let mut terminal = Terminal::start(&world, "run x", &more);
        terminal.see("Enter passphrase for key ");
        terminal.see(": ");
        assert!(!terminal.echoes(), "ssh hides the passphrase");
        let exit = stop.perform(&mut terminal);
        terminal.ends(exit);
    }
    let mut terminal = Terminal::start(&world, "run x", &more);
    terminal.see("Enter passphrase for key ");
    terminal.type_line("opens");
    terminal.ends(0);
    assert_eq!(world.checkout("x").git("rev-parse HEAD"), servers.repos.main);
}

/// Services that go on while another one's git asks print nothing into its question.
#[test]
fn the_lines_of_other_services_wait_for_the_answer() {
    let Some(servers) = Servers::with(Need::Nginx) else { return };
    let mut scene = Scene::new(&servers);
    let name = scene.own_repo();
    let origin = servers.nginx().http.clone();
    let password = scene.password(&origin);
    let asking = &scene.origin().work;
    asking.write("Cargo.toml", &manifest("asking", ""));
    asking.write("src/main.rs", &prints("asking"));
    asking.commit("a program");
    scene.origin().publish();

    let world = &scene.world;
    let hook = "after_install: |ctx| { print(\"printed by the hook\"); \
                process::run([\"echo\", \"shown by the hook\"]); \
                fs::write(`done-${ctx.service.name}`, \"x\"); }";
    for other in ["one", "two"] {
        let repo = world.crate_repo(other, other);
        let text = format!(
            "fn service() {{ #{{ name: \"{other}\", repo: \"{}\", {hook} }} }}\n\
             service::main(service());\n",
            repo.path.display()
        );
        world.write(&format!("services/{other}.rhai"), &text);
    }
    world.succeed("run install_all services --debug");
    let text = format!(
        "fn service() {{ #{{ name: \"asking\", repo: \"{origin}/auth/{name}\" }} }}\n\
         service::main(service());\n"
    );
    world.write("services/asking.rhai", &text);
    for dumb in ["xterm", "dumb"] {
        for other in ["one", "two"] {
            std::fs::remove_file(world.work(&format!("done-{other}"))).expect("it was there");
            let main = prints(&format!("{other} on {dumb}"));
            world.checkout(other).write("src/main.rs", &main);
        }
        let mut terminal =
            Terminal::start(world, "run install_all services --debug", &[("TERM", dumb)]);
        terminal.see("Username for ");
        for other in ["one", "two"] {
            wait_for(&world.work(&format!("done-{other}")));
        }
        terminal.type_line("alice");
        let between = terminal.see("Password for ");
        assert!(!between.contains("install") && !between.contains("hook"), "{between}");
        terminal.type_line(&password);
        let after = terminal.ends(0);
        for text in [
            "Installed one",
            "Installed two",
            "Fetched asking",
            "printed by the hook",
            "shown by the hook",
        ] {
            assert!(after.contains(text), "no `{text}` in {after}");
        }
        std::fs::remove_dir_all(world.home(".local/share/hero/src/asking")).expect("a checkout");
    }
}

fn wait_for(path: &Path) {
    let begin = Instant::now();
    while !path.exists() {
        assert!(begin.elapsed() < Duration::from_millis(LIMIT), "no {}", path.display());
        std::thread::yield_now();
    }
}
