//! The daemon of `git credential-cache`.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A daemon with one password; ends when dropped.
pub struct Cache(PathBuf);

impl Cache {
    /// Starts the daemon on a socket and tells it the password of `alice`.
    pub fn with(socket: PathBuf, origin: &str, password: &str) -> Self {
        let (scheme, host) = origin.split_once("://").expect("a scheme");
        let mut child = Command::new("git")
            .args(["credential-cache", "--timeout=60", "--socket"])
            .args([socket.as_os_str(), "store".as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("git starts");
        let text = format!("protocol={scheme}\nhost={host}\nusername=alice\npassword={password}\n");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(text.as_bytes()).expect("git reads");
        drop(input);
        assert!(child.wait().expect("git ends").success());
        Self(socket)
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let mut command = Command::new("git");
        command.args(["credential-cache", "--socket"]).arg(&self.0).arg("exit");
        let _ended = command.status();
    }
}
