//! How long a command may run, and how it is ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::cmd::Cmd;
use super::error::Error;
use super::foreground::Foreground;
use crate::sys::processes;

/// How long a group may take to end after SIGTERM before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// How long the pipes of a command that has ended may stay open.
const DRAIN: Duration = Duration::from_millis(500);

/// Silence is reported this often.
const NOTICE: Duration = Duration::from_secs(10);

/// When a silent command is looked at first, to be compared later.
fn first_look(limit: Duration) -> Duration {
    (limit / 2).min(NOTICE / 2)
}

/// Where the wait for a command stands.
pub(super) struct Wait {
    group: Pid,
    /// Where it has no group of its own.
    foreground: Option<Arc<Foreground>>,
    /// When the command must have ended.
    limit: Option<Instant>,
    /// When it printed something last.
    heard: Instant,
    /// How much its processes had read and written when that was looked at last.
    traffic: Option<u64>,
    /// How often its silence was reported since then.
    notices: u32,
    /// When the next step of ending it is due.
    due: Option<Instant>,
    /// Why it is being ended.
    stop: Option<Error>,
    /// When its leader was seen to have ended.
    ended: Option<Instant>,
    pub(crate) open_pipes: usize,
}

impl Wait {
    pub(crate) fn new(
        group: Pid,
        foreground: Option<Arc<Foreground>>,
        started: Instant,
        cmd: &Cmd,
    ) -> Self {
        let limit = cmd.timeout.and_then(|limit| started.checked_add(limit));
        Self {
            group,
            foreground,
            limit,
            heard: Instant::now(),
            traffic: None,
            notices: 0,
            due: None,
            stop: None,
            ended: None,
            open_pipes: 2,
        }
    }

    /// Why the command was ended before it ended by itself.
    pub(crate) fn stopped(self) -> Option<Error> {
        self.stop
    }

    /// When to look again at the latest.
    pub(crate) fn deadline(&self, cmd: &Cmd) -> Option<Instant> {
        if self.ended.is_some() || self.stop.is_some() {
            return self.due;
        }
        let silent = cmd.silence.and_then(|limit| self.heard.checked_add(limit));
        let notice = cmd.silence.and_then(|_| self.heard.checked_add(NOTICE * (self.notices + 1)));
        let look = cmd.silence.filter(|_| self.traffic.is_none());
        let look = look.and_then(|limit| self.heard.checked_add(first_look(limit)));
        [self.limit, silent, notice, look].into_iter().flatten().min()
    }

    /// Whether there is more to wait for; sends the signals that are due and
    /// reports silence to `quiet`.
    pub(crate) fn goes_on(
        &mut self,
        cmd: &Cmd,
        gone: bool,
        cancelled: bool,
        quiet: &mut dyn FnMut(Duration),
    ) -> bool {
        let now = Instant::now();
        if gone && self.ended.is_none() {
            self.ended = Some(now);
            // The pipes end when the last writer has gone. A process that left
            // the group may keep them open for ever, so that has a limit.
            self.due = Some(now + DRAIN);
            if self.stop.is_some() {
                // The rest of the group ignored SIGTERM.
                self.signal(Signal::KILL);
            }
        }
        if cancelled && self.stop.is_none() {
            self.end(Error::Interrupted(cmd.display()), now);
        }
        let due = self.due.is_some_and(|due| now >= due);
        match self.ended {
            Some(_) => self.open_pipes > 0 && !due,
            None if self.stop.is_some() && due => {
                self.signal(Signal::KILL);
                self.due = None;
                true
            }
            None if self.stop.is_some() => true,
            None => {
                self.check(cmd, now, quiet);
                true
            }
        }
    }

    /// Ends a command that took too long or was silent for too long.
    fn check(&mut self, cmd: &Cmd, now: Instant, quiet: &mut dyn FnMut(Duration)) {
        let silent = now.saturating_duration_since(self.heard);
        if self.limit.is_some_and(|limit| now >= limit) {
            let limit = cmd.timeout.unwrap_or_default();
            self.end(Error::Timeout { command: cmd.display(), limit }, now);
        } else if let Some(limit) = cmd.silence {
            if self.traffic.is_none() && silent >= first_look(limit) {
                self.works();
            }
            let due = silent >= limit || silent >= NOTICE * (self.notices + 1);
            if due && self.works() {
                self.heard = now;
                self.notices = 0;
            } else if silent >= limit {
                self.end(Error::Silent { command: cmd.display(), limit }, now);
            } else if silent >= NOTICE * (self.notices + 1) {
                self.notices += 1;
                quiet(NOTICE * self.notices);
            }
        }
    }

    /// Whether its processes have read or written something since the last look: a
    /// transfer may go on for long without a word. The first look only remembers.
    fn works(&mut self) -> bool {
        let before = self.traffic;
        self.traffic = processes::traffic(self.group.as_raw_nonzero().get().unsigned_abs());
        match (before, self.traffic) {
            (Some(before), Some(now)) => now > before,
            _ => false,
        }
    }

    fn end(&mut self, why: Error, now: Instant) {
        self.stop = Some(why);
        let ended = self.ended.is_some();
        self.signal(if ended { Signal::KILL } else { Signal::TERM });
        self.due = Some(now + if ended { DRAIN } else { GRACE });
    }

    /// Sends a signal to all processes of the command; one that is gone needs none.
    fn signal(&self, signal: Signal) {
        match &self.foreground {
            Some(foreground) => foreground.signal(self.group, signal),
            None => _ = kill_process_group(self.group, signal),
        }
    }

    /// Output came. The rest of the pipes is read to its end, within reason.
    pub(crate) fn heard(&mut self) {
        self.heard = Instant::now();
        self.traffic = None;
        self.notices = 0;
        if let Some(ended) = self.ended {
            self.due = Some((self.heard + DRAIN).min(ended + GRACE));
        }
    }
}
