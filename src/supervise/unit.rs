//! What is run: one process of a service, as a supervisor is told of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sys::name::Name;

/// One process of a service. Its name is the service's, with the process's own
/// behind a dot where there are several: `shop`, `shop.worker`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unit {
    /// What supervisors call it.
    pub(crate) name: Name,
    /// Whose it is.
    pub(crate) service: Name,
    /// The program: an absolute path. The service's own lead through
    /// `current/<service>`, so that they are whatever is current.
    pub(crate) program: PathBuf,
    /// Whether the program is one of the service's own binaries.
    pub(crate) own: bool,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// Variables of its environment, beside those that the supervisor gives.
    pub(crate) env: BTreeMap<String, String>,
    /// The folder it runs in.
    pub(crate) cwd: PathBuf,
    /// Who it runs as, in the system root; the supervisor's user otherwise.
    pub(crate) user: Option<String>,
    /// Units that are started before it.
    pub(crate) after: Vec<Name>,
    /// Whether it ends by itself, and being ready means that it has.
    pub(crate) one_shot: bool,
    /// What happens when it ends.
    pub(crate) restart: Restart,
    /// How it is known that it is ready.
    pub(crate) ready: Ready,
    /// How long it must stay alive after being ready.
    pub(crate) stable: Duration,
    /// How long it may take to be ready.
    pub(crate) timeout: Duration,
    /// How long it may take to end after SIGTERM, before SIGKILL.
    pub(crate) stop_timeout: Duration,
}

impl Unit {
    /// The command line, as an argument list.
    pub(crate) fn command(&self) -> Vec<String> {
        let program = self.program.display().to_string();
        std::iter::once(program).chain(self.args.iter().cloned()).collect()
    }
}

/// What a supervisor does when a process ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Restart {
    /// Starts it again, however it ended.
    Always,
    /// Starts it again if it failed.
    #[default]
    OnFailure,
    /// Leaves it.
    Never,
}

/// How it is known that a process is ready.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// The TCP port it listens on. It must be free before the start, and its
    /// listener must belong to the process.
    pub(crate) port: Option<u16>,
    /// What else is asked.
    pub(crate) probe: Probe,
}

/// What is asked to know whether a process is ready.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Probe {
    /// Nothing: a port that it listens on, or that it is alive, is enough.
    #[default]
    None,
    /// An address answers with this status, or with any from 200 to 399.
    Http {
        /// `http://…`
        url: String,
        /// The status wanted.
        status: Option<u16>,
    },
    /// A line of its log matches this regular expression.
    Log(String),
    /// It says `READY=1` on `NOTIFY_SOCKET`, as for systemd.
    Notify,
    /// A command exits with 0.
    Cmd(Vec<String>),
}

/// What a supervisor knows of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// What it is doing.
    pub(crate) state: State,
    /// Its main process.
    pub(crate) pid: Option<u32>,
    /// When that started.
    pub(crate) since: Option<jiff::Timestamp>,
    /// How it ended last, as people say it: `exited with 3`.
    pub(crate) ended: Option<String>,
    /// How often the supervisor has started it again since it was told to.
    pub(crate) restarts: u64,
    /// Whether the supervisor has lost sight of it: it runs, and nobody would start it
    /// again or hear what it says.
    pub(crate) lost: bool,
}

impl Status {
    /// One that nothing is known of but its state.
    pub(crate) fn new(state: State) -> Self {
        Self { state, pid: None, since: None, ended: None, restarts: 0, lost: false }
    }
}

/// What a unit is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The supervisor has not heard of it.
    Unknown,
    /// It was told not to run.
    Stopped,
    /// On its way: waiting for others, or between two attempts.
    Starting,
    /// A process runs.
    Running,
    /// On its way down.
    Stopping,
    /// It ended by itself, and well.
    Done,
    /// It ended by itself, and badly.
    Failed,
}

impl State {
    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "not started",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether there is something to stop.
    pub(crate) fn is_up(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}
