//! Servers as git tells them apart: by scheme, host and port.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::git::url::{RemoteUrl, Scheme};
use crate::sys::environment::TOKEN_PREFIX;

/// A server that may ask for a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Server {
    /// `https` or `http`.
    pub(crate) scheme: String,
    /// In lower case; an IPv6 address without brackets.
    pub(crate) host: String,
    /// `None` for the scheme's own port.
    pub(crate) port: Option<u16>,
}

impl Server {
    /// The server of an address over https or http.
    pub(in crate::git) fn for_url(url: &RemoteUrl) -> Option<Self> {
        let scheme = match url.scheme() {
            Scheme::Https => "https",
            Scheme::Http => "http",
            _ => return None,
        };
        Some(Self::new(scheme, url.host()?, url.port()))
    }

    /// The server of a forge's address, which may have no path.
    pub(super) fn of_address(address: &str) -> Option<Self> {
        let address = address.trim().trim_end_matches('/');
        let scheme = if address.contains("://") { "" } else { "https://" };
        Self::for_url(&RemoteUrl::parse(&format!("{scheme}{address}/x")).ok()?)
    }

    fn new(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let usual = if scheme == "https" { 443 } else { 80 };
        Self {
            scheme: scheme.to_owned(),
            host: host.to_ascii_lowercase(),
            port: port.filter(|port| *port != usual),
        }
    }

    /// The server that git asks about: `protocol=` and `host=` lines.
    pub(in crate::git) fn parse(question: &str) -> Option<Self> {
        let value =
            |key: &str| question.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let (scheme, host) = (value("protocol")?, value("host")?);
        if !matches!(scheme, "https" | "http") {
            return None;
        }
        let url = RemoteUrl::parse(&format!("{scheme}://{host}/x")).ok()?;
        Self::for_url(&url)
    }

    /// The host, with its port if that is not the scheme's own.
    pub(super) fn place(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Whether what is sent there cannot be read on the way: it is encrypted, or
    /// stays on this machine.
    pub(super) fn is_safe(&self) -> bool {
        let here = self.host == "localhost" || self.host == "::1" || self.host.starts_with("127.");
        self.scheme == "https" || here
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.place())
    }
}

/// The variable with the token for a host, or for `host:port`.
pub(in crate::git) fn variable(place: &str) -> String {
    let place = place.to_ascii_uppercase();
    let word = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("{TOKEN_PREFIX}{}", place.chars().map(word).collect::<String>())
}
