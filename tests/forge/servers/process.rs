//! A server's process: started in a group of its own, awaited, ended with all
//! that it has started.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// A running server.
pub struct Process(Child);

impl Process {
    /// Starts a server and waits until `ready` says that it is; what it prints
    /// goes nowhere, since a full pipe would stop it.
    pub fn start(mut command: Command, ready: impl Fn() -> bool) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        let mut process = Self(child);
        let begin = Instant::now();
        while !ready() {
            if let Ok(Some(status)) = process.0.try_wait() {
                return Err(format!("{name} ended: {status}"));
            }
            if begin.elapsed() > Duration::from_secs(10) {
                return Err(format!("{name} was not ready in time"));
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _gone = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ended = self.0.wait();
        let _gone =
            Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

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

/// Whether a server listens on a port of loopback.
pub fn listens(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}
