//! The memory of a process and of everything below it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked at: the linker, which takes most, works for longer.
const EVERY: Duration = Duration::from_millis(200);

/// Watches until told to end.
pub struct Peak {
    most: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Peak {
    pub fn watch(root: u32) -> Self {
        let (most, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, stop) = (Arc::clone(&most), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                seen.fetch_max(now(root), Ordering::SeqCst);
                std::thread::park_timeout(EVERY);
            }
        });
        Self { most, ended, thread }
    }

    /// Bytes at the worst moment; 0 where the system does not tell.
    pub fn end(self) -> u64 {
        self.ended.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
        self.thread.join().expect("it watched");
        self.most.load(Ordering::SeqCst)
    }
}

/// The sum of what each process has for itself and of its part of what several
/// have (`Pss`): the compiler's library is large and in memory once.
fn now(root: u32) -> u64 {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok) {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let text = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // After the name, which may hold anything: state and parent.
        let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
        if let Some(parent) = rest.split_whitespace().nth(1).and_then(|word| word.parse().ok()) {
            parents.insert(pid, parent);
        }
    }
    let below = |mut pid: u32| loop {
        if pid == root {
            return true;
        }
        match parents.get(&pid) {
            Some(parent) => pid = *parent,
            None => return false,
        }
    };
    parents.keys().filter(|pid| below(**pid)).map(|pid| pss(*pid)).sum()
}

fn pss(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    1024 * kilobytes.unwrap_or(0)
}
