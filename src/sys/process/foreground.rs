//! Commands that may ask something at the terminal. They share hero's process group,
//! which has other members too, so their processes are signalled one by one.

use std::ffi::OsString;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

use crate::sys::processes::{self, Identity};

/// The variable by which the processes of a command are known, even those whose parent
/// has ended.
pub(super) const MARK: &str = "HERO_COMMAND";

/// A command in the foreground.
pub(super) struct Foreground {
    /// The value of [`MARK`] in its environment.
    pub(crate) mark: OsString,
    /// The terminal with its settings: a command that is killed at a password prompt
    /// would leave it without echo.
    terminal: Option<(File, Termios)>,
    /// Its processes that were found so far.
    found: Mutex<Vec<Identity>>,
}

impl Foreground {
    /// Reads the terminal's settings and chooses a mark that no other command has.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let tty = File::options().read(true).write(true).open("/dev/tty").ok();
        Self {
            mark: format!("{}.{number}", std::process::id()).into(),
            terminal: tty.and_then(|tty| tcgetattr(&tty).ok().map(|settings| (tty, settings))),
            found: Mutex::default(),
        }
    }

    /// Sends a signal to the command and to every process that it has started.
    pub(crate) fn signal(&self, leader: Pid, signal: Signal) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let _gone = kill_process(leader, signal);
        found.iter().for_each(|process| process.signal(signal));
        loop {
            // `sudo` passes no variables on: its processes are known by their parents only.
            let below = processes::descendants(leader.as_raw_nonzero().get().unsigned_abs());
            let marked = processes::with_variable(MARK, &self.mark);
            let mut new: Vec<_> = marked.into_iter().chain(below).collect();
            new.retain(|process| !found.contains(process));
            for process in &new {
                process.signal(signal);
            }
            found.extend(&new);
            // One that was about to end may have started another, which is seen now.
            if new.is_empty() || signal != Signal::KILL {
                break;
            }
        }
    }

    /// Restores the terminal's settings, if they are still this process's to change.
    pub(crate) fn restore(&self) {
        if let Some((tty, settings)) = &self.terminal
            && tcgetpgrp(tty).is_ok_and(|group| group == getpgrp())
        {
            let _gone = tcsetattr(tty, OptionalActions::Now, settings);
        }
    }
}
