//! Why a remote did not hand out what was asked for.
//!
//! `cause` reads it from git's messages, `advice` has the message and the hint for
//! each cause.

mod advice;
mod cause;
mod words;

use std::time::Duration;

use super::url::{RemoteUrl, Scheme};

pub(super) use cause::Cause;

/// What git left behind when it failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    /// Its messages, without progress.
    pub(crate) stderr: String,
    /// How it ended: `exited with 128`.
    pub(crate) ended: String,
    /// How long a web server asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// A remote that refused, or did not answer.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// Its address, without credentials.
    pub(super) url: String,
    pub(super) scheme: Scheme,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// The user of an ssh address.
    pub(super) user: Option<String>,
    pub(super) cause: Cause,
    /// The words of the server, or of git where there are none.
    pub(super) words: Vec<String>,
    pub(super) tries: usize,
    pub(super) token: Token,
    /// Whether a repository or a redirect names the server, not the script.
    pub(super) elsewhere: bool,
    /// Whether git could ask at the terminal.
    pub(super) asked: bool,
    pub(super) retry_after: Option<Duration>,
}

/// Whether hero has a token for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    None,
    Given,
    /// There is one, which plain http would show to everybody on the way.
    Withheld,
}

impl Refusal {
    /// What git's messages say.
    pub(super) fn new(url: &RemoteUrl, token: Token, heard: &Heard) -> Self {
        let cause = Cause::read(&heard.stderr, url);
        // After a redirect or `insteadOf` another server asks.
        let other = cause::asking_server(&heard.stderr);
        let other =
            other.as_ref().filter(|other| (other.host(), other.port()) != (url.host(), url.port()));
        let (about, token) = match other {
            Some(other) => (Self { elsewhere: true, ..Self::about(other) }, Token::None),
            None => (Self::about(url), token),
        };
        let words = words::telling(&heard.stderr, &heard.ended, &cause);
        let retry_after = heard.retry_after;
        Self { cause, words, token, retry_after, url: url.to_string(), ..about }
    }

    /// A remote that was silent for too long.
    pub(super) fn silence(url: &RemoteUrl, limit: Duration, heard: &Heard) -> Self {
        let words = words::telling(&heard.stderr, "", &Cause::Silent(limit));
        Self { cause: Cause::Silent(limit), words, ..Self::about(url) }
    }

    fn about(url: &RemoteUrl) -> Self {
        Self {
            url: url.to_string(),
            scheme: url.scheme(),
            host: url.host().unwrap_or_default().to_owned(),
            port: url.port(),
            user: url.user().map(str::to_owned),
            cause: Cause::Other,
            words: Vec::new(),
            tries: 1,
            token: Token::None,
            elsewhere: false,
            asked: false,
            retry_after: None,
        }
    }

    /// How often trying again may help.
    pub(super) fn retries(&self) -> usize {
        match self.cause {
            Cause::Disconnected | Cause::ServerError(_) | Cause::RateLimited => 3,
            Cause::DnsTemporary => 2,
            Cause::Refused => 1,
            _ => 0,
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests;
