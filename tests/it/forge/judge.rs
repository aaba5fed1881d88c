//! What must hold beyond success and failure.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::run::Said;

/// A condition that is looked at after git, and after hero, has run.
pub enum Check {
    /// Since the program started, the file has got a line with the text.
    Written(PathBuf, String),
    /// Since the program started, the file has got no line with the text.
    NotWritten(PathBuf, String),
    /// The file of the checkout has exactly this content.
    Content(&'static str, String),
    /// hero has printed this.
    Printed(&'static str),
    /// The process whose id is in the file is gone.
    Gone(PathBuf),
    /// `git status` in the checkout has nothing to say.
    Clean,
}

/// A check with the length that its file had before hero ran.
pub struct Pending<'a> {
    check: &'a Check,
    before: usize,
}

/// Notes the state before a program runs.
pub fn prepare(checks: &[Check]) -> Vec<Pending<'_>> {
    let before = |check: &Check| match check {
        Check::Written(path, _) | Check::NotWritten(path, _) => read(path).len(),
        _ => 0,
    };
    checks.iter().map(|check| Pending { check, before: before(check) }).collect()
}

impl Pending<'_> {
    /// Returns what is wrong. Without what hero said, it is git that has run.
    pub fn wrong(&self, said: Option<&Said>, checkout: &Path) -> Option<String> {
        match self.check {
            Check::Written(path, text) => {
                let new = self.new_text(path);
                (!new.contains(text)).then(|| format!("`{text}` is missing in {}", name(path)))
            }
            Check::NotWritten(path, text) => {
                let new = self.new_text(path);
                new.contains(text).then(|| format!("`{text}` is in {}", name(path)))
            }
            Check::Content(path, text) => {
                let found = read(&checkout.join(path));
                (found != *text).then(|| format!("{path} is {:?}", shorten(&found)))
            }
            Check::Printed(text) => {
                let missing = said.is_some_and(|said| !said.text.contains(text));
                missing.then(|| format!("`{text}` was not printed"))
            }
            Check::Gone(path) => {
                let id = read(path).trim().to_owned();
                alive(&id).then(|| "a process of the case is still alive".to_owned())
            }
            Check::Clean => {
                let status = super::control::status(checkout);
                (!status.is_empty()).then(|| format!("the checkout has {status:?}"))
            }
        }
    }

    fn new_text(&self, path: &Path) -> String {
        read(path).get(self.before..).unwrap_or_default().to_owned()
    }
}

/// Whether a process is still there after a moment; one that has ended and
/// waits to be counted out is not.
fn alive(id: &str) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(2) {
        let state = read(&Path::new("/proc").join(id).join("stat"));
        let state = state.rsplit(") ").next().unwrap_or_default();
        if id.is_empty() || state.is_empty() || state.starts_with('Z') {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    true
}

fn read(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}
