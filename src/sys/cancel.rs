//! The wish to stop, from a signal to everybody who waits.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::Exit;

type Callback = Box<dyn Fn() + Send>;

/// Shared by everything that can be interrupted; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Cancel(Arc<State>);

#[derive(Default)]
struct State {
    /// The signal that asked to stop, 0 while nobody has.
    signal: AtomicI32,
    next: AtomicU64,
    callbacks: Mutex<BTreeMap<u64, Callback>>,
    /// What ends the commands that run for hero, at once.
    commands: Mutex<BTreeMap<u64, Callback>>,
}

/// Keeps a command registered until dropped.
#[must_use]
pub(crate) struct Registration(Cancel, u64);

/// Keeps a callback registered until dropped.
#[must_use]
pub(crate) struct Subscription(Cancel, u64);

impl Cancel {
    /// A token that SIGINT, SIGTERM and SIGHUP trigger. A second SIGINT ends
    /// the process at once, for a user who cannot wait.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub(crate) fn on_signals() -> io::Result<Self> {
        let cancel = Self::default();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let token = cancel.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                if token.is_cancelled() && signal == SIGINT {
                    // Most are in groups of their own: the terminal's signal
                    // does not reach them.
                    let commands = token.0.commands.lock().unwrap_or_else(PoisonError::into_inner);
                    commands.values().for_each(|kill| kill());
                    signal_hook::low_level::exit(Exit::Interrupted as i32);
                }
                token.cancel(signal);
            }
        })?;
        Ok(cancel)
    }

    /// Asks everybody to stop, because of `signal`.
    pub(crate) fn cancel(&self, signal: i32) {
        let first = self.0.signal.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
        if first.is_ok() {
            let callbacks = self.0.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
            callbacks.values().for_each(|callback| callback());
        }
    }

    /// Whether somebody asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.signal.load(Ordering::SeqCst) != 0
    }

    /// The exit code of a run that was interrupted, `None` if it was not.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match self.0.signal.load(Ordering::SeqCst) {
            0 => None,
            SIGINT => Some(Exit::Interrupted),
            _ => Some(Exit::Terminated),
        }
    }

    /// Remembers how to `kill` a command at once, for a user who cannot wait.
    pub(crate) fn register(&self, kill: impl Fn() + Send + 'static) -> Registration {
        let id = self.0.next.fetch_add(1, Ordering::SeqCst);
        let mut commands = self.0.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.insert(id, Box::new(kill));
        drop(commands);
        Registration(self.clone(), id)
    }

    /// Waits for `duration`, or shorter when cancelled; whether it was not.
    pub(crate) fn wait(&self, duration: Duration) -> bool {
        let (sender, receiver) = mpsc::channel();
        let _subscription = self.subscribe(move || {
            let _gone = sender.send(());
        });
        receiver.recv_timeout(duration).is_err()
    }

    /// Calls `callback` when (or at once, if already) cancelled. It must only
    /// wake somebody up.
    pub(crate) fn subscribe(&self, callback: impl Fn() + Send + 'static) -> Subscription {
        let id = self.0.next.fetch_add(1, Ordering::SeqCst);
        let mut callbacks = self.0.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_cancelled() {
            callback();
        }
        callbacks.insert(id, Box::new(callback));
        drop(callbacks);
        Subscription(self.clone(), id)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut callbacks = self.0.0.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
        callbacks.remove(&self.1);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut commands = self.0.0.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscribers_are_woken_and_late_ones_at_once() {
        let cancel = Cancel::default();
        let (sender, receiver) = mpsc::channel();
        let early = sender.clone();
        let _early = cancel.subscribe(move || early.send("early").unwrap());
        cancel.cancel(SIGINT);
        let _late = cancel.subscribe(move || sender.send("late").unwrap());
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), ["early", "late"]);
        assert_eq!(cancel.exit(), Some(Exit::Interrupted));
    }
}
