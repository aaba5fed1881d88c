//! Running hero under strace, which sees and breaks its calls.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::support::{World, both};
use super::trace::{self, Call};

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

/// Runs hero and sees its calls.
pub fn watch(world: &World, arguments: &str) -> (Output, Vec<Call>) {
    let all: Vec<_> = trace::MUTATING.iter().map(|name| format!("?{name}")).collect();
    run(world, arguments, &["--seccomp-bpf", "-e", &format!("trace={}", all.join(","))])
}

/// Runs hero with a fault at one call.
pub fn break_at(world: &World, arguments: &str, call: &Call, fault: Fault) -> (Output, Vec<Call>) {
    let (name, when) = (&call.name, call.ordinal);
    let trace = format!("trace={name}");
    match fault {
        // With `--seccomp-bpf` the signal is lost: a seccomp stop delivers none.
        Fault::Kill => {
            let inject = format!("inject={name}:signal=KILL:when={when}");
            run(world, arguments, &["-e", &trace, "-e", &inject])
        }
        Fault::Fails { errno, lasting } => {
            let on = if lasting { "+" } else { "" };
            let inject = format!("inject={name}:error={errno}:when={when}{on}");
            run(world, arguments, &["--seccomp-bpf", "-e", &trace, "-e", &inject])
        }
    }
}

fn run(world: &World, arguments: &str, options: &[&str]) -> (Output, Vec<Call>) {
    let file: PathBuf = world.root().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-o"]).arg(&file).args(options);
    command.arg(env!("CARGO_BIN_EXE_hero")).args(arguments.split_whitespace());
    command.current_dir(world.work(""));
    world.environment(&mut command);
    let output = command.output().expect("strace starts");
    let text = std::fs::read(&file).expect("strace has written its file");
    (output, trace::parse(&String::from_utf8_lossy(&text)))
}
