//! Looks for secrets among the arguments of running programs, which every
//! user of the machine can see.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::DirEntry;
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
        // The control's own programs may be about to end.
        let before: HashSet<OsString> = processes().map(|entry| entry.file_name()).collect();
        let done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut found = None;
            while found.is_none() && !stop.load(Ordering::Relaxed) {
                found = look(&texts, &before);
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

fn processes() -> impl Iterator<Item = DirEntry> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter(|it| it.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit))
}

fn look(texts: &[String], before: &HashSet<OsString>) -> Option<String> {
    for entry in processes().filter(|entry| !before.contains(&entry.file_name())) {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line);
        if texts.iter().any(|text| line.contains(text)) {
            return line.split('\0').next().map(str::to_owned);
        }
    }
    None
}

#[test]
fn a_secret_among_the_arguments_of_a_program_is_seen() {
    use std::process::{Command, Stdio};
    let text = format!("arguments-{}", std::process::id());
    let secrets = [Secret { text: text.clone(), origin: String::new() }];
    let sampler = Sampler::start(&secrets).expect("there is a secret");
    let mut command = Command::new("sh");
    let mut child = command.args(["-c", "read -r line", &text]).stdin(Stdio::piped()).spawn();
    let child = child.as_mut().expect("sh starts");
    let begin = std::time::Instant::now();
    while !sampler.thread.is_finished() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it was not seen");
        std::thread::yield_now();
    }
    drop(child.stdin.take());
    child.wait().expect("it ends");
    assert_eq!(sampler.stop().as_deref(), Some("sh"));
}
