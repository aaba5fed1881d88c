//! What can go wrong while starting and stopping.

use std::path::PathBuf;
use std::time::Duration;

use super::Kind;
use crate::error::{Diagnostic, ErrorKind};
use crate::sys::name::Name;
use crate::sys::quantity::in_units;
use crate::sys::{fs, process, sudo};

/// A start, stop or question that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// A program cannot be run.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// Another hero, with the rights for the system root, did not do it.
    #[error(transparent)]
    Elevated(#[from] sudo::Error),
    /// A supervisor that hero does not know.
    #[error("there is no supervisor `{0}`")]
    NoSuchSupervisor(String),
    /// A supervisor that is not there.
    #[error("{kind} cannot be used: {why}")]
    Unavailable {
        /// Which.
        kind: Kind,
        /// Why not.
        why: String,
        /// What to do about it.
        hint: String,
    },
    /// Something that the supervisor does not do.
    #[error("{kind} cannot run `{unit}`: {what}")]
    Unsupported {
        /// Which.
        kind: Kind,
        /// For what.
        unit: Name,
        /// What it does not do.
        what: String,
        /// The key of the description that asks for it.
        option: &'static str,
        /// What to do about it.
        hint: String,
    },
    /// The supervisor refused.
    #[error("{kind} cannot {action} `{unit}`: {why}")]
    Refused {
        /// Which.
        kind: Kind,
        /// Such as `start`.
        action: &'static str,
        /// Which.
        unit: String,
        /// In its own words.
        why: String,
    },
    /// Somebody else listens on the port.
    #[error("`{unit}` cannot start: {by} listens on port {port}")]
    PortTaken {
        /// Who wants it.
        unit: Name,
        /// Which.
        port: u16,
        /// Who has it.
        by: String,
        /// Its process, if that may be known.
        pid: Option<u32>,
        /// Whether it runs a binary of this very service.
        orphan: bool,
    },
    /// It was started and does not come up, or not for long.
    #[error("`{unit}` {reason}")]
    NoBoot {
        /// Which.
        unit: Name,
        /// What was seen.
        reason: Reason,
        /// The last lines of its log.
        log: Vec<String>,
        /// Where there are more.
        path: Option<PathBuf>,
    },
    /// A process does not go away.
    #[error("`{unit}` is still running: process {pid} does not end")]
    NotStopped {
        /// Which.
        unit: Name,
        /// Its process.
        pid: u32,
    },
    /// Units that wait for each other.
    #[error("services start after each other in a circle: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// A file of hero's that is of another hero, or damaged.
    #[error("cannot use `{}`: {why}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The user interrupted it.
    #[error("interrupted while {0}")]
    Interrupted(String),
}

/// Why a unit does not count as booted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    /// It ended before it was ready.
    #[error("ended before it was ready: {how}")]
    Ended {
        /// Such as `exited with 3`.
        how: String,
    },
    /// It was not ready in time.
    #[error("was not ready within {}: {last}", in_units(*limit))]
    NotReady {
        /// The time it had.
        limit: Duration,
        /// What the last look showed.
        last: String,
    },
    /// It was ready and then ended.
    #[error("was ready and ended soon after: {how}")]
    Died {
        /// Such as `was killed by signal 11`.
        how: String,
    },
    /// It ended, and nothing would have said that it is ready.
    #[error("did not stay alive for {}: {how}", in_units(*stable))]
    Short {
        /// The time it should have.
        stable: Duration,
        /// Such as `exited with 3`.
        how: String,
    },
    /// Another process answers on its port.
    #[error("does not listen on its port {port}: {by} does")]
    Stranger {
        /// Which.
        port: u16,
        /// Who does.
        by: String,
    },
    /// The process runs another file than the one installed.
    #[error("runs another program than the one installed: {found}")]
    OtherProgram {
        /// What it runs.
        found: String,
    },
    /// The supervisor cannot start it.
    #[error("does not start: {why}")]
    NoStart {
        /// In its words.
        why: String,
    },
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::File(error) => error.kind(),
            Self::Process(error) => error.kind(),
            Self::Elevated(error) => error.kind(),
            Self::NoSuchSupervisor(_) => ErrorKind::NoSuchSupervisor,
            Self::Unavailable { .. } => ErrorKind::SupervisorUnavailable,
            Self::Unsupported { .. } => ErrorKind::UnsupportedOption,
            Self::Refused { .. } => ErrorKind::SupervisorRefused,
            Self::PortTaken { .. } => ErrorKind::PortTaken,
            Self::NoBoot { .. } => ErrorKind::NoBoot,
            Self::NotStopped { .. } => ErrorKind::NotStopped,
            Self::Cycle(_) => ErrorKind::Cycle,
            Self::Record { .. } => ErrorKind::BadRecord,
            Self::Interrupted(_) => ErrorKind::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Process(error) => error.hint(),
            Self::Elevated(error) => error.hint(),
            Self::NoSuchSupervisor(name) => {
                let all = Kind::ALL.map(Kind::name);
                Some(match crate::error::nearest(name, all) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it is one of {}", all.join(", ")),
                })
            }
            Self::Unavailable { hint, .. } | Self::Unsupported { hint, .. } => Some(hint.clone()),
            Self::PortTaken { pid: Some(pid), orphan: true, .. } => {
                Some(format!("it is left over from an earlier start; end it: kill {pid}"))
            }
            Self::PortTaken { .. } => Some("end that, or give one of the two another port".into()),
            Self::NoBoot { path, .. } => {
                path.as_ref().map(|path| format!("its whole log: {}", path.display()))
            }
            Self::NotStopped { pid, .. } => Some(format!("look at it: ps -f -p {pid}")),
            Self::Cycle(_) => Some("leave out one `after`".into()),
            Self::Record { path, .. } => {
                Some(format!("end what it tells of, then remove it: rm {}", path.display()))
            }
            Self::Refused { .. } | Self::Interrupted(_) => None,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::NoBoot { log, .. } => log.clone(),
            Self::Elevated(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::Unsupported { option, .. } => Some(option),
            Self::Elevated(error) => error.option(),
            Self::Cycle(_) => Some("after"),
            _ => None,
        }
    }
}
