//! A client that asks all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::support::services::{ask, eventually};

/// Asks until it is dropped, one question after the other.
pub struct Client {
    answers: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<(Duration, u32)>>,
}

impl Client {
    /// Begins to ask.
    pub fn start(port: u16) -> Self {
        let (answers, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (Arc::clone(&answers), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (mut longest, mut failed) = (Duration::ZERO, 0);
            let mut last: Option<Instant> = None;
            while !end.load(Ordering::SeqCst) {
                if ask(port).is_some() {
                    let now = Instant::now();
                    longest = longest.max(last.map_or(Duration::ZERO, |last| now - last));
                    last = Some(now);
                    count.fetch_add(1, Ordering::SeqCst);
                } else {
                    failed += 1;
                }
                // The compiler wants the processors, too.
                std::thread::sleep(Duration::from_millis(1));
            }
            (longest, failed)
        });
        Self { answers, stop, thread: Some(thread) }
    }

    /// Waits for an answer from now on.
    pub fn wait_for_one(&self) {
        let before = self.answers.load(Ordering::SeqCst);
        eventually("an answer", || self.answers.load(Ordering::SeqCst) > before + 1);
    }

    /// The longest time between two answers, in seconds, and how many questions got none.
    pub fn end(mut self) -> (f64, f64) {
        self.stop.store(true, Ordering::SeqCst);
        let thread = self.thread.take().expect("it asks");
        let (longest, failed) = thread.join().expect("it ends");
        (longest.as_secs_f64(), f64::from(failed))
    }
}
