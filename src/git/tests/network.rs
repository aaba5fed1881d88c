//! Servers on this machine: a `git daemon`, and web servers of a few lines.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::support::World;
use crate::error::{Diagnostic, Exit};
use crate::event::Event;
use crate::git::{Mode, Reference};
use crate::sys::cancel::Cancel;
use crate::sys::process::Cmd;

/// A `git daemon` that ends with this value.
struct Daemon {
    port: u16,
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Daemon {
    fn serve(root: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cancel = Cancel::default();
        let cmd = Cmd::new("git")
            .args(["daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", root.display()))
            .arg(root);
        let token = cancel.clone();
        let thread = std::thread::spawn(move || drop(cmd.output(&token)));
        let daemon = Self { port, cancel, thread: Some(thread) };
        let patience = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "git daemon does not answer");
            std::thread::yield_now();
        }
        daemon
    }

    fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.cancel.cancel(signal_hook::consts::SIGTERM);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

#[test]
fn a_git_daemon_is_cloned_from_and_followed() {
    let (world, upstream) = World::with_upstream();
    let daemon = Daemon::serve(world.dir.path());
    let url = daemon.url("upstream");
    let get = |reference: &Reference, mode| world.fetch(&url, reference, mode);
    assert!(get(&Reference::Default, Mode::Keep).unwrap().cloned);
    let progress = world.recorder.events().into_iter().any(|event| {
        matches!(event, Event::FetchProgress { objects, objects_total, .. }
            if objects == objects_total && objects > 0)
    });
    assert!(progress);
    let old = upstream.repo.head().unwrap().target().unwrap();
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    assert!(get(&Reference::Default, Mode::Update).unwrap().changed);
    assert_eq!((world.head(), world.read("a.txt")), (new, "a two\n".into()));
    assert!(!get(&Reference::Default, Mode::Update).unwrap().changed);
    let commit = Reference::Commit(old.to_string()[..8].to_owned());
    get(&commit, Mode::Reset).unwrap();
    assert_eq!(world.head(), old);
    let error = get(&Reference::Branch("mian".into()), Mode::Update).unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean `main`?");
}

#[test]
fn a_repository_that_a_daemon_lacks_is_named() {
    let world = World::new();
    let daemon = Daemon::serve(world.dir.path());
    let error = world.fetch(&daemon.url("none"), &Reference::Default, Mode::Keep).unwrap_err();
    assert_eq!(error.kind(), "remote_not_found", "{error} {:?}", error.details());
    assert_eq!(error.option(), Some("repo"));
}

/// Answers every request with `answer`; what was asked, in order.
fn web(answer: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            while !text.contains("\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(length) if length > 0 => {
                        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
                    }
                    _ => break,
                }
            }
            let closing = "Content-Length: 0\r\nConnection: close\r\n\r\n";
            if sender.send(text).is_err()
                || stream.write_all(format!("{answer}\r\n{closing}").as_bytes()).is_err()
            {
                return;
            }
        }
    });
    (port, receiver)
}

const WANTS_LOGIN: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"";

#[test]
fn answers_of_a_web_server_are_told_apart() {
    for (answer, kind) in [
        (WANTS_LOGIN, "auth_required"),
        ("HTTP/1.1 404 Not Found", "remote_not_found"),
        ("HTTP/1.1 403 Forbidden", "forbidden"),
    ] {
        let (port, _asked) = web(answer);
        let world = World::new();
        let url = format!("http://127.0.0.1:{port}/a");
        let error = world.fetch(&url, &Reference::Default, Mode::Keep).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.hint().unwrap().contains("HERO_GIT_TOKEN_127_0_0_1"));
    }
}

#[test]
fn a_silent_server_does_not_hold_up_an_interrupt() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/a", listener.local_addr().unwrap());
    let cancel = world.cancel.clone();
    let server = std::thread::spawn(move || {
        let connection = listener.accept().unwrap();
        cancel.cancel(signal_hook::consts::SIGINT);
        connection
    });
    let started = Instant::now();
    let error = world.fetch(&url, &Reference::Default, Mode::Keep).unwrap_err();
    assert_eq!((error.kind().word(), error.exit()), ("interrupted", Exit::Interrupted), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(server.join().unwrap());
    let left = crate::sys::fs::list(&world.dir.path().join("src")).unwrap();
    assert!(left.is_empty(), "{left:?}");
}
