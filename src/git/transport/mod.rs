//! Talking to remotes: libgit2 for the network, the git command line where it
//! is better (local repositories, ssh with settings of its own), the same two
//! questions for both, with retries around them.

mod base64;
mod cli;
mod login;
mod native;
mod refs;
mod retry;
mod ssh;

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Backend;
use super::credentials::{Credentials, Login};
use super::error::Error;
use super::url::{RemoteUrl, Scheme};
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::process;

pub(super) use refs::{RemoteRef, RemoteRefs};

/// One remote and everything needed to talk to it.
pub(super) struct Link<'a> {
    pub service: &'a str,
    pub url: &'a RemoteUrl,
    pub credentials: &'a Credentials,
    pub reporter: &'a dyn Reporter,
    pub cancel: &'a Cancel,
    login: Option<Login>,
    asked: Backend,
    chosen: Cell<Backend>,
    last: Cell<Option<Instant>>,
}

impl<'a> Link<'a> {
    pub fn new(
        service: &'a str,
        url: &'a RemoteUrl,
        credentials: &'a Credentials,
        backend: Backend,
        reporter: &'a dyn Reporter,
        cancel: &'a Cancel,
    ) -> Self {
        let login = credentials.login(url);
        let chosen = Cell::new(choose(backend, url));
        let last = Cell::new(None);
        Self { service, url, credentials, reporter, cancel, login, asked: backend, chosen, last }
    }

    /// The same, to another remote: for submodules.
    pub fn to(&self, url: &'a RemoteUrl) -> Self {
        Self::new(self.service, url, self.credentials, self.asked, self.reporter, self.cancel)
    }

    /// What the remote has; `repo` is where it will go.
    pub fn list(&self, repo: &Path) -> Result<RemoteRefs, Error> {
        self.attempt(|backend| match backend {
            Backend::Cli => cli::list(self, repo),
            _ => native::list(self, repo),
        })
    }

    /// Brings refs into the repository at `repo`.
    pub fn fetch(&self, repo: &Path, refspecs: &[String]) -> Result<(), Error> {
        self.attempt(|backend| match backend {
            Backend::Cli => cli::fetch(self, repo, refspecs),
            _ => native::fetch(self, repo, refspecs),
        })
    }

    /// Tries, tries again after network faults, and changes to the command
    /// line when only `ssh` may know how to log in.
    fn attempt<T>(&self, run: impl Fn(Backend) -> Result<T, Error>) -> Result<T, Error> {
        let tries = || retry::run(self, &retry::WAITS, || run(self.chosen.get()));
        match tries() {
            Err(error) if self.may_fall_back(&error) => {
                let message = format!("{error}; trying the git command line");
                self.verbose(message);
                self.chosen.set(Backend::Cli);
                // Its login may fail where libgit2's was never tried; both are
                // the user's keys, so the later answer is the better one.
                tries()
            }
            result => result,
        }
    }

    fn may_fall_back(&self, error: &Error) -> bool {
        self.asked == Backend::Auto
            && self.chosen.get() == Backend::Libgit2
            && error.is_ssh_login()
            && process::which("git").is_some()
    }

    fn verbose(&self, message: String) {
        self.reporter.report(Event::Log { level: crate::event::LogLevel::Verbose, message });
    }

    /// Reports progress, ten times a second at most and once at the end.
    fn progress(&self, objects: u64, objects_total: u64, bytes: u64) {
        let done = objects_total > 0 && objects == objects_total;
        let due = self.last.get().is_none_or(|last| last.elapsed() >= Duration::from_millis(100));
        if done || due {
            self.last.set(Some(Instant::now()));
            let service = self.service.to_owned();
            self.reporter.report(Event::FetchProgress { service, objects, objects_total, bytes });
        }
    }

    fn interrupted(&self) -> Error {
        Error::Interrupted { service: self.service.to_owned() }
    }

    /// A message without the secret, if a server should have repeated it.
    fn scrub(&self, text: &str) -> String {
        self.login.as_ref().map_or_else(|| text.to_owned(), |login| login.scrub(text))
    }
}

/// libgit2, except where it is slow (local repositories) or lacks what the
/// user has set up (`~/.ssh/config`).
fn choose(asked: Backend, url: &RemoteUrl) -> Backend {
    let has_git = || process::which("git").is_some();
    match (asked, url.scheme()) {
        (Backend::Auto, Scheme::Local) if has_git() => Backend::Cli,
        (Backend::Auto, Scheme::Ssh) if url.host().is_some_and(ssh::is_configured) && has_git() => {
            Backend::Cli
        }
        (Backend::Auto, _) => Backend::Libgit2,
        (asked, _) => asked,
    }
}
