//! A server's process: started in a group of its own, awaited, ended with all
//! that it has started.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub use crate::support::services::free_port;

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

/// Whether a server listens on a port of loopback.
pub fn listens(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}
