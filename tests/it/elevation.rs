//! `--root` as an ordinary user: the build runs as that user, only the commit
//! as root. A real `sudo`, with rules that only the test sees: it needs root, a
//! mount namespace of its own and `sudo`.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{self, World, both, services, skipped};

/// The user `nobody`.
const USER: u32 = 65534;

const ALLOWED: &str = "nobody ALL=(ALL) NOPASSWD: ALL\n";
const FORBIDDEN: &str = "root ALL=(ALL) ALL\n";

/// A world of which `nobody` owns the home and the working directory.
struct Machine(World);

impl Machine {
    /// `None`, with the reason said, where it cannot be.
    fn new(rules: &str) -> Option<Self> {
        let world = World::new();
        let root = world.root();
        for folder in ["cargo", "rustup", "hero", "system"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        let machine = Self(world);
        machine.rules(rules);
        open(&root, 0o755);
        let output = machine.command("sudo -n -l >/dev/null; true").output().unwrap();
        if std::fs::metadata(&root).unwrap().uid() != 0 {
            skipped("only root can take another user's place");
        } else if Command::new("sudo").arg("-V").output().is_err() {
            skipped("there is no sudo");
        } else if !output.status.success() {
            skipped(&format!("no mount namespace can be had: {}", both(&output)));
        } else {
            return Some(machine);
        }
        None
    }

    fn rules(&self, rules: &str) {
        let path = self.0.root().join("sudoers");
        drop(std::fs::remove_file(&path));
        std::fs::write(&path, rules).unwrap();
        open(&path, 0o440);
    }

    fn system(&self, path: &str) -> PathBuf {
        self.0.root().join("system").join(path)
    }

    fn store(&self) -> PathBuf {
        self.system("var/lib/hero/store")
    }

    /// `hero …` as the user, in the working directory.
    fn hero(&self, arguments: &str) -> Output {
        self.command(&format!("hero {arguments}")).output().unwrap()
    }

    fn succeed(&self, arguments: &str) -> String {
        let output = self.hero(arguments);
        assert!(output.status.success(), "hero {arguments}: {}", both(&output));
        both(&output)
    }

    /// A shell's command as the user, in a namespace with these rules for sudo,
    /// this hero, and the toolchain where the user may read it.
    fn command(&self, script: &str) -> Command {
        let world = &self.0;
        let root = world.root();
        let mut command = Command::new("unshare");
        world.environment(&mut command);
        let find = |name: &str| {
            let variables: Vec<_> = command.get_envs().collect();
            let value = variables.iter().find(|(key, _)| *key == name).and_then(|(_, it)| *it);
            value.expect("it is set").to_string_lossy().into_owned()
        };
        let (cargo, rustup) = (find("CARGO_HOME"), find("RUSTUP_HOME"));
        let hero = Path::new(env!("CARGO_BIN_EXE_hero")).parent().unwrap().to_owned();
        let at = |name: &str| root.join(name).display().to_string();
        let mounts = [
            (at("sudoers"), "/etc/sudoers".to_owned()),
            (cargo, at("cargo")),
            (rustup, at("rustup")),
            (hero.display().to_string(), at("hero")),
        ];
        let mounts = mounts.map(|(from, to)| format!("mount --bind '{from}' '{to}'")).join(" && ");
        let user = format!(
            "cd '{}' && exec setpriv --reuid {USER} --regid {USER} --clear-groups sh -c \"$1\"",
            at("work")
        );
        let path = format!("{}:{}/bin:/usr/sbin:/usr/bin:/sbin:/bin", at("hero"), at("cargo"));
        command.args(["-m", "sh", "-c", &format!("{mounts} && {user}"), "sh", script]);
        command.env("PATH", path).env("RUSTUP_HOME", at("rustup"));
        command.env("CARGO_HOME", world.home(".cargo"));
        command.env("HERO_SYSTEM_PREFIX", at("system"));
        for folder in [world.home(""), world.work(""), root.join("remote")] {
            give(&folder, USER);
        }
        command
    }
}

/// Everything below a folder becomes a user's; not if this is not root, which
/// is found out later.
fn give(folder: &Path, user: u32) {
    let output =
        Command::new("chown").arg("-hR").arg(format!("{user}:{user}")).arg(folder).output();
    drop(output.unwrap());
}

fn open(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn owner(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().uid()
}

/// Everything below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = vec![folder.to_owned()];
    if std::fs::symlink_metadata(folder).unwrap().is_dir() {
        for entry in std::fs::read_dir(folder).unwrap() {
            paths.extend(below(&entry.unwrap().path()));
        }
    }
    paths
}

#[test]
fn only_the_commit_is_roots() {
    let Some(machine) = Machine::new(ALLOWED) else { return };
    let world = &machine.0;
    let repo = world.crate_repo("app", "one");
    let who = world.work("who");
    let hook = format!(
        "before_build: |ctx| fs::write(\"{}\", process::run(#{{ cmd: [\"id\", \"-u\"], capture: true }}).stdout),",
        who.display()
    );
    world.service("app", &repo, &hook);
    let said = machine.succeed("run app --debug --root");
    assert!(said.contains("Installed app") && said.contains("usr/local/bin/app"), "{said}");
    assert_eq!(std::fs::read_to_string(&who).unwrap().trim(), USER.to_string());
    for path in below(&world.home("")) {
        assert_eq!(owner(&path), USER, "{}", path.display());
    }
    for path in below(&machine.system("")) {
        let data = std::fs::symlink_metadata(&path).unwrap();
        assert_eq!(data.uid(), 0, "{}", path.display());
        let mode = data.permissions().mode() & 0o777;
        let wanted = match path.extension().is_some_and(|it| it == "lock") {
            true => 0o600,
            false if path.ends_with("receipt.json") || path.ends_with("inputs.json") => 0o644,
            false => 0o755,
        };
        assert!(data.is_symlink() || mode == wanted, "{mode:o} {}", path.display());
    }
    let said = machine.succeed("list --root");
    assert!(said.contains("app") && said.contains("debug"), "{said}");
    machine.succeed("verify --root");

    // A second version, back, away: each time only the change is root's.
    give(&repo.path, 0);
    repo.write("src/main.rs", &support::prints("two"));
    repo.commit("second");
    let said = machine.succeed("run app --debug --root --update");
    assert!(said.contains("Installed app"), "{said}");
    let bin = machine.system("usr/local/bin/app");
    let says = || String::from_utf8(Command::new(&bin).output().unwrap().stdout).unwrap();
    assert_eq!(says(), "two\n");
    machine.succeed("rollback app --root");
    assert_eq!(says(), "one\n");
    let said = machine.succeed("run clear_debug_bins app --root");
    assert!(said.contains("Removed app"), "{said}");
    // What is not current goes by the same way; the build files are the user's own.
    machine.succeed("run app --debug --root");
    machine.succeed("rollback app --root");
    let said = machine.succeed("gc --root --max-size 0B");
    assert!(said.contains("Removed app") && said.contains("build files of `app`"), "{said}");
    assert_eq!(says(), "one\n");
    machine.succeed("verify --root");
    let output = machine.hero("uninstall ap --root");
    assert_eq!(output.status.code(), Some(1), "an error of the other hero keeps its code");
    assert!(both(&output).contains("did you mean `app`?"), "{}", both(&output));
    machine.succeed("uninstall app --root");
    assert!(!bin.exists() && std::fs::read_dir(machine.store()).unwrap().next().is_none());
}

#[test]
fn without_the_right_it_is_refused_before_the_fetch() {
    let Some(machine) = Machine::new(FORBIDDEN) else { return };
    let world = &machine.0;
    let repo = world.crate_repo("app", "one");
    world.service("app", &repo, "");
    let output = machine.hero("run app --debug --root");
    let said = both(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("cannot get the rights to change the system's install root"), "{said}");
    assert!(said.contains("sudo -v && hero run app --debug --root"), "{said}");
    assert!(!world.checkout("app").path.exists() && !machine.store().exists());
    // A plan needs no rights.
    let said = machine.succeed("run app --debug --root --dry-run");
    assert!(said.contains("Would install"), "{said}");
    // Without sudo there is another way.
    let output = machine
        .command("PATH=$(dirname $(command -v hero)); exec hero run app --debug --root")
        .output()
        .unwrap();
    let said = both(&output);
    assert!(said.contains("as root type: hero run app --debug --root"), "{said}");
}

#[test]
fn what_others_can_change_is_not_trusted() {
    let Some(machine) = Machine::new(ALLOWED) else { return };
    let world = &machine.0;
    let install = |version: &str| {
        let file = world.write("built/app", &format!("#!/bin/sh\necho {version}\n"));
        open(&file, 0o755);
        let script = format!(
            "flags::parse();\nbin::install(#{{ name: \"app\", files: [\"{}\"] }});",
            file.display()
        );
        world.write("install_files.rhai", &script);
        machine.hero("run install_files --root")
    };
    assert!(install("one").status.success());
    let first = std::fs::canonicalize(machine.system("usr/local/bin/app")).unwrap();
    assert!(install("two").status.success());
    let refused = |output: &Output, path: &Path, why: &str| {
        let said = both(output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        let message = format!("`{}` is not trusted: {why}", path.display());
        assert!(said.contains(&message) && said.contains("chown root:root"), "{said}");
    };
    // A binary of an older generation, then its folder, then the store.
    assert!(Command::new("chown").arg(USER.to_string()).arg(&first).status().unwrap().success());
    let belongs = format!("it belongs to user {USER}");
    refused(&machine.hero("rollback app --root"), &first, &belongs);
    let output = machine.hero("verify --root");
    assert!(both(&output).contains("untrusted"), "{}", both(&output));
    assert!(Command::new("chown").arg("0").arg(&first).status().unwrap().success());
    let bin = first.parent().unwrap();
    open(bin, 0o777);
    refused(&machine.hero("rollback app --root"), bin, "everybody can change it");
    open(bin, 0o755);
    open(&machine.store(), 0o775);
    refused(&install("three"), &machine.store(), "group 0 can change it");
    open(&machine.store(), 0o755);
    assert!(machine.hero("rollback app --root").status.success());
}

#[test]
fn what_is_started_in_the_systems_root_is_roots() {
    let Some(machine) = Machine::new(ALLOWED) else { return };
    let world = &machine.0;
    let port = services::free_port();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &support::manifest("app", ""));
    repo.write("src/main.rs", &services::source("1", ""));
    repo.commit("first");
    let start = format!(
        "start: #{{ cmd: [\"app\", \"{port}\"], stable: 0.1, ready: #{{ port: {port} }} }}"
    );
    world.service("app", &repo, &start);
    let said = machine.succeed("run app complete --debug --root --supervisor direct");
    assert!(said.contains("Started app"), "{said}");
    assert_eq!(services::ask(port).as_deref(), Some("1"));
    let record = machine.system("var/lib/hero/run/app.json");
    assert_eq!(owner(&record), 0);
    // Anybody may look; a stop is root's again, and so is the way back.
    let said = machine.succeed("run app status --root");
    assert!(said.contains("running"), "{said}");
    give(&repo.path, 0);
    repo.write("src/main.rs", &services::source("2", "panic!();"));
    repo.commit("second");
    let output = machine.hero("run app complete --debug --root --update");
    assert_eq!(output.status.code(), Some(4), "{}", both(&output));
    assert!(both(&output).contains("runs again"), "{}", both(&output));
    assert_eq!(services::ask(port).as_deref(), Some("1"));
    machine.rules(FORBIDDEN);
    let output = machine.hero("run app stop --root");
    assert_eq!(output.status.code(), Some(3), "{}", both(&output));
    assert!(both(&output).contains("sudo -v && hero run app stop --root"), "{}", both(&output));
    machine.rules(ALLOWED);
    machine.succeed("run app uninstall --root");
    assert_eq!(services::ask(port), None);
    assert!(!record.exists());
}
