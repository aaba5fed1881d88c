//! One remote, with everything needed to talk to it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::event::{Event, LogLevel, Reporter};
use crate::git::credentials::{Credentials, HandOver, Server};
use crate::git::error::Error;
use crate::git::program::Prompt;
use crate::git::recovery::Work;
use crate::git::refusal::Token;
use crate::git::url::RemoteUrl;
use crate::sys::cancel::Cancel;

/// One remote and everything needed to talk to it.
pub(in crate::git) struct Remote<'a> {
    pub(crate) service: &'a str,
    pub(crate) url: &'a RemoteUrl,
    pub(crate) credentials: &'a Credentials,
    pub(crate) reporter: &'a dyn Reporter,
    pub(crate) cancel: &'a Cancel,
    pub(crate) prompt: Prompt,
    /// The server of the address that the script itself names.
    named: Option<Server>,
    /// What is being changed, told before it is.
    pub(crate) work: &'a Work,
    /// Whether the repository names this address: a submodule's.
    pub(super) derived: bool,
    last: Cell<Option<Instant>>,
}

impl<'a> Remote<'a> {
    /// The remote of a service.
    pub(crate) fn new(
        service: &'a str,
        url: &'a RemoteUrl,
        credentials: &'a Credentials,
        prompt: Prompt,
        work: &'a Work,
        (reporter, cancel): (&'a dyn Reporter, &'a Cancel),
    ) -> Self {
        let last = Cell::new(None);
        let named = Server::for_url(url);
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
    pub(crate) fn to(&self, url: &'a RemoteUrl) -> Self {
        Self { url, named: self.named.clone(), derived: true, last: Cell::new(None), ..*self }
    }

    /// The tokens that a call may ask for; `None` when there are none.
    pub(crate) fn hand_over(&self) -> Option<HandOver> {
        HandOver::new(self.credentials, self.url, self.named.as_ref())
    }

    /// Whether it is another server than the one that the script names.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.derived && self.named != Server::for_url(self.url)
    }

    /// Whether hero has a token for this address.
    pub(super) fn token(&self) -> Token {
        let named = self.named.is_some() && self.named == Server::for_url(self.url);
        if self.credentials.login(self.url, named).is_some() {
            Token::Given
        } else if self.credentials.withholds(self.url) {
            Token::Withheld
        } else {
            Token::None
        }
    }

    /// Tells the user that a transfer begins.
    pub(crate) fn announce(&self) {
        self.reporter.report(Event::FetchStarted {
            service: self.service.to_owned(),
            url: self.url.to_string(),
        });
    }

    /// Warns about something that the user should know of the upstream.
    pub(crate) fn warn(&self, message: String, hint: Option<String>) {
        self.reporter.report(Event::Warning { message, hint });
    }

    pub(super) fn verbose(&self, message: String) {
        self.reporter.report(Event::Log { level: LogLevel::Verbose, message });
    }

    /// Reports progress, ten times a second at most and once at the end.
    pub(super) fn progress(&self, objects: u64, objects_total: u64, bytes: u64) {
        let done = objects_total > 0 && objects == objects_total;
        let due = self.last.get().is_none_or(|last| last.elapsed() >= Duration::from_millis(100));
        if done || due {
            self.last.set(Some(Instant::now()));
            let service = self.service.to_owned();
            self.reporter.report(Event::FetchProgress { service, objects, objects_total, bytes });
        }
    }

    /// Reports that nothing has come from the remote for a while.
    pub(super) fn silent(&self, silent: Duration) {
        self.reporter.report(Event::FetchSilent {
            service: self.service.to_owned(),
            host: self.url.host().unwrap_or("the remote").to_owned(),
            seconds: silent.as_secs(),
        });
    }

    /// Reports a pause that the server asks for.
    pub(super) fn pausing(&self, wait: Duration) {
        self.reporter.report(Event::FetchDelayed {
            service: self.service.to_owned(),
            host: self.url.host().unwrap_or("the remote").to_owned(),
            seconds: wait.as_secs(),
        });
    }

    pub(super) fn interrupted(&self) -> Error {
        Error::Interrupted { service: self.service.to_owned() }
    }
}
