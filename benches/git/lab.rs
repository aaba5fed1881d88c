//! Repositories, a server for them, and commands in an empty home.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder with everything in it; the server ends with it.
pub struct Lab {
    root: TempDir,
    port: u16,
    server: Child,
}

/// A repository that is cloned from, with a clone in which commits are made.
pub struct Remote {
    bare: PathBuf,
    work: PathBuf,
}

impl Lab {
    /// Starts `git daemon` on an empty folder.
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(root.path().join("home")).expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let server = Command::new("git")
            .args(["daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", root.path().display()))
            .arg(root.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("git daemon starts");
        let patience = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "git daemon does not answer");
            std::thread::yield_now();
        }
        Self { root, port, server }
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// 100 files of random bytes.
    pub fn large(&self) -> Remote {
        let remote = self.remote("large");
        remote.commit();
        let mut random = std::fs::File::open("/dev/urandom").expect("random bytes");
        let mut buffer = vec![0; 1 << 20];
        for number in 0..100 {
            std::io::Read::read_exact(&mut random, &mut buffer).expect("random bytes");
            std::fs::write(remote.work.join(format!("{number}.bin")), &buffer).expect("written");
        }
        remote.commit();
        remote
    }

    /// 50,000 commits, each of a small file.
    pub fn deep(&self) -> Remote {
        let remote = self.remote("deep");
        let mut stream = String::new();
        for number in 1..=50_000 {
            let content = format!("line {number}\n");
            let (folder, file, time) = (number % 50, number % 500, 1_600_000_000 + number);
            let _ = write!(
                stream,
                "commit refs/heads/main\nmark :{number}\ncommitter a <a@b> {time} +0000\ndata 1\nm\n"
            );
            if number > 1 {
                let _ = writeln!(stream, "from :{}", number - 1);
            }
            let _ = write!(
                stream,
                "M 100644 inline {folder}/{file}\ndata {}\n{content}",
                content.len()
            );
        }
        let mut import = self
            .git(&["-C", &remote.path_text(), "fast-import", "--quiet", "--force"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("git starts");
        import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("written");
        assert!(import.wait().expect("it ends").success());
        self.run(&["-C", &remote.path_text(), "gc", "--quiet"]);
        self.run(&["-C", &remote.work.display().to_string(), "pull", "--quiet", "origin", "main"]);
        remote
    }

    /// One small commit.
    pub fn small(&self, number: usize) -> Remote {
        let remote = self.remote(&format!("small{number}"));
        remote.commit();
        remote
    }

    fn remote(&self, name: &str) -> Remote {
        let bare = self.root().join(format!("{name}.git"));
        let work = self.root().join(name);
        self.run(&[
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            &bare.display().to_string(),
        ]);
        self.run(&["clone", "--quiet", &bare.display().to_string(), &work.display().to_string()]);
        Remote { bare, work }
    }

    pub fn url(&self, remote: &Remote) -> String {
        let name = remote.bare.file_name().expect("a name").to_string_lossy();
        format!("git://127.0.0.1:{}/{name}", self.port)
    }

    /// The checkout that hero makes.
    pub fn checkout(&self, name: &str) -> PathBuf {
        self.root().join("home/.local/share/hero/src").join(name)
    }

    /// A script that fetches one service.
    pub fn script(&self, name: &str, url: &str, more: &str) -> PathBuf {
        let text = format!("git::fetch(#{{ name: \"{name}\", repo: \"{url}\", {more} }});\n");
        self.write(&format!("{name}.rhai"), &text)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    pub fn hero(&self, script: &Path) -> Command {
        self.other_hero(Path::new(env!("CARGO_BIN_EXE_hero")), script)
    }

    pub fn other_hero(&self, hero: &Path, script: &Path) -> Command {
        let mut command = Command::new(hero);
        command.arg("run").arg(script);
        self.environment(command)
    }

    pub fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(arguments);
        self.environment(command)
    }

    fn environment(&self, mut command: Command) -> Command {
        let home = self.root().join("home");
        command
            .env("HOME", home)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_AUTHOR_NAME", "a").env("GIT_AUTHOR_EMAIL", "a@b");
        command.env("GIT_COMMITTER_NAME", "a").env("GIT_COMMITTER_EMAIL", "a@b");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) {
        time(&mut self.git(arguments));
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _gone = self.server.kill().and_then(|()| self.server.wait());
    }
}

impl Remote {
    pub fn path_text(&self) -> String {
        self.bare.display().to_string()
    }

    /// Goes back to the first commit and returns the last.
    pub fn rewind(&self) -> String {
        let tip = self.ask(&["rev-parse", "main"]);
        self.set(&self.ask(&["rev-list", "--max-parents=0", "main"]));
        tip
    }

    /// Lets the branch name another commit.
    pub fn set(&self, commit: &str) {
        self.ask(&["update-ref", "refs/heads/main", commit]);
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        let output = git.args(arguments).current_dir(&self.bare).output().expect("git starts");
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything that lies in the clone, and a file that is always new.
    pub fn commit(&self) {
        let time = format!("{:?}", Instant::now());
        std::fs::write(self.work.join("news"), time).expect("written");
        for arguments in [
            &["add", "--all"][..],
            &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "m"],
            &["push", "--quiet", "origin", "HEAD:main"],
        ] {
            let mut git = Command::new("git");
            let status = git.args(arguments).current_dir(&self.work).stderr(Stdio::null()).status();
            assert!(status.expect("git starts").success(), "git {arguments:?}");
        }
    }
}

/// How long a command takes that succeeds.
pub fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?}: {status}");
    started.elapsed()
}

/// Removes a folder, if it is there.
pub fn remove(path: &Path) {
    if path.exists() {
        std::fs::remove_dir_all(path).expect("removed");
    }
}
