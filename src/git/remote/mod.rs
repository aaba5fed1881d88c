//! Talking to one remote: what it has, clone, fetch, with retries where they can
//! help.

mod call;
mod refs;
mod retry;
mod terminal;

use std::cell::Cell;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::credentials::{Credentials, HandOver, Server};
use super::error::Error;
use super::program::Prompt;
use super::recovery::Work;
use super::refusal::Token;
use super::url::{RemoteUrl, Scheme};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::cancel::Cancel;

pub(super) use refs::{RemoteRef, RemoteRefs, oid};
pub(super) use terminal::Terminal;

/// One remote and everything needed to talk to it.
pub(super) struct Remote<'a> {
    pub service: &'a str,
    pub url: &'a RemoteUrl,
    pub credentials: &'a Credentials,
    pub reporter: &'a dyn Reporter,
    pub cancel: &'a Cancel,
    pub prompt: Prompt,
    /// The server of the address that the script itself names.
    named: Option<Server>,
    /// What is being changed, told before it is.
    pub work: &'a Work,
    /// Whether the repository names this address: a submodule's.
    derived: bool,
    last: Cell<Option<Instant>>,
}

impl<'a> Remote<'a> {
    /// The remote of a service.
    pub fn new(
        service: &'a str,
        url: &'a RemoteUrl,
        credentials: &'a Credentials,
        prompt: Prompt,
        work: &'a Work,
        (reporter, cancel): (&'a dyn Reporter, &'a Cancel),
    ) -> Self {
        let last = Cell::new(None);
        let named = Server::of(url);
        Self {
            service,
            url,
            credentials,
            reporter,
            cancel,
            prompt,
            named,
            work,
            derived: false,
            last,
        }
    }

    /// The same, to an address that the repository names: a submodule's.
    pub fn to(&self, url: &'a RemoteUrl) -> Self {
        Self { url, named: self.named.clone(), derived: true, last: Cell::new(None), ..*self }
    }

    /// Returns what the remote has: all refs, or those that match the patterns.
    /// `repo` is where they will go, if it is there already.
    pub fn list(&self, repo: Option<&Path>, patterns: &[&str]) -> Result<RemoteRefs, Error> {
        retry::run(self, &retry::WAITS, || {
            // Over git://, version 2 costs a delayed acknowledgement of TCP: 40 ms.
            let version = match self.url.scheme() {
                Scheme::Git => &["-c", "protocol.version=0"][..],
                _ => &[],
            };
            let args = version.iter().chain(&["ls-remote", "--symref", "--"]);
            let args = args.map(OsString::from).chain([self.address()]);
            let args = args.chain(patterns.iter().map(OsString::from));
            Ok(RemoteRefs::parse(&call::run(self, repo, args.collect())?))
        })
    }

    /// Brings refs into the repository at `repo`.
    pub fn fetch(&self, repo: &Path, refspecs: &[String]) -> Result<(), Error> {
        self.work.begin()?;
        retry::run(self, &retry::WAITS, || {
            let args = [
                "fetch",
                "--progress",
                "--no-tags",
                "--no-prune",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--no-auto-maintenance",
                // A server whose own history is cut off is as good as another.
                "--update-shallow",
                "--",
            ]
            .map(OsString::from);
            let args = args.into_iter().chain([self.address()]);
            let args = args.chain(refspecs.iter().map(OsString::from));
            call::run(self, Some(repo), args.collect()).map(drop)
        })
    }

    /// Clones and checks out the default branch, or the branch or tag of this name.
    /// Files in LFS are pointers then.
    pub fn clone(&self, into: &Path, name: Option<&str>) -> Result<(), Error> {
        retry::run(self, &retry::WAITS, || {
            let args = [
                "clone",
                "--progress",
                "--single-branch",
                "--no-recurse-submodules",
                "--no-tags",
                "--origin=origin",
                // The user's template may have hooks and settings for other work.
                "--template=",
            ]
            .map(OsString::from);
            let name = name.map(|name| OsString::from(format!("--branch={name}")));
            let args = args.into_iter().chain(name).chain(["--".into(), self.address()]);
            call::run(self, None, args.chain([into.into()]).collect()).map(drop)
        })
    }

    /// A local repository by its path: then git needs no URL decoding, and copies
    /// it by hard links.
    fn address(&self) -> OsString {
        match self.url.local_path() {
            Some(path) if !self.url.as_str().contains("://") => path.into(),
            _ => self.url.with_username().into(),
        }
    }

    /// The tokens that a call may ask for; `None` when there are none.
    pub fn hand_over(&self) -> Option<HandOver> {
        HandOver::new(self.credentials, self.url, self.named.as_ref())
    }

    /// Whether it is another server than the one that the script names.
    fn is_elsewhere(&self) -> bool {
        self.derived && self.named != Server::of(self.url)
    }

    /// Whether hero has a token for this address.
    fn token(&self) -> Token {
        let named = self.named.is_some() && self.named == Server::of(self.url);
        if self.credentials.login(self.url, named).is_some() {
            Token::Given
        } else if self.credentials.withholds(self.url) {
            Token::Withheld
        } else {
            Token::None
        }
    }

    /// Tells the user that a transfer begins.
    pub fn announce(&self) {
        self.reporter.report(Event::FetchStarted {
            service: self.service.to_owned(),
            url: self.url.to_string(),
        });
    }

    /// Warns about something that the user should know of the upstream.
    pub fn warn(&self, message: String, hint: Option<String>) {
        self.reporter.report(Event::Warning { message, hint });
    }

    fn verbose(&self, message: String) {
        self.reporter.report(Event::Log { level: LogLevel::Verbose, message });
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

    /// Reports that nothing has come from the remote for a while.
    fn silent(&self, silent: Duration) {
        self.reporter.report(Event::FetchSilent {
            service: self.service.to_owned(),
            host: self.url.host().unwrap_or("the remote").to_owned(),
            seconds: silent.as_secs(),
        });
    }

    /// Reports a pause that the server asks for.
    fn pausing(&self, wait: Duration) {
        self.reporter.report(Event::FetchDelayed {
            service: self.service.to_owned(),
            host: self.url.host().unwrap_or("the remote").to_owned(),
            seconds: wait.as_secs(),
        });
    }

    fn interrupted(&self) -> Error {
        Error::Interrupted { service: self.service.to_owned() }
    }
}
