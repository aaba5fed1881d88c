//! One tool doing one operation in a world of its own.

use std::path::PathBuf;
use std::process::Output;

use super::check::Shown;
use super::strace::Program;

/// What is run, and how its install root is looked at.
pub trait Subject: Program + Sync {
    /// Its name.
    fn tool(&self) -> &'static str;
    /// Calls that change something below it are broken.
    fn root(&self) -> PathBuf;
    /// Keeps the install root as it is now under a name.
    fn keep(&self, name: &str);
    /// Makes the install root what was kept.
    fn restore(&self, name: &str);
    /// Runs the operation, unbroken.
    fn run(&self) -> Output;
    /// What the install root is.
    fn look(&self) -> Sight;
    /// Whether it says that there is nothing to do, which may be an error.
    fn says_done(&self, said: &str) -> bool;
    /// What lies about that should not.
    fn leftovers(&self) -> Vec<String>;
}

/// An install root: names of binaries and the SHA-256 of each.
pub struct Sight {
    /// What `bin/` shows.
    pub shown: Shown,
    /// What the tool says is installed; else why it cannot say.
    pub listed: Result<Shown, String>,
}

/// A subject, and what it shows before and after its operation.
pub struct Ready<S> {
    pub subject: S,
    pub old: Shown,
    pub new: Shown,
}

impl<S: Subject> Ready<S> {
    /// Keeps the start as `template`, and does the operation once to see where
    /// it leads.
    pub fn new(subject: S) -> Self {
        let shown = |subject: &S| {
            let sight = subject.look();
            assert_eq!(sight.listed.as_ref(), Ok(&sight.shown), "an unbroken root");
            sight.shown
        };
        subject.keep("template");
        let old = shown(&subject);
        let output = subject.run();
        assert!(output.status.success(), "{}", super::support::both(&output));
        let new = shown(&subject);
        assert_ne!(old, new);
        assert_eq!(subject.leftovers(), [] as [&str; 0]);
        subject.restore("template");
        Self { subject, old, new }
    }
}
