//! How hero ends.

use std::process::ExitCode;

/// How hero ends; the numbers are part of its interface (docs/operating.md, "Exit codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
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

impl Exit {
    /// The one with this number; a failure where there is none.
    pub fn from_code(code: u8) -> Self {
        let all = [
            Self::Done,
            Self::Script,
            Self::Usage,
            Self::Failed,
            Self::NoBoot,
            Self::Internal,
            Self::Interrupted,
            Self::Terminated,
        ];
        all.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Self::Failed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
