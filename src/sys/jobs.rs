//! How much is done at once: a jobserver, as `make` has one, for everything
//! that compiles; the same count of slots for other work.

use std::io;
use std::sync::mpsc;

use jobserver::{Acquired, Client};

use super::cancel::Cancel;

/// A number of slots that threads and processes share.
#[derive(Debug, Clone)]
pub(crate) struct Jobs(Client);

/// One slot, held until dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Slot {
    _token: Acquired,
}

impl Jobs {
    /// So many slots, at least one.
    ///
    /// # Errors
    /// When the system gives no pipe.
    pub(crate) fn new(slots: usize) -> io::Result<Self> {
        Client::new(slots.max(1)).map(Self)
    }

    /// Waits for a slot; `None` if cancelled meanwhile.
    ///
    /// # Errors
    /// When the pipe cannot be read.
    pub(crate) fn slot(&self, cancel: &Cancel) -> io::Result<Option<Slot>> {
        if let Some(token) = self.0.try_acquire().ok().flatten() {
            return Ok(Some(Slot { _token: token }));
        }
        // The wait itself cannot be interrupted; a slot that comes too late goes
        // back by itself.
        let (sender, receiver) = mpsc::channel();
        let interrupt = sender.clone();
        let _subscription = cancel.subscribe(move || drop(interrupt.send(None)));
        let client = self.0.clone();
        std::thread::spawn(move || drop(sender.send(Some(client.acquire()))));
        match receiver.recv() {
            Ok(Some(token)) => Ok(Some(Slot { _token: token? })),
            Ok(None) | Err(_) => Ok(None),
        }
    }

    /// What a child that can share the slots is told; it holds one already.
    pub(crate) fn client(&self) -> &Client {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_at_once_than_there_are_slots() {
        let jobs = Jobs::new(2).unwrap();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let slot = jobs.slot(&Cancel::default()).unwrap().unwrap();
                    most.fetch_max(1 + now.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                    drop(slot);
                });
            }
        });
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }

    #[test]
    fn a_wait_ends_with_the_wish_to_stop() {
        let jobs = Jobs::new(1).unwrap();
        let held = jobs.slot(&Cancel::default()).unwrap().unwrap();
        let cancel = Cancel::default();
        cancel.cancel(signal_hook::consts::SIGINT);
        assert!(jobs.slot(&cancel).unwrap().is_none());
        drop(held);
        assert!(jobs.slot(&Cancel::default()).unwrap().is_some());
    }
}
