//! The machine that services run on: its supervisors, processes, ports and clocks. Tests have
//! one of their own.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Kind, Places, Supervisor, supervisor};
use crate::sys::cancel::Cancel;
use crate::sys::process::{self, Cmd, Output};
use crate::sys::processes::{self, Identity};

/// How long a connection or an HTTP request may take.
const LIMIT: Duration = Duration::from_secs(2);

/// What starting and verifying ask of the machine.
pub(crate) trait Machine: Send + Sync {
    /// Returns a supervisor by kind. Asks nothing and starts nothing.
    fn supervisor(&self, kind: Kind, places: &Places) -> Box<dyn Supervisor>;

    /// Returns the first supervisor that is available.
    fn first(&self, places: &Places) -> Box<dyn Supervisor> {
        let all = Kind::ALL.into_iter().map(|kind| self.supervisor(kind, places));
        let found = all.into_iter().find(|supervisor| supervisor.available().is_ok());
        found.unwrap_or_else(|| self.supervisor(Kind::Direct, places))
    }

    /// Returns the time of a clock that nobody sets.
    fn now(&self) -> Instant;

    /// Returns the time of day.
    fn time(&self) -> Timestamp;

    /// Waits up to `duration`. Returns `false` if cancelled.
    fn wait(&self, duration: Duration, cancel: &Cancel) -> bool;

    /// Whether there is a process with this number that has not ended.
    fn is_alive(&self, pid: u32) -> bool;

    /// Whether a process runs exactly this file. Returns `None` if the system does not tell.
    fn runs(&self, pid: u32, program: &Path) -> Option<bool>;

    /// Returns the file that a process runs, as the system names it.
    fn program_of(&self, pid: u32) -> Option<PathBuf>;

    /// Returns the name and number of a process, for people.
    fn describe(&self, pid: u32) -> String;

    /// Returns a process with its descendants and the members of its session.
    fn family(&self, pid: u32) -> BTreeSet<u32>;

    /// Whether a TCP port can be listened on.
    fn is_free(&self, port: u16) -> bool;

    /// Returns the processes that listen on a TCP port, as far as this user may see them.
    fn listeners(&self, port: u16) -> BTreeSet<u32>;

    /// Whether a TCP port of this machine accepts a connection.
    fn accepts(&self, port: u16) -> bool;

    /// Returns the status of an HTTP GET. Redirects are not followed.
    ///
    /// # Errors
    /// The reason why there is no answer.
    fn http(&self, url: &str) -> Result<u16, String>;

    /// Runs a command to its end.
    ///
    /// # Errors
    /// As of [`Cmd::output`].
    fn output(&self, cmd: &Cmd, cancel: &Cancel) -> Result<Output, process::Error>;
}

/// The machine that hero runs on.
pub(crate) struct Local;

impl Machine for Local {
    fn supervisor(&self, kind: Kind, places: &Places) -> Box<dyn Supervisor> {
        supervisor(kind, places)
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn time(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wait(&self, duration: Duration, cancel: &Cancel) -> bool {
        cancel.wait(duration)
    }

    fn is_alive(&self, pid: u32) -> bool {
        Identity::read(pid).is_some()
    }

    fn runs(&self, pid: u32, program: &Path) -> Option<bool> {
        processes::runs(pid, program)
    }

    fn program_of(&self, pid: u32) -> Option<PathBuf> {
        processes::program_of(pid)
    }

    fn describe(&self, pid: u32) -> String {
        processes::describe(pid)
    }

    fn family(&self, pid: u32) -> BTreeSet<u32> {
        processes::family(pid)
    }

    fn is_free(&self, port: u16) -> bool {
        processes::is_free(port)
    }

    fn listeners(&self, port: u16) -> BTreeSet<u32> {
        processes::listeners(port)
    }

    fn accepts(&self, port: u16) -> bool {
        let hosts: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let connects = |ip| TcpStream::connect_timeout(&SocketAddr::new(ip, port), LIMIT).is_ok();
        hosts.into_iter().any(connects)
    }

    fn http(&self, url: &str) -> Result<u16, String> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(LIMIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // It is this machine that is asked.
            .proxy(None)
            .build();
        let answer = ureq::Agent::new_with_config(config).get(url).call();
        answer.map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
    }

    fn output(&self, cmd: &Cmd, cancel: &Cancel) -> Result<Output, process::Error> {
        cmd.output(cancel)
    }
}
