//! Looks for secrets among the arguments of running programs, which every
//! user of the machine can see.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::secrets::Secret;

/// A thread that looks through `/proc/*/cmdline` until it is stopped.
pub struct Sampler {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Option<String>>,
}

impl Sampler {
    /// Starts to look for the secrets; `None` where there are none.
    pub fn start(secrets: &[Secret]) -> Option<Self> {
        let texts: Vec<_> = secrets.iter().map(|secret| secret.text.clone()).collect();
        if texts.is_empty() {
            return None;
        }
        let done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut found = None;
            while found.is_none() && !stop.load(Ordering::Relaxed) {
                found = look(&texts);
                std::thread::park_timeout(Duration::from_millis(8));
            }
            found
        });
        Some(Self { done, thread })
    }

    /// Stops; the program that had a secret among its arguments, if any.
    pub fn stop(self) -> Option<String> {
        self.done.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().expect("the sampler does not panic")
    }
}

fn look(texts: &[String]) -> Option<String> {
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        if !entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line);
        if texts.iter().any(|text| line.contains(text)) {
            return line.split('\0').next().map(str::to_owned);
        }
    }
    None
}
