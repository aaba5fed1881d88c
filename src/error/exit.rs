//! How hero ends.

use std::process::ExitCode;

/// How hero ends; the numbers are part of its interface (docs/operating.md, "Exit codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything asked for was done.
    Done = 0,
    /// A script, or what its user gave it, was wrong.
    Script = 1,
    /// Wrong usage: flags and arguments.
    Usage = 2,
    /// Fetching, building or installing failed.
    Failed = 3,
    /// What was installed does not boot.
    NoBoot = 4,
    /// A fault of hero itself.
    Internal = 70,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM or SIGHUP.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
