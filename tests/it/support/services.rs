//! Services for tests: small HTTP servers that behave as a test wants.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Repo, World, both, manifest};

/// The next port to try.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port of loopback that nobody uses, each time another one. They lie below
/// those that the kernel gives to clients, which could take one at any moment.
pub fn free_port() -> u16 {
    let first = 10_000 + u16::try_from(std::process::id() % 200).unwrap_or_default() * 100;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        let free = |host: &str| TcpListener::bind((host, port)).is_ok();
        if free("127.0.0.1") && free("127.0.0.2") {
            return port;
        }
    }
}

/// What a server answers; `None` if it does not.
pub fn ask(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.rsplit_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

/// Waits until something is so, for a minute at most.
pub fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < Duration::from_mins(1), "never: {what}");
        std::thread::yield_now();
    }
}

/// Whether a process is there and has not ended.
pub fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z')))
}

/// A world whose services are ended with it.
pub struct Stage {
    pub world: World,
}

impl Stage {
    pub fn new() -> Self {
        Self { world: World::new() }
    }

    /// A service with one server, whose source says how it behaves; and its script.
    pub fn server(&self, name: &str, port: u16, more: &str) -> Server {
        let repo = self.world.repo(name);
        repo.write("Cargo.toml", &manifest(name, ""));
        let server = Server { repo };
        server.becomes("1", "");
        let start = format!(
            "start: #{{ cmd: [\"{name}\", \"{port}\"], stable: 0.3, ready: #{{ port: {port} }}, {more} }}"
        );
        self.world.service(name, &server.repo, &start);
        server
    }

    /// The process of a service, as `status` tells.
    pub fn pid(&self, script: &str) -> Option<u32> {
        let known = self.status(script);
        known["started"]["units"][0]["pid"].as_u64().map(|pid| u32::try_from(pid).expect("a pid"))
    }

    /// What `status --json` says of the first service.
    pub fn status(&self, script: &str) -> serde_json::Value {
        let text = self.world.command(&format!("run {script} status --json"));
        let output = { text }.output().expect("hero starts");
        let all: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", both(&output)));
        all[0].clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let script = "for name in daemon::list() { daemon::remove(name); }";
        self.world.write("end_all.rhai", script);
        let ended = self.world.command("run end_all.rhai").output().expect("hero starts");
        let well = ended.status.success() || std::thread::panicking();
        assert!(well, "the services cannot be ended: {}", both(&ended));
    }
}

/// A service of a test.
pub struct Server {
    pub repo: Repo,
}

impl Server {
    /// Commits a version that answers with `version`; `code` runs first in its `main`,
    /// which has `port` and, after it, `listener` in the macro `after!`.
    pub fn becomes(&self, version: &str, code: &str) -> String {
        self.repo.write("src/main.rs", &source(version, code));
        self.repo.commit(&format!("version {version}"))
    }
}

/// A server that answers every request with `version`.
pub fn source(version: &str, code: &str) -> String {
    let (before, after) = code.split_once("---").unwrap_or((code, ""));
    format!(
        r#"use std::io::{{Read, Write}};
#[allow(unreachable_code)]
fn main() {{
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    println!("version {version} begins");
    {before}
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    println!("listening on {{port}}");
    {after}
    for stream in listener.incoming() {{
        let Ok(mut stream) = stream else {{ continue }};
        let mut buffer = [0; 1024];
        let _ = stream.read(&mut buffer);
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-length: {length}\r\n\r\n{version}");
    }}
}}
"#,
        length = version.len(),
    )
}
