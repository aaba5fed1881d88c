//! A checked address.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::git::login::Login;
use crate::git::percent::encode;

/// The transports hero speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `https://`
    Https,
    /// `http://`
    Http,
    /// `ssh://` and `user@host:path`
    Ssh,
    /// `git://`
    Git,
    /// `file://` and absolute paths
    Local,
}

/// A checked address of a repository, without credentials in its text.
#[derive(Clone)]
pub(crate) struct RemoteUrl {
    pub(super) scheme: Scheme,
    /// What is used, stored and shown.
    pub(super) text: String,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    /// The path of a local repository, decoded.
    pub(super) local: Option<PathBuf>,
    /// What stood before the `@` of an http(s) URL.
    pub(super) login: Option<Login>,
}

impl RemoteUrl {
    /// Whether the repository is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.scheme == Scheme::Local
    }

    /// The host, in lower case; `None` for a local repository.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port, when the address names one.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// The user of an ssh address.
    pub(crate) fn user(&self) -> Option<&str> {
        if self.scheme != Scheme::Ssh {
            return None;
        }
        let rest = self.text.split_once("://").map_or(self.text.as_str(), |(_, rest)| rest);
        rest.split(['/', ':']).next()?.split_once('@').map(|(user, _)| user)
    }

    /// How the repository is reached.
    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The address without credentials, as it is stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What a service from here is called if its script does not say: the last part of
    /// the path, without `.git`.
    pub(crate) fn name(&self) -> String {
        let path = self.text.trim_end_matches('/');
        let last = path.rsplit(['/', ':']).next().unwrap_or(path);
        last.strip_suffix(".git").unwrap_or(last).to_owned()
    }

    /// The folder of a local repository.
    pub(crate) fn local_path(&self) -> Option<&Path> {
        self.local.as_deref()
    }

    /// Whether `other` names the same repository: a closing `/` or `.git` and
    /// credentials make no difference.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.local, &other.local) {
            (Some(one), Some(other)) => one == other,
            _ => bare(&self.text) == bare(&other.text),
        }
    }

    /// Whether `other` has the same host and path, and another protocol.
    pub(in crate::git) fn differs_in_protocol(&self, other: &Self) -> bool {
        let path = |url: &Self| bare(&url.text[url.root()..]).trim_start_matches('/').to_owned();
        self.host.is_some()
            && self.scheme != other.scheme
            && self.host == other.host
            && path(self) == path(other)
    }

    /// The credentials that stood in the address.
    pub(in crate::git) fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The user name that stood in a web address, alone before the `@`.
    pub(in crate::git) fn username(&self) -> Option<&str> {
        let login = self.login.as_ref().filter(|login| login.is_name())?;
        Some(login.secret.reveal())
    }

    /// The address with that user name, as git is given it: curl looks for the name
    /// in `.netrc`.
    pub(in crate::git) fn with_username(&self) -> String {
        match (self.username(), self.text.split_once("://")) {
            (Some(name), Some((scheme, rest))) => format!("{scheme}://{}@{rest}", encode(name)),
            _ => self.text.clone(),
        }
    }

    /// Where the path begins in the text.
    pub(super) fn root(&self) -> usize {
        match self.text.split_once("://") {
            Some((scheme, rest)) => scheme.len() + 3 + rest.find('/').unwrap_or(rest.len()),
            None if self.is_local() => 0,
            None => {
                let host = self.text.find(']').unwrap_or(0);
                host + self.text[host..].find(':').map_or(0, |colon| colon + 1)
            }
        }
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RemoteUrl({:?})", self.text)
    }
}

fn bare(text: &str) -> &str {
    let text = text.trim_end_matches('/');
    text.strip_suffix(".git").unwrap_or(text)
}
