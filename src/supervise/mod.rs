//! Starting what was installed, proving that it boots, stopping it.
//!
//! A [`Supervisor`] keeps processes running: zinit, systemd, or, where there is
//! none, a small one of hero's own (`direct`). Whichever it is, hero itself sees
//! to it that a start is proven ([`Boot::up`]): the process must be there, be ready,
//! own its port, run the file that is installed, and stay alive for a moment.
//!
//! ```text
//! run/<service>.json     what was started last, and with what it was proven
//! run/<unit>/            state of the direct supervisor
//! logs/services/<unit>.log  what a unit said, with older parts beside it
//! ```

mod boot;
mod direct;
mod doctor;
mod elevate;
mod error;
mod log;
mod notice;
mod order;
mod overview;
mod port;
mod probe;
mod record;
mod systemd;
mod unit;
mod zinit;

use std::path::PathBuf;

pub use boot::{Boot, Booted, Up};
pub use direct::{SUBCOMMAND, attend};
pub use doctor::examine;
pub use elevate::{Request, down, forget, up};
pub use error::Error;
pub use order::levels;
pub use overview::{Overview, UnitOverview, overview};
pub use port::require_free;
pub use record::{Proven, Record};
pub use unit::{Probe, Ready, Restart, State, Status, Unit};

use crate::sys::cancel::Cancel;
use crate::sys::dirs::Dirs;
use crate::sys::fs;
use crate::sys::name::Name;

/// Keeps processes running.
///
/// Every method that changes something returns when the change has been made:
/// after `start` there is a process (or there was one), after `stop` there is
/// none.
pub trait Supervisor: Send + Sync {
    /// Which it is.
    fn kind(&self) -> Kind;

    /// Whether it can be used here and now.
    ///
    /// # Errors
    /// What is missing.
    fn available(&self) -> Result<(), Error>;

    /// Makes it know a unit as described; whether that differs from what it knew.
    /// A running process goes on as it is.
    ///
    /// # Errors
    /// When the description cannot be kept, or asks for what it does not do.
    fn put(&self, unit: &Unit, cancel: &Cancel) -> Result<bool, Error>;

    /// Starts a unit that it knows. One that runs goes on.
    ///
    /// # Errors
    /// When it cannot be started.
    fn start(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;

    /// Stops a unit with all its processes. One that does not run is fine.
    ///
    /// # Errors
    /// When a process does not go away.
    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;

    /// Stops a unit that is started again at once: it stays meant to run.
    ///
    /// # Errors
    /// As of [`Supervisor::stop`].
    fn pause(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        self.stop(unit, cancel)
    }

    /// What it knows of a unit.
    ///
    /// # Errors
    /// When it does not answer.
    fn status(&self, unit: &Name, cancel: &Cancel) -> Result<Status, Error>;

    /// The last lines of what a unit said, as it said them.
    ///
    /// # Errors
    /// When they cannot be read.
    fn logs(&self, unit: &Name, lines: usize, cancel: &Cancel) -> Result<Vec<u8>, Error>;

    /// What a unit has said since its last start, of very much the end.
    ///
    /// # Errors
    /// When it cannot be read.
    fn said(&self, unit: &Name, cancel: &Cancel) -> Result<Vec<u8>, Error>;

    /// Hands over the last lines and then everything that a unit says, until
    /// cancelled.
    ///
    /// # Errors
    /// When they cannot be read.
    fn follow(
        &self,
        unit: &Name,
        lines: usize,
        sink: &mut dyn FnMut(&[u8]),
        cancel: &Cancel,
    ) -> Result<(), Error>;

    /// Stops a unit and forgets it. One that it does not know is fine.
    ///
    /// # Errors
    /// When it cannot be stopped or forgotten.
    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error>;

    /// The units that hero made it know.
    ///
    /// # Errors
    /// When it does not answer.
    fn list(&self, cancel: &Cancel) -> Result<Vec<Name>, Error>;
}

/// The supervisors that hero knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// zinit, by its socket.
    Zinit,
    /// systemd, by `systemctl`.
    Systemd,
    /// hero's own: nothing else is needed.
    Direct,
}

impl Kind {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Zinit, Self::Systemd, Self::Direct];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zinit => "zinit",
            Self::Systemd => "systemd",
            Self::Direct => "direct",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::str::FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| Error::NoSuchSupervisor(text.to_owned()))
    }
}

/// Where things of an install root are kept that concern running.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Places {
    /// Records and states.
    pub run: PathBuf,
    /// Logs.
    pub logs: PathBuf,
    /// Generations, of which processes run.
    pub store: PathBuf,
    /// Whether this is the system's root.
    pub system: bool,
    /// What goes before the system's folders.
    pub prefix: Option<PathBuf>,
    /// The user's home.
    pub home: PathBuf,
    /// Whether what is started ends with this process: for trying only.
    pub tied: bool,
}

impl Places {
    /// Those of the user's install root, or the system's.
    pub fn of(dirs: &Dirs, system: bool) -> Self {
        let root = dirs.root(system);
        let state = fs::parent(&root.store);
        let (run, logs) = if system {
            (state.join("run"), state.join("logs/services"))
        } else {
            // Beside the logs of builds, whatever the services are called.
            (dirs.run.clone(), dirs.logs.join("services"))
        };
        Self {
            run,
            logs,
            store: root.store.clone(),
            system,
            prefix: root.prefix(),
            home: dirs.home.clone(),
            tied: false,
        }
    }

    /// What a unit has said.
    pub fn log(&self, unit: &Name) -> PathBuf {
        self.logs.join(format!("{unit}.log"))
    }
}

/// A supervisor by kind. Asks nothing and starts nothing.
pub fn supervisor(kind: Kind, places: &Places) -> Box<dyn Supervisor> {
    match kind {
        Kind::Zinit => Box::new(zinit::Zinit::new(places)),
        Kind::Systemd => Box::new(systemd::Systemd::new(places)),
        Kind::Direct => Box::new(direct::Direct::new(places)),
    }
}

/// The first supervisor that is there.
pub fn first(places: &Places) -> Box<dyn Supervisor> {
    let all = Kind::ALL.into_iter().map(|kind| supervisor(kind, places));
    let found = all.into_iter().find(|supervisor| supervisor.available().is_ok());
    found.unwrap_or_else(|| supervisor(Kind::Direct, places))
}
