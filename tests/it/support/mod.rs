//! A hermetic environment for end-to-end tests: own HOME, own git
//! configuration, real git, real cargo, small crates, nothing inherited but
//! the toolchain.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use snapbox::cmd::Command as Snap;
use tempfile::TempDir;

pub mod services;
#[cfg(target_os = "linux")]
pub mod zinit;

/// One test's world; removed when dropped.
#[must_use]
pub struct World {
    root: TempDir,
}

impl World {
    /// An empty home, an empty working directory.
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// The same in a folder of the test's choice.
    pub fn below(folder: &Path) -> Self {
        let root = tempfile::tempdir_in(folder).expect("a temporary folder");
        for folder in ["home", "work", "remote"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        Self { root }
    }

    /// The folder that holds everything.
    pub fn root(&self) -> PathBuf {
        self.root.path().canonicalize().expect("the root exists")
    }

    /// A path below HOME.
    pub fn home(&self, path: &str) -> PathBuf {
        self.root().join("home").join(path)
    }

    /// A path below the working directory.
    pub fn work(&self, path: &str) -> PathBuf {
        self.root().join("work").join(path)
    }

    /// The link of an installed binary.
    pub fn bin(&self, name: &str) -> PathBuf {
        self.home(".local/bin").join(name)
    }

    /// Writes a file below the working directory.
    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.work(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    /// Writes a service script of the least possible length.
    pub fn service(&self, name: &str, repo: &Repo, more: &str) -> PathBuf {
        let text = format!(
            "//! {name}: a test service.\nfn service() {{\n    #{{ name: \"{name}\", repo: \"{}\",\n       {more} }}\n}}\nservice::main(service());\n",
            repo.path.display()
        );
        self.write(&format!("{name}.rhai"), &text)
    }

    /// `hero` with arguments separated by spaces, in the working directory.
    pub fn hero(&self, arguments: &str) -> Snap {
        self.snap(self.command(arguments))
    }

    /// The same for std's command, where a test needs the child.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hero"));
        command.args(arguments.split_whitespace()).current_dir(self.work(""));
        self.environment(&mut command);
        command
    }

    /// Runs hero and returns what it said, expecting success.
    pub fn succeed(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().expect("hero starts");
        let text = both(&output);
        assert!(output.status.success(), "hero {arguments}: {text}");
        text
    }

    /// Runs hero and returns what it said, expecting an exit code.
    pub fn fail(&self, exit: i32, arguments: &str) -> String {
        let output = self.command(arguments).output().expect("hero starts");
        let text = both(&output);
        assert_eq!(output.status.code(), Some(exit), "hero {arguments}: {text}");
        text
    }

    /// Installs a service whose binaries are small programs that say their own
    /// names and `version`; builds nothing.
    pub fn install(&self, service: &str, bins: &[&str], version: &str) {
        use std::os::unix::fs::PermissionsExt;
        let mut files = Vec::new();
        for bin in bins {
            let path =
                self.write(&format!("built/{bin}"), &format!("#!/bin/sh\necho {bin} {version}\n"));
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(&path, mode).expect("a mode");
            files.push(format!("\"{}\"", path.display()));
        }
        let files = files.join(", ");
        let script = format!("bin::install(#{{ name: \"{service}\", files: [{files}] }});\n");
        self.write("install_files.rhai", &script);
        self.succeed("run install_files");
    }

    fn snap(&self, command: Command) -> Snap {
        Snap::from_std(command).with_assert(self.comparison())
    }

    /// Compares a part of what hero said, as `hero(…).assert()` does the whole.
    pub fn same(&self, said: impl AsRef<[u8]>, expected: impl snapbox::IntoData) {
        let said = String::from_utf8_lossy(said.as_ref()).into_owned();
        self.comparison().eq(said, expected);
    }

    fn comparison(&self) -> snapbox::Assert {
        let mut redactions = snapbox::Redactions::new();
        let line = regex("stdlib/\\w+\\.rhai:(?<redacted>\\d+)");
        redactions.insert("[LINE]", line).expect("valid");
        redactions.insert("[ROOT]", self.root()).expect("a valid redaction");
        let generation = regex("(?<redacted>\\d{8}T\\d{6}Z-[a-z]+-[a-z0-9]+(-dirty)?(-\\d+)?)");
        redactions.insert("[GENERATION]", generation).expect("valid");
        redactions.insert("[HASH]", regex("\\b(?<redacted>[0-9a-f]{7})\\b")).expect("valid");
        redactions
            .insert("[ELAPSED]", regex("(?<redacted>\\b\\d+\\.\\ds|\\b\\d+s|\\b\\d+m \\d\\ds)"))
            .expect("valid");
        redactions
            .insert("[SIZE]", regex("(?<redacted>\\b\\d+(\\.\\d)? (B|KiB|MiB|GiB|TiB))\\b"))
            .expect("valid");
        snapbox::Assert::new()
            .redact_with(redactions)
            .action_env(snapbox::assert::DEFAULT_ACTION_ENV)
    }

    /// Nothing of the developer's environment but where the toolchain is.
    pub fn environment(&self, command: &mut Command) {
        let user_home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        let kept = |name: &str, folder: &str| {
            std::env::var_os(name).unwrap_or_else(|| user_home.join(folder).into_os_string())
        };
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home(""));
        command.env("CARGO_HOME", kept("CARGO_HOME", ".cargo"));
        command.env("RUSTUP_HOME", kept("RUSTUP_HOME", ".rustup"));
        for name in
            ["RUSTUP_TOOLCHAIN", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy"]
        {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("LC_ALL", "C");
        // The supervisors of this machine are nobody's playground.
        command.env("HERO_SYSTEMD_RUNTIME", self.root().join("no-systemd"));
        command.env("ZINIT_SOCKET", self.root().join("no-zinit"));
    }

    /// A new repository with a crate of one binary that prints `text`.
    pub fn crate_repo(&self, name: &str, text: &str) -> Repo {
        let repo = self.repo(name);
        repo.write("Cargo.toml", &manifest(name, ""));
        repo.write("src/main.rs", &prints(text));
        repo.commit("the first version");
        repo
    }

    /// A new repository without commits.
    pub fn repo(&self, name: &str) -> Repo {
        let path = self.root().join("remote").join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        let repo = Repo { path };
        repo.git("init --quiet --initial-branch main");
        repo
    }

    /// The checkout that hero keeps of a service.
    pub fn checkout(&self, service: &str) -> Repo {
        Repo { path: self.home(".local/share/hero/src").join(service) }
    }

    /// What an installed binary prints.
    pub fn run_bin(&self, name: &str) -> String {
        let output = Command::new(self.bin(name)).output().expect("the binary runs");
        assert!(output.status.success(), "{name}: {}", both(&output));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// The same with bytes on its standard input.
    pub fn run_bin_with(&self, name: &str, input: &[u8]) -> String {
        let output = Snap::new(self.bin(name)).stdin(input).output().expect("the binary runs");
        both(&output)
    }

    /// Every path below the root with its content, to see that nothing changed.
    pub fn photograph(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        visit(&self.root(), &mut files);
        files.sort();
        files
    }
}

/// A git repository of a test.
pub struct Repo {
    /// Its working tree.
    pub path: PathBuf,
}

impl Repo {
    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("the file is written");
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).expect("the file is read")
    }

    /// Commits everything; the new commit.
    pub fn commit(&self, message: &str) -> String {
        self.git("add --all");
        self.run(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git("rev-parse HEAD")
    }

    /// Runs git with arguments separated by spaces; what it printed.
    pub fn git(&self, arguments: &str) -> String {
        self.run(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"])
            .args(arguments)
            .current_dir(&self.path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {}", both(&output));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }
}

/// A manifest of a package.
pub fn manifest(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}\n")
}

/// The SHA-256 of some bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digits = sha2::Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A program that prints `text`.
pub fn prints(text: &str) -> String {
    format!("fn main() {{\n    println!(\"{text}\");\n}}\n")
}

/// Both streams of a command.
pub fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn regex(pattern: &str) -> snapbox::RedactedValue {
    regex::Regex::new(pattern).expect("a valid pattern").into()
}

fn visit(path: &Path, files: &mut Vec<(PathBuf, String)>) {
    let data = std::fs::symlink_metadata(path).expect("metadata");
    if data.is_dir() {
        files.push((path.to_owned(), "folder".into()));
        for entry in std::fs::read_dir(path).expect("a folder") {
            visit(&entry.expect("an entry").path(), files);
        }
    } else if data.is_symlink() {
        files.push((
            path.to_owned(),
            std::fs::read_link(path).expect("a link").display().to_string(),
        ));
    } else {
        files.push((
            path.to_owned(),
            String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned(),
        ));
    }
}

/// Says that a test could not be done on this machine, and why.
#[allow(clippy::print_stderr, reason = "whoever runs the tests should see it")]
pub fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Sends SIGINT to a child.
pub fn interrupt(child: &std::process::Child) {
    let status = Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
    assert!(status.expect("kill starts").success());
}

/// The children of a process, by id.
pub fn children(parent: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-eo", "pid=,ppid="]).output().expect("ps starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pairs = text.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
        Some((numbers.next()?, numbers.next()?))
    });
    pairs.filter(|(_, ppid)| *ppid == parent).map(|(pid, _)| pid).collect()
}

/// Ends a process that a test has started.
pub fn kill(pid: u32) {
    let _gone = Command::new("kill").arg("-9").arg(pid.to_string()).status();
}
