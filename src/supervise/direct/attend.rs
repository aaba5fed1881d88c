//! The attendant: a hero that stays with one process.

use std::ffi::OsString;
use std::io::{BufRead, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use signal_hook::consts::SIGTERM;

use super::kept::{Files, Kept};
use crate::supervise::log::Log;
use crate::supervise::{Error, Restart, State, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::detached::Daemon;
use crate::sys::processes::{self, Identity};

/// The subcommand that makes a hero an attendant.
pub(crate) const SUBCOMMAND: &str = "attend";
/// What an attendant says when its process runs; anything else is why it does not.
pub(super) const STARTED: &[u8] = b"started\n";

/// The wait before the first restart; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A process that ran for this long is well: the count of its restarts for the
/// wait begins anew.
const WELL: Duration = Duration::from_secs(30);
/// Attempts in a row after which it is given up.
const ATTEMPTS: u32 = 10;
/// How long what is left of a session may take to end by itself.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// What an attendant is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// What to run.
    pub(super) unit: Unit,
    /// Where to write.
    pub(super) files: Files,
    /// Whether it ends when its standard input does.
    pub(super) tied: bool,
}

enum Wake {
    Ended(ExitStatus),
    Stop,
}

/// Reads an order from standard input and serves it until the process has ended or
/// SIGTERM comes. `answer` is called once, with what whoever ordered it should read;
/// standard output must be closed then.
///
/// # Errors
/// When there is no order, or the process cannot be started.
pub(crate) fn attend(cancel: &Cancel, answer: impl FnOnce(&[u8])) -> Result<(), String> {
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    let read = input.read_until(b'\n', &mut line);
    drop(input);
    let order: Order = match read {
        Ok(_) => {
            serde_json::from_slice(&line).map_err(|error| format!("this is no order: {error}"))?
        }
        Err(error) => return Err(format!("cannot read the order: {error}")),
    };
    // Away from the terminal: its Ctrl-C is not ours.
    let session =
        rustix::process::setsid().map_err(|error| format!("cannot leave the session: {error}"))?;
    let own = Identity::read(session.as_raw_nonzero().get().unsigned_abs())
        .ok_or("the system does not show this process")?;
    let (sender, receiver) = mpsc::channel();
    let stop = sender.clone();
    let _subscription = cancel.subscribe(move || drop(stop.send(Wake::Stop)));
    if order.tied {
        let token = cancel.clone();
        std::thread::spawn(move || {
            let _end =
                std::io::copy(&mut std::io::stdin().lock().take(u64::MAX), &mut std::io::sink());
            token.cancel(SIGTERM);
        });
    }
    let log = Log::open(&order.files.log);
    let kept = Kept::new(own, log.position());
    let attendant = Attendant { order, log: Arc::new(Mutex::new(log)), kept, sender, receiver };
    attendant.serve(answer)
}

struct Attendant {
    order: Order,
    log: Arc<Mutex<Log>>,
    kept: Kept,
    sender: Sender<Wake>,
    receiver: Receiver<Wake>,
}

impl Attendant {
    fn serve(mut self, answer: impl FnOnce(&[u8])) -> Result<(), String> {
        // Before there is a process: after a kill it must be found.
        self.note().map_err(|error| error.to_string())?;
        let mut started = match self.start() {
            Ok(()) => Instant::now(),
            Err(error) => {
                self.kept.state = State::Failed;
                self.kept.ended = Some(error.to_string());
                let _told = self.note();
                return Err(error.to_string());
            }
        };
        answer(STARTED);
        let mut attempts = 0;
        loop {
            match self.receiver.recv() {
                Ok(Wake::Stop) | Err(_) => {
                    self.stop();
                    break;
                }
                Ok(Wake::Ended(status)) => {
                    self.clear();
                    attempts = if started.elapsed() > WELL { 0 } else { attempts };
                    self.kept.ended = Some(how(status));
                    if !self.wants_another(status) || attempts == ATTEMPTS {
                        let well = status.success();
                        self.leave(if well { State::Done } else { State::Failed });
                        break;
                    }
                    if !self.again(attempts) {
                        self.leave(State::Stopped);
                        break;
                    }
                    attempts += 1;
                    started = Instant::now();
                }
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), Error> {
        let unit = &self.order.unit;
        let hidden = std::env::vars_os().map(|(name, _)| name);
        // hero's own, tokens among them, are none of the service's business.
        let hidden = hidden.filter(|name| name.to_string_lossy().starts_with("HERO_")).collect();
        let own = |(name, value): (&String, &String)| (OsString::from(name), OsString::from(value));
        let daemon = Daemon {
            program: &unit.program,
            args: &unit.args,
            cwd: &unit.cwd,
            env: unit.env.iter().map(own).collect(),
            hidden,
        };
        let (sender, log) = (self.sender.clone(), Arc::clone(&self.log));
        let pid = daemon.start(
            move |status| drop(sender.send(Wake::Ended(status))),
            move |bytes| log.lock().unwrap_or_else(PoisonError::into_inner).write(bytes),
        )?;
        self.kept.process = Identity::read(pid);
        self.kept.since = Some(Timestamp::now());
        self.kept.state = State::Running;
        self.note()
    }

    fn wants_another(&self, status: ExitStatus) -> bool {
        match self.order.unit.restart {
            _ if self.order.unit.one_shot => false,
            Restart::Always => true,
            Restart::OnFailure => !status.success(),
            Restart::Never => false,
        }
    }

    /// Waits and starts it again; false if it was told to stop meanwhile.
    fn again(&mut self, attempts: u32) -> bool {
        self.kept.state = State::Starting;
        self.kept.process = None;
        self.kept.restarts += 1;
        let _told = self.note();
        let wait = FIRST_WAIT.saturating_mul(1 << attempts.min(16)).min(LONGEST_WAIT);
        match self.receiver.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return false,
        }
        if let Err(error) = self.start() {
            self.kept.ended = Some(error.to_string());
            let failed = ExitStatus::from_raw(127 << 8);
            let _told = self.sender.send(Wake::Ended(failed));
        }
        true
    }

    /// Ends the process: SIGTERM, some time, SIGKILL.
    fn stop(&mut self) {
        self.kept.state = State::Stopping;
        let _told = self.note();
        if let Some(process) = self.kept.process {
            processes::signal_group(process.pid, Signal::TERM);
            let ended = self.receiver.recv_timeout(self.order.unit.stop_timeout);
            if let Ok(Wake::Ended(status)) = ended {
                self.kept.ended = Some(how(status));
            } else {
                processes::signal_group(process.pid, Signal::KILL);
                self.kept.ended = Some("it ignored SIGTERM and was killed".into());
                let _ended = self.receiver.recv_timeout(LEFTOVERS);
            }
        }
        self.clear();
        self.leave(State::Stopped);
    }

    /// Ends what the process has left behind: it would keep its port.
    fn clear(&self) {
        let own = self.kept.attendant.pid;
        if processes::signal_session(own, Signal::TERM) == 0 {
            return;
        }
        let alone = || processes::signal_session(own, Signal::TERM) == 0;
        if !processes::wait_until(LEFTOVERS, &Cancel::default(), alone) {
            processes::signal_session(own, Signal::KILL);
        }
    }

    fn leave(&mut self, state: State) {
        self.kept.state = state;
        self.kept.process = None;
        self.kept.since = None;
        let _told = self.note();
    }

    fn note(&self) -> Result<(), Error> {
        self.kept.write(&self.order.files.state)
    }
}

/// How a process ended, for people.
fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".into(),
    }
}
