//! One sshd of a kind.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::super::scene::write;
use super::process::{Process, free_port, listens};

/// A running sshd.
pub struct Sshd {
    /// Its port on 127.0.0.1.
    pub port: u16,
    _process: Process,
}

impl Sshd {
    /// Starts one with host keys of `root` and further lines of configuration.
    pub fn start(root: &Path, name: &str, keys: &[&str], more: &str) -> Result<Self, String> {
        let sshd = super::programs::find("sshd").ok_or("sshd is not installed")?;
        let port = free_port();
        // bash reads the user's ~/.bashrc in an ssh session of level 1 only; that
        // file, however long it takes, is no part of the tests.
        let mut config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
             AuthorizedKeysFile {root}/authorized_keys\nForceCommand {root}/forge-shell\n\
             AcceptEnv GIT_PROTOCOL\nMaxStartups 100\nUseDNS no\nPrintMotd no\nLogLevel ERROR\n\
             SetEnv SHLVL=2\n",
            root = root.display()
        );
        for key in keys {
            writeln!(config, "HostKey {}/{key}", root.display()).expect("a text");
        }
        config.push_str(more);
        let file = write(&root.join(format!("{name}.conf")), &config, 0o600);
        let mut command = Command::new(sshd);
        command.args(["-D", "-e", "-f"]).arg(file);
        let process = Process::start(command, || listens(port))?;
        Ok(Self { port, _process: process })
    }
}
