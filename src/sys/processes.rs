//! Processes that hero did not start itself, or started long ago: whether they
//! are there, which program they run, who listens on a port.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};
use sysinfo::{Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use super::cancel::Cancel;
use super::fs;

/// How often a process that is no child of ours is looked at while its end is
/// awaited: the system tells parents only.
const LOOK: Duration = Duration::from_millis(5);

/// A process that cannot be taken for a later one of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Its number.
    pub(crate) pid: u32,
    /// When it started, in seconds since 1970.
    pub(crate) started: u64,
}

impl Identity {
    /// The process that has this number now; `None` if none has, or it has ended
    /// and nobody has taken note.
    pub(crate) fn read(pid: u32) -> Option<Self> {
        let started = one(pid, |process| is_alive(process).then(|| process.start_time()))?;
        Some(Self { pid, started })
    }

    /// Whether it is there still.
    pub(crate) fn is_alive(&self) -> bool {
        // The system computes the time from its clock, which may be set.
        Self::read(self.pid).is_some_and(|now| now.started.abs_diff(self.started) <= 2)
    }

    /// Waits until it has ended; whether it did, within `limit`.
    pub(crate) fn wait(&self, limit: Duration, cancel: &Cancel) -> bool {
        wait_until(limit, cancel, || !self.is_alive())
    }

    /// Sends it a signal, if it is there still.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = raw(self.pid).filter(|_| self.is_alive()) {
            let _gone = kill_process(pid, signal);
        }
    }
}

/// Looks every few milliseconds; whether it was so within `limit`.
pub(crate) fn wait_until(limit: Duration, cancel: &Cancel, mut so: impl FnMut() -> bool) -> bool {
    let started = std::time::Instant::now();
    loop {
        if so() {
            return true;
        }
        if started.elapsed() >= limit || !cancel.wait(LOOK) {
            return so();
        }
    }
}

/// Sends a signal to a whole process group.
pub(crate) fn signal_group(group: u32, signal: Signal) {
    if let Some(group) = raw(group) {
        let _gone = kill_process_group(group, signal);
    }
}

/// Sends a signal to every process of a session but its leader; how many there are.
pub(crate) fn signal_session(leader: u32, signal: Signal) -> usize {
    let Some(system) = look(ProcessesToUpdate::All) else { return 0 };
    let leader_pid = sysinfo::Pid::from_u32(leader);
    let members = system.processes().values().filter(|process| {
        is_alive(process)
            && process.thread_kind().is_none()
            && process.pid() != leader_pid
            && process.session_id() == Some(leader_pid)
    });
    let members: Vec<u32> = members.map(|process| process.pid().as_u32()).collect();
    for pid in members.iter().filter_map(|pid| raw(*pid)) {
        let _gone = kill_process(pid, signal);
    }
    members.len()
}

fn raw(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// What the system tells; `None` where it tells nothing.
fn look(which: ProcessesToUpdate) -> Option<System> {
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always).without_tasks();
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(which, true, kind);
    Some(system)
}

/// Calls `tell` with one process, if it is there.
fn one<T>(pid: u32, tell: impl FnOnce(&Process) -> Option<T>) -> Option<T> {
    let id = sysinfo::Pid::from_u32(pid);
    let system = look(ProcessesToUpdate::Some(&[id]))?;
    tell(system.process(id)?)
}

fn is_alive(process: &Process) -> bool {
    !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
}

/// A process with everything that descends from it, and its session if it leads one.
pub(crate) fn family(pid: u32) -> BTreeSet<u32> {
    let first = sysinfo::Pid::from_u32(pid);
    let mut members = BTreeSet::from([pid]);
    let Some(system) = look(ProcessesToUpdate::All) else { return members };
    loop {
        let before = members.len();
        for process in system.processes().values() {
            let from = process.parent().is_some_and(|parent| members.contains(&parent.as_u32()));
            if from || process.session_id() == Some(first) {
                members.insert(process.pid().as_u32());
            }
        }
        if members.len() == before {
            return members;
        }
    }
}

/// Whether a process runs exactly this file, not one that was there before.
/// `None` when the system does not tell.
pub(crate) fn runs(pid: u32, program: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let wanted = fs::metadata(program).ok()?;
    // Through this link the system leads to the very file, even one that is gone.
    let link = PathBuf::from(format!("/proc/{pid}/exe"));
    if let Ok(found) = fs::metadata(&link) {
        return Some((found.dev(), found.ino()) == (wanted.dev(), wanted.ino()));
    }
    let found = program_of(pid)?;
    Some(found == fs::canonicalize(program).ok()?)
}

/// The file that a process runs, as the system names it.
pub(crate) fn program_of(pid: u32) -> Option<PathBuf> {
    one(pid, |process| process.exe().map(Path::to_owned))
}

/// The living processes that were started with this variable in their environment,
/// as far as the system tells. The value is compared byte for byte.
pub(crate) fn with_variable(name: &str, value: &OsStr) -> Vec<Identity> {
    let mut wanted = OsString::from(format!("{name}="));
    wanted.push(value);
    let kind = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always).without_tasks();
    select(kind, |process| process.environ().contains(&wanted))
}

/// The living processes of a program that work in a folder: their working directory
/// is in it, or they have `file` open.
pub(crate) fn at_work(program: &str, folder: &Path, file: &Path) -> Vec<Identity> {
    let kind = ProcessRefreshKind::nothing().with_cwd(UpdateKind::Always).without_tasks();
    select(kind, |process| {
        // Its helpers are named after it: `git-remote-https`.
        let name = process.name().to_string_lossy();
        let is_it =
            name.strip_prefix(program).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        is_it
            && (process.cwd().is_some_and(|cwd| cwd.starts_with(folder)) || has_open(process, file))
    })
}

fn has_open(process: &Process, file: &Path) -> bool {
    let folder = PathBuf::from(format!("/proc/{}/fd", process.pid()));
    let files = fs::list(&folder).unwrap_or_default();
    files.iter().any(|link| fs::read_link(link).is_some_and(|target| target == file))
}

fn select(kind: ProcessRefreshKind, wanted: impl Fn(&Process) -> bool) -> Vec<Identity> {
    let Ok(mut system) = System::new() else { return Vec::new() };
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let own = std::process::id();
    let found = system
        .processes()
        .values()
        .filter(|process| is_alive(process) && process.pid().as_u32() != own && wanted(process));
    found.map(|it| Identity { pid: it.pid().as_u32(), started: it.start_time() }).collect()
}

/// The command line of a process; empty when the system does not tell.
pub(crate) fn arguments(pid: u32) -> Vec<OsString> {
    let kind = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always).without_tasks();
    let Ok(mut system) = System::new() else { return Vec::new() };
    let pid = sysinfo::Pid::from_u32(pid);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid).map(|process| process.cmd().to_vec()).unwrap_or_default()
}

/// The processes that a process has started, and those that they have started.
pub(crate) fn descendants(ancestor: u32) -> Vec<Identity> {
    let kind = ProcessRefreshKind::nothing().without_tasks();
    let Ok(mut system) = System::new() else { return Vec::new() };
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let mut found = vec![sysinfo::Pid::from_u32(ancestor)];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = system.processes().values().filter(|it| it.parent() == Some(parent));
        found.extend(children.map(Process::pid));
        next += 1;
    }
    let below = found.iter().skip(1).filter_map(|pid| system.process(*pid));
    below.map(|it| Identity { pid: it.pid().as_u32(), started: it.start_time() }).collect()
}

/// How many bytes the processes of a session have read and written so far, from
/// connections too; `None` where the system does not tell.
pub(crate) fn traffic(session: u32) -> Option<u64> {
    let kind = ProcessRefreshKind::nothing().without_tasks();
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let leader = sysinfo::Pid::from_u32(session);
    let members = system.processes().values().filter(|it| it.session_id() == Some(leader));
    let counts = members.filter_map(|process| {
        let path = PathBuf::from(format!("/proc/{}/io", process.pid()));
        let text = fs::read_to_string(&path).ok()?;
        let value = |key: &str| {
            text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse::<u64>().ok())
        };
        Some(value("rchar:")? + value("wchar:")?)
    });
    counts.reduce(|all, one| all + one)
}

/// The living processes that have a file open, as far as the system tells.
pub(crate) fn holders(file: &Path) -> Vec<Identity> {
    let kind = ProcessRefreshKind::nothing().without_tasks();
    select(kind, |process| has_open(process, file))
}

/// The name of a process's program; `None` when it is gone.
pub(crate) fn name(pid: u32) -> Option<String> {
    one(pid, |process| Some(process.name().to_string_lossy().into_owned()))
}

/// What names this run of the machine, where the system has such a name.
pub(crate) fn boot() -> Option<String> {
    let text = fs::read_to_string(Path::new("/proc/sys/kernel/random/boot_id")).ok()?;
    Some(text.trim().to_owned())
}

/// A process for people: its name and number.
pub(crate) fn describe(pid: u32) -> String {
    let name = one(pid, |process| Some(process.name().to_string_lossy().into_owned()));
    name.map_or_else(|| format!("process {pid}"), |name| format!("`{name}` (process {pid})"))
}

/// Who listens on a TCP port; the numbers of those that may be looked at.
pub(crate) fn listeners(port: u16) -> BTreeSet<u32> {
    let all = listeners::get_all().unwrap_or_default();
    let ours = all.into_iter().filter(|listener| {
        listener.socket.port() == port
            && listener.protocol == listeners::Protocol::TCP
            && listener.state == listeners::SocketState::Listen
    });
    ours.map(|listener| listener.process.pid).collect()
}

/// Whether a TCP port of this machine can be listened on now.
pub(crate) fn is_free(port: u16) -> bool {
    let all = |address: SocketAddr| match TcpListener::bind(address) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::AddrInUse,
    };
    all((Ipv4Addr::UNSPECIFIED, port).into()) && all((Ipv6Addr::UNSPECIFIED, port).into())
}

/// A TCP port that nobody listens on now.
///
/// # Errors
/// When the system gives none.
pub(crate) fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_a_later_one_of_its_number_is_another() {
        let own = Identity::read(std::process::id()).unwrap();
        assert!(own.is_alive());
        assert!(!Identity { started: own.started - 100, ..own }.is_alive());
        assert_eq!(runs(own.pid, &std::env::current_exe().unwrap()), Some(true));
        assert_eq!(runs(own.pid, Path::new("/bin/sh")), Some(false));
    }

    #[test]
    fn a_taken_port_names_its_listener() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        assert_eq!(listeners(port), BTreeSet::from([std::process::id()]));
        assert!(family(std::process::id()).contains(&std::process::id()));
        drop(listener);
        assert!(is_free(port));
        assert!(listeners(port).is_empty());
    }
}
