//! A command that failed before it could exit by itself.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Diagnostic, ErrorKind};
use crate::sys::quantity::in_units;

/// A command that could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such program.
    #[error("cannot find the program `{0}`")]
    NotFound(String),
    /// The system would not start it.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The folder it should run in does not exist.
    #[error("cannot run `{program}` in `{}`: no such folder", cwd.display())]
    NoDirectory {
        /// The program.
        program: String,
        /// The folder.
        cwd: PathBuf,
    },
    /// It ran longer than allowed and was ended.
    #[error("`{command}` did not end within {}", in_units(*limit))]
    Timeout {
        /// The command line.
        command: String,
        /// The time it was given.
        limit: Duration,
    },
    /// It printed nothing for longer than allowed and was ended.
    #[error("`{command}` printed nothing for {}", in_units(*limit))]
    Silent {
        /// The command line.
        command: String,
        /// The time it was given.
        limit: Duration,
    },
    /// The user interrupted it.
    #[error("interrupted while `{0}` was running")]
    Interrupted(String),
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::ProgramNotFound,
            Self::Start { .. } | Self::NoDirectory { .. } => ErrorKind::CannotStart,
            Self::Timeout { .. } | Self::Silent { .. } => ErrorKind::Timeout,
            Self::Interrupted(_) => ErrorKind::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound(program) if program.contains('/') => None,
            Self::NotFound(program) => Some(format!("install `{program}`, or put it on your PATH")),
            _ => None,
        }
    }
}
