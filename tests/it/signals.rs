//! Ctrl-C, SIGTERM, SIGKILL: nothing is left running, nothing is left half-made.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{self, World, manifest};

/// Starts hero in a process group of its own, with its messages to read.
fn start(world: &World, arguments: &str) -> Child {
    let mut command = world.command(arguments);
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("hero starts")
}

fn signal(child: &Child, name: &str) {
    let status =
        Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap();
    assert!(status.success());
}

/// A crate whose build script tells where it is and then waits for ever,
/// ignoring SIGTERM.
fn stubborn(world: &World) {
    let repo = world.repo("stubborn");
    let marker = world.root().join("building");
    repo.write("Cargo.toml", &manifest("stubborn", "build = \"build.rs\""));
    repo.write("src/main.rs", "fn main() {}\n");
    let build = format!(
        "fn main() {{\n    let _ = std::process::Command::new(\"sh\")\n        .args([\"-c\", \"trap '' TERM; echo $$ > {0}; exec sleep 3600\"])\n        .status();\n}}\n",
        marker.display()
    );
    repo.write("build.rs", &build);
    repo.commit("first");
    world.service("stubborn", &repo, "");
}

/// Waits until a file has a whole line: the event the test needs.
fn wait_for(path: &Path, child: &mut Child) -> String {
    loop {
        if let Ok(text) = std::fs::read_to_string(path)
            && text.ends_with('\n')
        {
            return text.trim().to_owned();
        }
        assert!(child.try_wait().unwrap().is_none(), "hero ended early");
        std::thread::yield_now();
    }
}

/// Whether a process that was killed is gone, or goes now: the system takes a
/// moment for that. A zombie is gone; its parent has to reap it.
fn ends(pid: &str) -> bool {
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let running = || {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "))
    };
    while running() {
        if std::time::Instant::now() > limit {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_during_a_build_ends_everything() {
    for (name, exit) in [("INT", 130), ("TERM", 143), ("HUP", 143)] {
        let world = World::new();
        stubborn(&world);
        let mut child = start(&world, "run stubborn --debug");
        let pid = wait_for(&world.root().join("building"), &mut child);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{name}: {}", support::both(&output));
        assert!(ends(&pid), "{name}: the build script is still running");
        assert!(!world.bin("stubborn").exists());
        let staging = world
            .photograph()
            .into_iter()
            .filter(|(path, _)| path.to_string_lossy().contains(".staging"));
        assert_eq!(staging.count(), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_to_the_whole_group_ends_everything_too() {
    let world = World::new();
    stubborn(&world);
    let mut child = start(&world, "run stubborn --debug");
    let pid = wait_for(&world.root().join("building"), &mut child);
    // As a terminal or a CI runner does it: hero leads the group.
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-TERM", "--", &group]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", support::both(&output));
    assert!(ends(&pid), "the build script is still running");
}

/// A crate whose build script says that it runs and then waits for a line.
fn patient(world: &World) {
    let repo = world.repo("patient");
    repo.write("Cargo.toml", &manifest("patient", "build = \"build.rs\""));
    repo.write("src/main.rs", &support::prints("patient"));
    let go = world.root().join("go");
    assert!(Command::new("mkfifo").arg(&go).status().unwrap().success());
    // It waits once: what a killed build has compiled is compiled again.
    let script = format!(
        "[ -e {0}/gone ] || {{ echo $$ > {0}/building; read line < {0}/go; touch {0}/gone; }}",
        world.root().display()
    );
    let build = format!(
        "fn main() {{\n    let _ = std::process::Command::new(\"sh\").args([\"-c\", {script:?}]).status();\n}}\n"
    );
    repo.write("build.rs", &build);
    repo.commit("first");
    world.service("patient", &repo, "");
}

#[test]
fn killed_in_the_middle_of_a_build_the_next_run_takes_it_up() {
    let world = World::new();
    patient(&world);
    let mut child = start(&world, "run patient --debug");
    wait_for(&world.root().join("building"), &mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    // Cargo lives on and has its own lock; the next one waits for it.
    let next = start(&world, "run patient --debug");
    std::fs::write(world.root().join("go"), "\n").unwrap();
    let output = next.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", support::both(&output));
    assert_eq!(world.run_bin("patient"), "patient");
    world.succeed("verify");
}

#[test]
fn an_interrupt_runs_the_clean_ups_of_guard() {
    let world = World::new();
    world.write(
        "a.rhai",
        "guard(|| {
            fs::write(\"held\", \"x\");
            print(\"ready\");
            process::run([\"sleep\", \"3600\"]);
        }, || {
            process::run([\"touch\", \"cleaned\"]);
            fs::remove(\"held\");
        });",
    );
    let mut child = start(&world, "run a");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", support::both(&output));
    assert!(!world.work("held").exists(), "the clean-up ran");
    assert!(world.work("cleaned").exists(), "commands of a clean-up run too");
}

#[test]
fn an_interrupt_ends_a_script_that_only_computes_and_cannot_be_caught() {
    let world = World::new();
    world.write("a.rhai", "print(\"ready\"); loop { try { loop { } } catch { } }");
    let mut child = start(&world, "run a");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A git that kills hero (its parent) at one of its calls.
fn deadly_git(world: &World, call: usize, after: bool) -> String {
    let real = String::from_utf8(
        Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout,
    )
    .unwrap();
    let text = format!(
        "#!/bin/sh\ncount=$(cat {0}/count 2>/dev/null || echo 0)\necho $((count + 1)) > {0}/count\n{1}\n[ $count = {call} ] && [ {2} = no ] && kill -9 $PPID && exit 1\n{3} \"$@\"\ncode=$?\n[ $count = {call} ] && kill -9 $PPID\nexit $code\n",
        world.root().display(),
        "",
        if after { "yes" } else { "no" },
        real.trim()
    );
    let folder = world.root().join("deadly");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("git"), text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.join("git"), mode).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn killed_around_any_call_of_git_the_next_run_works() {
    let mut killed = 0;
    for call in 0..4 {
        for after in [false, true] {
            let world = World::new();
            let repo = world.crate_repo("app", "hello");
            world.service("app", &repo, "");
            let mut command = world.command("run app --debug");
            command.env("PATH", deadly_git(&world, call, after));
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            killed += usize::from(status.code().is_none());
            world.succeed("run app --debug");
            assert_eq!(world.run_bin("app"), "hello", "call {call}, after {after}");
            nothing_half_made(&world);
        }
    }
    assert!(killed >= 4, "git was called, and hero killed, only {killed} times");
}

/// Kills hero at moments spread over the whole clone; where exactly one falls
/// does not matter, the law holds for all.
#[test]
fn killed_at_any_moment_of_a_clone_the_next_run_works() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    for number in 0..400 {
        repo.write(&format!("files/{number}"), &"text\n".repeat(number));
    }
    repo.commit("many files");
    world.write(
        "fetch.rhai",
        &format!(
            "print(\"ready\"); git::fetch(#{{ repo: \"{}\", name: \"app\" }}); print(\"done\");",
            repo.path.display()
        ),
    );
    let whole = {
        let started = std::time::Instant::now();
        world.succeed("run fetch");
        started.elapsed()
    };
    let moments = 24;
    for moment in 0..moments {
        std::fs::remove_dir_all(world.home(".local/share/hero")).unwrap();
        let mut child = start(&world, "run fetch");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        std::thread::sleep(whole * moment / moments);
        drop(child.kill());
        child.wait().unwrap();
        world.succeed("run fetch");
        assert_eq!(world.checkout("app").git("status --porcelain"), "");
        nothing_half_made(&world);
    }
}

fn nothing_half_made(world: &World) {
    let entries: Vec<String> = std::fs::read_dir(world.home(".local/share/hero/src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(entries, ["app"], "no half-made clone is left");
}
