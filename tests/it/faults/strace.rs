//! Running a program under strace, which sees and breaks its calls.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::support::both;
use super::trace::{self, Call};

/// What is run under strace.
pub trait Program {
    /// Adds it to the command of strace: its path, arguments, folder and
    /// environment.
    fn append(&self, strace: &mut Command);
    /// The file that strace writes.
    fn trace(&self) -> PathBuf;
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before it.
    Kill,
    /// The call fails.
    Fails { errno: &'static str, lasting: bool },
}

/// All of them. A kill ends the process: it happens once.
pub const FAULTS: [Fault; 5] = [
    Fault::Kill,
    Fault::Fails { errno: "EIO", lasting: false },
    Fault::Fails { errno: "EIO", lasting: true },
    Fault::Fails { errno: "ENOSPC", lasting: false },
    Fault::Fails { errno: "ENOSPC", lasting: true },
];

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill => formatter.write_str("SIGKILL"),
            Self::Fails { errno, lasting: false } => write!(formatter, "{errno} once"),
            Self::Fails { errno, lasting: true } => write!(formatter, "{errno} from then on"),
        }
    }
}

/// Whether strace may be used here; else why not.
pub fn available() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("strace is for Linux".into());
    }
    let tried = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-y", "-o", "/dev/null", "-e", "trace=openat", "true"])
        .output();
    match tried {
        Err(error) => Err(format!("strace does not start: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("strace may not trace here: {}", both(&output).trim())),
    }
}

/// Runs a program and sees its calls.
pub fn watch(program: &impl Program) -> (Output, Vec<Call>) {
    let all: Vec<_> = trace::MUTATING.iter().map(|name| format!("?{name}")).collect();
    run(program, &["--seccomp-bpf", "-e", &format!("trace={}", all.join(","))])
}

/// Runs a program with a fault at one call.
pub fn break_at(program: &impl Program, call: &Call, fault: Fault) -> (Output, Vec<Call>) {
    let (name, when) = (&call.name, call.ordinal);
    let trace = format!("trace={name}");
    match fault {
        // With `--seccomp-bpf` the signal is lost: a seccomp stop delivers none.
        Fault::Kill => {
            let inject = format!("inject={name}:signal=KILL:when={when}");
            run(program, &["-e", &trace, "-e", &inject])
        }
        Fault::Fails { errno, lasting } => {
            let on = if lasting { "+" } else { "" };
            let inject = format!("inject={name}:error={errno}:when={when}{on}");
            run(program, &["--seccomp-bpf", "-e", &trace, "-e", &inject])
        }
    }
}

fn run(program: &impl Program, options: &[&str]) -> (Output, Vec<Call>) {
    let file = program.trace();
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-o"]).arg(&file).args(options);
    program.append(&mut command);
    let output = command.output().expect("strace starts");
    let text = std::fs::read(&file).expect("strace has written its file");
    (output, trace::parse(&String::from_utf8_lossy(&text)))
}
