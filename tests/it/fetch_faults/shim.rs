//! A git that is put before the real one and traces, or breaks, one of the
//! processes that hero starts.

use std::fmt;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::strace;
use super::support::both;
use super::trace::{self, Call};
use super::tree;

/// A process of a command under test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Process {
    Hero,
    /// A program of git, and the how many-th of its kind.
    Git {
        program: String,
        number: usize,
    },
}

impl fmt::Display for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hero => formatter.write_str("hero"),
            Self::Git { program, number: 1 } => write!(formatter, "git {program}"),
            Self::Git { program, number } => write!(formatter, "git {program} ({number})"),
        }
    }
}

impl Process {
    /// The name of what it runs.
    pub fn program(&self) -> &str {
        match self {
            Self::Hero => "hero",
            Self::Git { program, .. } => program,
        }
    }
}

/// The folder with the shim, its plans and its traces.
pub struct Shim(TempDir);

impl Shim {
    pub fn new() -> Self {
        // Not in memory: programs may not be run from there on some machines.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let shim = Self(folder);
        let (git, programs) = (shim.path("bin/git"), shim.path("programs"));
        for folder in ["bin", "programs", "plan", "run"] {
            fs::create_dir(shim.path(folder)).expect("a folder");
        }
        let text = include_str!("shim.sh")
            .replace("HERE", &shim.path("").display().to_string())
            .replace("REAL", &real_git().display().to_string());
        fs::write(&git, text).expect("the shim is written");
        fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("a mode");
        let output = Command::new("git").arg("--exec-path").output().expect("git starts");
        let own = String::from_utf8(output.stdout).expect("a path");
        for program in tree::entries(Path::new(own.trim())) {
            let link = programs.join(tree::name(&program));
            let is_git = tree::name(&program) == "git";
            symlink(if is_git { &git } else { &program }, link).expect("the link is made");
        }
        if !programs.join("git").exists() {
            symlink(&git, programs.join("git")).expect("the link is made");
        }
        shim
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts the shim before the real git.
    pub fn put_before(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.path("bin")).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(all).expect("a path"));
    }

    /// Forgets what was, and breaks one process, or none.
    pub fn plan(&self, process: Option<&Process>, options: &str) {
        for folder in [self.path("plan"), self.path("run")] {
            fs::remove_dir_all(&folder).expect("the folder is removed");
            fs::create_dir(&folder).expect("a folder");
        }
        if let Some(Process::Git { program, number }) = process {
            let plan = self.path("plan").join(format!("{program}.{number}"));
            fs::write(plan, format!("{options}\n")).expect("the plan is written");
        }
    }

    /// Forgets what was, and traces every process.
    pub fn plan_all(&self, options: &str) {
        self.plan(None, "");
        fs::write(self.path("plan/all"), format!("{options}\n")).expect("the plan is written");
    }

    /// The calls of a process that was traced; none if it did not run.
    pub fn calls(&self, process: &Process) -> Vec<Call> {
        trace::parse(&self.ended(process).unwrap_or_default())
    }

    /// The trace of a process, once it has ended.
    pub fn ended(&self, process: &Process) -> Option<String> {
        let Process::Git { program, number } = process else { return None };
        let file = self.path("run").join(format!("{program}.{number}.trace"));
        let end = Instant::now() + Duration::from_secs(20);
        while file.exists() && Instant::now() < end {
            let text = fs::read(&file).expect("a trace");
            let text = String::from_utf8_lossy(&text).into_owned();
            if is_whole(&text) {
                return Some(text);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }

    /// The processes that were traced.
    pub fn processes(&self) -> Vec<Process> {
        let process = |path: PathBuf| {
            let name = tree::name(&path);
            let (program, number) = name.strip_suffix(".trace")?.rsplit_once('.')?;
            Some(Process::Git { program: program.to_owned(), number: number.parse().ok()? })
        };
        tree::entries(&self.path("run")).into_iter().filter_map(process).collect()
    }
}

/// Whether strace can be used as the suite needs it; else why not.
pub fn available() -> Result<(), String> {
    strace::available()?;
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-b", "execve", "-o", "/dev/null", "true"]);
    let output = command.output().map_err(|error| format!("strace does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("strace is too old: {}", both(&output).trim()))
}

/// Whether the process that a trace begins with has ended.
fn is_whole(text: &str) -> bool {
    let Some(first) = text.split_whitespace().next() else { return false };
    text.lines().any(|line| {
        let of_first = line.strip_prefix(first).map(str::trim_start);
        of_first.is_some_and(|rest| rest.starts_with("+++ "))
    })
}

/// Where the git of this machine is.
fn real_git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&path).map(|folder| folder.join("git"));
    all.find(|file| file.is_file()).expect("there is git")
}
