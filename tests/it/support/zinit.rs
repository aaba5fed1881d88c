//! The real zinit, built once and kept beside the build.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::both;
use crate::support::services::eventually;

const VERSION: &str = "0.3.9";

/// The server's program. The first test that needs it builds it, which takes minutes.
pub fn server() -> PathBuf {
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let root = base.join(format!("zinit-{VERSION}"));
    let program = root.join("bin/zinit-server");
    let lock = File::create(base.join("zinit.lock")).expect("a lock");
    lock.lock().expect("its turn");
    if !program.exists() {
        let target = base.join("zinit-build");
        let output = Command::new("cargo")
            .args(["install", "zinit", "--version", VERSION, "--locked", "--debug"])
            .args([
                "--no-default-features",
                "--features",
                "server",
                "--bin",
                "zinit-server",
                "--root",
            ])
            .arg(&root)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .current_dir(std::env::temp_dir())
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "zinit: {}", both(&output));
        std::fs::remove_dir_all(target).expect("its build is removed");
    }
    program
}

/// A zinit of a test's own.
pub struct Zinit {
    folder: PathBuf,
    child: Option<Child>,
}

impl Zinit {
    /// One that keeps its things in a folder.
    pub fn start(folder: &Path) -> Self {
        std::fs::create_dir_all(folder.join("config")).expect("a folder");
        let mut zinit = Self { folder: folder.to_owned(), child: None };
        zinit.again();
        zinit
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("zinit.sock")
    }

    /// Starts it again, after its end.
    pub fn again(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.join("log"));
        let child = Command::new(server())
            .arg("--config-dir")
            .arg(self.folder.join("config"))
            .arg("--socket")
            .arg(self.socket())
            .env("HOME", &self.folder)
            .stdout(log.expect("a log"))
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("zinit starts"));
        let socket = self.socket();
        eventually("zinit listens", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    }

    /// Ends it as an administrator would: its services end with it.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let request = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.shutdown\"}\n";
        let stream = std::os::unix::net::UnixStream::connect(self.socket());
        let asked = stream.and_then(|mut stream| stream.write_all(request));
        if asked.is_err() {
            child.kill().expect("it is there");
        }
        child.wait().expect("it ends");
    }

    /// Ends it as a fault would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is there");
            child.wait().expect("it ends");
        }
    }

    /// The configuration that it keeps of a service.
    pub fn config(&self, service: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(format!("config/{service}.toml"))).ok()
    }

    /// Writes one itself.
    pub fn write(&self, service: &str, text: &str) {
        let path = self.folder.join(format!("config/{service}.toml"));
        std::fs::write(path, text).expect("the file is written");
    }
}

impl Drop for Zinit {
    fn drop(&mut self) {
        self.stop();
    }
}
