//! Locks that are not hero's: of a git of the user that is at work, and those
//! that nobody holds.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::judge;
use super::operations;
use super::prepared::Prepared;
use super::support::both;
use super::tree;

/// A commit of the user whose editor waits, with the lock of the index.
struct Commit {
    git: Child,
    /// The editor reads from it, and then gives up.
    pipe: PathBuf,
}

impl Commit {
    fn begin(prepared: &Prepared) -> Self {
        let world = &prepared.world;
        let (pipe, ready) = (world.root().join("pipe"), world.root().join("ready"));
        let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts");
        assert!(made.success());
        let editor = world.root().join("editor");
        let text = format!(
            "#!/bin/sh\n: >'{}'\nread -r line <'{}'\nexit 1\n",
            ready.display(),
            pipe.display()
        );
        fs::write(&editor, text).unwrap();
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new("git");
        world.environment(&mut command);
        command.args(["-c", "user.name=me", "-c", "user.email=me@example.invalid"]);
        command.args(["commit", "--all"]).current_dir(world.checkout("svc").path);
        command.env("GIT_EDITOR", format!("sh '{}'", editor.display()));
        let git = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        wait_for(&ready);
        Self { git, pipe }
    }

    /// The editor gives up: there is no commit, and no lock.
    fn give_up(mut self) {
        fs::write(&self.pipe, "\n").unwrap();
        assert!(!self.git.wait().unwrap().success());
    }
}

fn wait_for(path: &Path) {
    let end = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < end, "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_git_at_work_is_waited_for() {
    let prepared = Prepared::new(&operations::FORWARD);
    let commit = Commit::begin(&prepared);
    let lock = prepared.world.checkout("svc").path.join(".git/index.lock");
    assert!(lock.exists(), "git holds no lock");
    let mut hero = prepared.command();
    let mut hero = hero.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, lines) = mpsc::channel();
    let stderr = BufReader::new(hero.stderr.take().unwrap());
    let reader = std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let _nobody_listens = sender.send(line);
        }
    });
    let mut said = Vec::new();
    let end = Instant::now() + Duration::from_secs(10);
    let names_the_lock = loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => said.push(line),
            Err(_) => break false,
        }
        if said.last().is_some_and(|line| line.contains("index.lock")) {
            break true;
        }
    };
    let waits = hero.try_wait().unwrap().is_none();
    commit.give_up();
    let status = hero.wait().unwrap();
    reader.join().unwrap();
    said.extend(lines.try_iter());
    let said = said.join("\n");
    assert!(names_the_lock, "the lock is not named: {said}");
    assert!(waits && status.success(), "hero does not wait: {status}: {said}");
    assert_eq!(judge::faults(&prepared.world, &prepared.expected), [] as [&str; 0]);
}

/// Nothing of hero's says whose such a lock is: it is for the user to remove.
#[test]
fn a_lock_of_nobody_is_an_error() {
    let names =
        ["index.lock", "HEAD.lock", "refs/remotes/origin/main.lock", "refs/heads/main.lock"];
    let wrong: Vec<_> = names.into_iter().flat_map(wrong_with_a_lock).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong when hero comes upon a lock that nobody holds.
fn wrong_with_a_lock(name: &str) -> Vec<String> {
    let prepared = Prepared::new(&operations::FORWARD);
    let text = fs::read_to_string(prepared.world.work("svc.rhai")).unwrap();
    let text = text.trim_end().trim_end_matches(';');
    let text = format!("try {{ {text} }} catch (error) {{ print(error.kind); throw error; }}");
    prepared.world.write("svc.rhai", &text);
    let checkout = prepared.world.checkout("svc").path;
    let lock = checkout.join(".git").join(name);
    fs::write(&lock, "").unwrap();
    let before = content(&checkout);
    let output = prepared.command().env("HERO_LOCK_TIMEOUT", "1").output().unwrap();
    let (said, kind) = (both(&output), String::from_utf8_lossy(&output.stdout).into_owned());
    let mut wrong = Vec::new();
    if output.status.code() != Some(3) || kind.trim() != "locked" {
        wrong.push(format!("{}, kind {kind:?}: {said}", output.status));
    }
    let hint = format!("rm {}", lock.display());
    if !said.contains(&hint) {
        wrong.push(format!("not said: {hint}\n{said}"));
    }
    let after = content(&checkout);
    let changed = after.iter().filter(|it| !before.contains(it)).map(|(path, _)| path);
    wrong.extend(changed.map(|path| format!("touched: {path}")));
    if lock.exists() {
        fs::remove_file(&lock).unwrap();
    } else {
        wrong.push("the lock is gone".into());
    }
    let output = prepared.plain();
    if !output.status.success() {
        wrong.push(format!("the next command fails: {}", both(&output)));
    }
    wrong.extend(judge::faults(&prepared.world, &prepared.expected));
    wrong.into_iter().map(|it| format!("{name}: {it}")).collect()
}

/// Every path below a folder with what is in it.
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let all = tree::paths(folder).into_iter();
    all.map(|path| (path.display().to_string(), fs::read(&path).unwrap_or_default())).collect()
}
