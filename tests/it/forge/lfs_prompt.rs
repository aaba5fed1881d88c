//! Files in LFS behind a login that the user types.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::scene::Scene;
use super::servers::{Need, Servers};
use super::support::skipped;

/// Runs hero in a terminal by util-linux's `script`, and answers each question of git's
/// as soon as it is asked. Returns what was shown, and whether hero succeeded.
fn answering(scene: &Scene, password: &str) -> Option<(String, bool)> {
    let mut command = Command::new("script");
    let hero = format!("stty -echo; exec {} run x", env!("CARGO_BIN_EXE_hero"));
    command.args(["-qec", &hero, "/dev/null"]).current_dir(scene.world.work(""));
    scene.world.environment(&mut command);
    command.env("TERM", "dumb").env("HERO_GIT_PROMPT", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    let (mut shown, mut seen, mut bytes) = (String::new(), 0, [0; 4096]);
    loop {
        let count = output.read(&mut bytes).unwrap_or_default();
        if count == 0 {
            break;
        }
        shown += &String::from_utf8_lossy(&bytes[..count]);
        for (question, answer) in [("Username for '", "alice"), ("Password for '", password)] {
            let Some(at) = shown[seen..].find(question) else { continue };
            if let Some(end) = shown[seen + at..].find("': ") {
                seen += at + end + 1;
                input.write_all(format!("{answer}\n").as_bytes()).expect("it listens");
            }
        }
    }
    let status = child.wait().expect("it ends");
    Some((shown, status.success()))
}

#[test]
fn git_lfs_may_ask_at_the_terminal() {
    let servers = Servers::start();
    if let Some(why) = servers.lacks(Need::Nginx).or_else(|| servers.lacks(Need::Lfs)) {
        skipped(&why);
        return;
    }
    let mut scene = Scene::new(&servers);
    let origin = servers.nginx().http.clone();
    let password = scene.password(&origin);
    let script = format!("git::fetch(#{{ name: \"x\", repo: \"{origin}/auth/lfs.git\" }});\n");
    scene.world.write("x.rhai", &script);
    let Some((shown, success)) = answering(&scene, &password) else {
        skipped("util-linux's `script`, which gives a terminal, is not here");
        return;
    };
    assert!(success, "{shown}");
    assert!(!shown.contains(&password), "{shown}");
    let content = scene.world.checkout("x").read("large.bin");
    assert!(content == servers.repos.large.1, "the file is a pointer still");
}
