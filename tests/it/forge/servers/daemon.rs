//! `git daemon`, on IPv4 and IPv6.

use std::net::{Ipv6Addr, TcpListener};
use std::process::Command;

use super::process::{Process, free_port, listens};
use super::repos::Repos;

/// A running `git daemon`.
pub struct Daemon {
    /// Its port.
    pub port: u16,
    /// Whether it listens on `::1` too.
    pub ipv6: bool,
    _process: Process,
}

impl Daemon {
    /// Serves all repositories.
    pub fn start(repos: &Repos) -> Result<Self, String> {
        let port = free_port();
        let ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_ok();
        let mut command = Command::new("git");
        command.args(["daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1"]);
        if ipv6 {
            command.arg("--listen=::1");
        }
        command.arg(format!("--port={port}")).arg(format!("--base-path={}", repos.root.display()));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let process = Process::start(command, || listens(port))?;
        Ok(Self { port, ipv6, _process: process })
    }

    /// The address of a repository.
    pub fn url(&self, repo: &str) -> String {
        format!("git://127.0.0.1:{}/{repo}", self.port)
    }
}
