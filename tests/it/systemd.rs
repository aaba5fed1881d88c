//! systemd, with a stand-in: a `systemctl` that writes down how it was called and runs
//! what the unit files say. No real systemd is touched.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::support::services::{Server, Stage, ask, free_port};
use crate::support::{Repo, both};
use snapbox::str;

/// Understands what hero says, and keeps one process a unit.
const SYSTEMCTL: &str = r#"#!/bin/sh
root="$HERO_SYSTEMD_RUNTIME"
echo "systemctl $*" >> "$root/calls"
units="$HERO_SYSTEM_PREFIX/etc/systemd/system"
while :; do case "$1" in
    --user) units="$HOME/.config/systemd/user"; shift;;
    --no-*) shift;;
    *) break;;
esac; done
verb="$1"; shift
for name; do :; done
pid() { cat "$root/$name.pid" 2>/dev/null; }
up() { test -n "$(pid)" && grep -q '^State:.*[RSD] ' "/proc/$(pid)/status" 2>/dev/null; }
file="$units/$name"
case "$verb" in
is-system-running) cat "$root/state"; exit 1;;
show)
    if test "$3" = --value; then echo one; exit 0; fi
    test -e "$file" || { echo LoadState=not-found; exit 0; }
    echo LoadState=loaded
    if up; then echo ActiveState=active; echo SubState=running; echo "MainPID=$(pid)"
    elif test -e "$root/$name.pid"; then
        echo ActiveState=failed; echo MainPID=0; echo ExecMainCode=1; echo ExecMainStatus=101; echo Result=exit-code
    else echo ActiveState=inactive; echo MainPID=0; echo Result=success; fi;;
start)
    test -e "$root/broken" && { echo "Job for $name failed." >&2; exit 1; }
    command=$(sed -n 's/^ExecStart=//p' "$file")
    eval "setsid $command >> '$root/$name.log' 2>&1 < /dev/null & echo \$! > '$root/$name.pid'";;
stop)
    if up; then kill -9 "$(pid)"; while up; do :; done; fi; rm -f "$root/$name.pid";;
esac
exit 0
"#;

const JOURNALCTL: &str = r#"#!/bin/sh
echo "journalctl $*" >> "$HERO_SYSTEMD_RUNTIME/calls"
cat "$HERO_SYSTEMD_RUNTIME"/*.log
"#;

struct Machine {
    stage: Stage,
}

impl Machine {
    fn new() -> Self {
        let stage = Stage::new();
        for (name, text) in [("systemctl", SYSTEMCTL), ("journalctl", JOURNALCTL)] {
            let path = stage.world.write(&format!("bin/{name}"), text);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        stage.world.write("runtime/state", "degraded\n");
        Self { stage }
    }

    fn hero(&self, arguments: &str) -> Output {
        let world = &self.stage.world;
        let mut command = world.command(arguments);
        let path = format!("{}:{}", world.work("bin").display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).env("HERO_SYSTEMD_RUNTIME", world.work("runtime"));
        command.env("HERO_SYSTEM_PREFIX", world.root().join("system"));
        command.output().unwrap()
    }

    fn succeed(&self, arguments: &str) -> String {
        let output = self.hero(arguments);
        assert!(output.status.success(), "hero {arguments}: {}", both(&output));
        both(&output)
    }

    /// The calls since the last question.
    fn calls(&self) -> String {
        let path = self.stage.world.work("runtime/calls");
        let calls = std::fs::read_to_string(&path).unwrap_or_default();
        let _none = std::fs::remove_file(path);
        let mut lines: Vec<&str> = calls.lines().filter(|line| !line.contains(" show ")).collect();
        lines.dedup();
        lines.join("\n").replace("--user --no-pager --no-ask-password ", "") + "\n"
    }

    fn unit(&self, name: &str) -> std::path::PathBuf {
        self.stage.world.home(".config/systemd/user").join(format!("hero-{name}.service"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With the stand-in, before the stage ends what is left without it.
        let script = "set_system_root(\"--root\" in args()); for name in daemon::list() { daemon::remove(name); }";
        self.stage.world.write("end.rhai", script);
        self.hero("run end.rhai");
        self.hero("run end.rhai --root");
    }
}

fn server(machine: &Machine, port: u16, more: &str) -> Server {
    let server = machine.stage.server("app", port, "");
    let start = format!(
        "after: [\"db\"], start: #{{ cmd: [\"app\", \"{port}\", \"50% of $HOME\"], stable: 0.1, ready: #{{ port: {port} }}, {more} }}"
    );
    machine.stage.world.service("app", &server.repo, &start);
    server
}

#[test]
fn its_files_and_calls_are_exact() {
    let machine = Machine::new();
    let world = &machine.stage.world;
    let port = free_port();
    let app = server(&machine, port, "");
    machine.succeed("run app complete --debug --supervisor systemd");
    assert_eq!(ask(port).as_deref(), Some("1"));
    let text = std::fs::read_to_string(machine.unit("app")).unwrap();
    world.same(
        text.replace(&port.to_string(), "PORT"),
        str![[r##"
# Written by hero; changes are overwritten.
[Unit]
Description=app (installed by hero)
After=hero-db.service

[Service]
Type=exec
ExecStart="[ROOT]/home/.local/share/hero/current/app/bin/app" "PORT" "50%% of $$HOME"
WorkingDirectory=[ROOT]/home
Restart=on-failure
RestartSec=1
TimeoutStartSec=30000ms
TimeoutStopSec=5000ms
KillMode=control-group

[Install]
WantedBy=default.target

"##]],
    );
    world.same(
        machine.calls(),
        str![[r#"
systemctl is-system-running
systemctl daemon-reload
systemctl reset-failed hero-app.service
systemctl start hero-app.service
systemctl enable --quiet hero-app.service

"#]],
    );

    // The same again: nothing is told.
    machine.succeed("run app complete --debug");
    world.same(
        machine.calls(),
        str![[r#"
systemctl is-system-running

"#]],
    );

    app.becomes("2", "");
    machine.succeed("run app complete --update --debug");
    assert_eq!(ask(port).as_deref(), Some("2"));
    world.same(
        machine.calls(),
        str![[r#"
systemctl is-system-running
systemctl stop hero-app.service
systemctl reset-failed hero-app.service
systemctl start hero-app.service
systemctl enable --quiet hero-app.service

"#]],
    );

    // Back, where the new one does not come up.
    app.becomes("3", "panic!(\"no database\");");
    let output = machine.hero("run app complete --update --debug");
    assert_eq!(output.status.code(), Some(4), "{}", both(&output));
    assert!(both(&output).contains("exited with 101") && both(&output).contains("no database"));
    assert_eq!(ask(port).as_deref(), Some("2"));
    machine.calls();

    let said = machine.succeed("run app status");
    assert!(said.contains("running"), "{said}");
    assert!(machine.succeed("run app logs").contains("listening on"));
    world.same(
        machine.calls(),
        str![[r#"
journalctl --user --no-pager --quiet -o cat -n 20 -u hero-app.service

"#]],
    );
    machine.succeed("run app stop");
    assert_eq!(ask(port), None);
    world.same(
        machine.calls(),
        str![[r#"
systemctl stop hero-app.service
systemctl disable --quiet hero-app.service

"#]],
    );
    machine.succeed("run app uninstall");
    assert!(!machine.unit("app").exists());
    world.same(
        machine.calls(),
        str![[r#"
systemctl stop hero-app.service
systemctl disable --quiet hero-app.service
systemctl daemon-reload
systemctl reset-failed hero-app.service

"#]],
    );
}

#[test]
fn secrets_are_for_their_owner_and_the_user_is_the_managers() {
    let machine = Machine::new();
    let port = free_port();
    let app = server(&machine, port, "env: #{ TOKEN: \"a $b \\\"c\\\"\" }, restart: \"always\"");
    machine.succeed("run app complete --debug --supervisor systemd");
    let path = machine.unit("app");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nEnvironment=\"TOKEN=a $b \\\"c\\\"\"\n"), "{text}");
    assert!(text.contains("\nRestart=always\n"), "{text}");
    change(&machine, &app.repo, port, "user: \"nobody\"");
    let output = machine.hero("run app complete --debug");
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
    assert!(both(&output).contains("the user's manager runs everything as that user"));
}

fn change(machine: &Machine, repo: &Repo, port: u16, more: &str) {
    let start =
        format!("start: #{{ cmd: [\"app\", \"{port}\"], ready: #{{ port: {port} }}, {more} }}");
    machine.stage.world.service("app", repo, &start);
}

#[test]
fn a_strangers_unit_is_left_alone() {
    let machine = Machine::new();
    let port = free_port();
    server(&machine, port, "");
    let path = machine.unit("app");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "[Service]\nExecStart=/bin/true\n").unwrap();
    let output = machine.hero("run app complete --debug --supervisor systemd");
    assert_eq!(output.status.code(), Some(3), "{}", both(&output));
    assert!(both(&output).contains("hero-app.service` is not hero's"), "{}", both(&output));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "[Service]\nExecStart=/bin/true\n");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn its_own_words_are_heard_when_it_fails_or_is_not_there() {
    let machine = Machine::new();
    let world = &machine.stage.world;
    let port = free_port();
    server(&machine, port, "");
    world.write("runtime/broken", "");
    let output = machine.hero("run app complete --debug --supervisor systemd");
    assert_eq!(output.status.code(), Some(4), "{}", both(&output));
    assert!(both(&output).contains("Job for hero-app.service failed."), "{}", both(&output));
    std::fs::remove_file(world.work("runtime/broken")).unwrap();
    world.write("runtime/state", "");
    let output = machine.hero("run app start --supervisor systemd");
    assert_eq!(output.status.code(), Some(3), "{}", both(&output));
    assert!(both(&output).contains("loginctl enable-linger"), "{}", both(&output));
    world.write("runtime/state", "running\n");
    let said = world.fail(3, "run app start --supervisor systemd");
    assert!(said.contains("systemd cannot be used: this system does not run it"), "{said}");
}

#[test]
fn the_systems_manager_has_units_of_its_own() {
    let machine = Machine::new();
    let world = &machine.stage.world;
    std::fs::create_dir(world.root().join("system")).unwrap();
    let port = free_port();
    server(&machine, port, "user: \"nobody\", ");
    machine.succeed("run app complete --debug --root --supervisor systemd");
    assert_eq!(ask(port).as_deref(), Some("1"));
    let path = world.root().join("system/etc/systemd/system/hero-app.service");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("\nUser=nobody\n"), "{text}");
    assert!(text.contains("\nWantedBy=multi-user.target\n"), "{text}");
    assert!(text.contains("/system/var/lib/hero/current/app/bin/app\""), "{text}");
    let calls = machine.calls();
    assert!(calls.contains("start hero-app.service") && !calls.contains("--user"), "{calls}");
    machine.succeed("run app uninstall --root");
    assert_eq!(ask(port), None);
}
