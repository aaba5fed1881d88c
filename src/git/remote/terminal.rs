//! The terminal, at which one git at a time may ask.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connection::Remote;
use crate::event::Event;
use crate::git::program::Prompt;

static ALONE: Mutex<()> = Mutex::new(());

/// The terminal is git's while this is there.
pub(in crate::git) struct Terminal<'a> {
    remote: &'a Remote<'a>,
    /// Whether git was ended while it may have asked something.
    pub(crate) unanswered: bool,
    _alone: MutexGuard<'static, ()>,
}

impl<'a> Terminal<'a> {
    /// Waits until the terminal is free, and leaves it to git. Returns `None` where
    /// git may not ask.
    pub(crate) fn take(remote: &'a Remote<'a>) -> Option<Self> {
        if remote.prompt == Prompt::Never {
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let terminal = Self { remote, unanswered: false, _alone: alone };
        terminal.tell(true);
        Some(terminal)
    }

    fn tell(&self, asks: bool) {
        let service = self.remote.service.to_owned();
        self.remote.reporter.report(Event::Asking { service, asks, unanswered: self.unanswered });
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        self.tell(false);
    }
}
