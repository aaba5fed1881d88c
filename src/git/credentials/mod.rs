//! Tokens: where they come from, and which server gets which.
//!
//! A server is a scheme, a host and a port, as for git. A token given for a host
//! alone is for the scheme's own port, and for whatever port the script itself
//! names; addresses that repositories name (submodules, cargo's dependencies) do
//! not count for that.

mod handover;
mod login;
mod server;

use std::collections::BTreeMap;
use std::fmt;

use super::url::RemoteUrl;
use crate::sys::environment::TOKEN_PREFIX;
use crate::sys::redact;

pub use handover::HandOver;
pub(super) use login::Login;
pub use login::Secret;
pub use server::Server;

/// The variables of forges: the token, the address that says for which server it
/// is, and the server when nothing does.
const FORGES: [(&str, &str, Option<&str>); 4] = [
    ("GITHUB_TOKEN", "GITHUB_SERVER_URL", Some("https://github.com")),
    ("GITLAB_TOKEN", "CI_SERVER_URL", Some("https://gitlab.com")),
    ("FORGEJO_TOKEN", "FORGEJO_URL", None),
    ("GITEA_TOKEN", "GITEA_URL", None),
];

/// Where tokens come from: the environment and the configuration.
#[derive(Clone, Default)]
pub struct Credentials {
    /// By the key in `[git.tokens]`: a host, `host:port`, or an address.
    configured: BTreeMap<String, Secret>,
    /// The variables `HERO_GIT_TOKEN_…`.
    variables: BTreeMap<String, Secret>,
    /// Tokens of forges, with the servers they are for.
    forges: Vec<(Server, Secret)>,
}

impl Credentials {
    /// Tokens of `[git.tokens]` and of the environment's `variables`.
    /// `forge_urls` has the addresses that `[git]` gives for `FORGEJO_TOKEN` and
    /// `GITEA_TOKEN`.
    pub fn new(
        tokens: &BTreeMap<String, String>,
        forge_urls: &BTreeMap<&str, String>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let variables: BTreeMap<String, String> = variables.into_iter().collect();
        let secret = |text: &String| {
            let text = text.trim();
            (!text.is_empty()).then(|| Secret::new(text))
        };
        let forges = FORGES.iter().filter_map(|(token, address, usual)| {
            let token_text = variables.get(*token).and_then(secret)?;
            let address = variables.get(*address).or_else(|| forge_urls.get(token));
            let address = address.map(String::as_str).or(*usual)?;
            Some((Server::of_address(address)?, token_text))
        });
        let all = Self {
            configured: tokens
                .iter()
                .filter_map(|(key, token)| Some((key.to_ascii_lowercase(), secret(token)?)))
                .collect(),
            forges: forges.collect(),
            variables: variables
                .iter()
                .filter(|(name, _)| name.starts_with(TOKEN_PREFIX))
                .filter_map(|(name, token)| Some((name.clone(), secret(token)?)))
                .collect(),
        };
        for token in all.secrets() {
            let login = Login::from_token(token.reveal());
            redact::hide_login(&login.user, login.secret.reveal());
        }
        all
    }

    /// The servers that tokens stand for by their full names, whatever a script names.
    fn servers(&self) -> Vec<Server> {
        let configured = self.configured.keys().filter_map(|key| {
            let is_address = key.contains("://");
            let address = if is_address { key.clone() } else { format!("https://{key}") };
            Server::of_address(&address)
        });
        configured.chain(self.forges.iter().map(|(server, _)| server.clone())).collect()
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let forges = self.forges.iter().map(|(_, token)| token);
        self.configured.values().chain(self.variables.values()).chain(forges)
    }

    /// Whether there is no token at all.
    pub(super) fn is_empty(&self) -> bool {
        self.secrets().next().is_none()
    }

    /// The token for a server. Where the script `named` the server, a token that stands
    /// for a host alone is for any port, and variables count: their names are those of
    /// several hosts (`a-b.org`, `a.b.org`), so that an address which a repository names
    /// must not choose among them.
    fn token(&self, server: &Server, named: bool) -> Option<&Secret> {
        let any_port = named || server.port.is_none();
        let by_name = |name: String| self.variables.get(&name).filter(|_| named);
        let place = server.place();
        let safe = server.is_safe();
        self.configured
            .get(&server.to_string())
            .or_else(|| by_name(variable(&place)).filter(|_| safe))
            .or_else(|| by_name(variable(&server.host)).filter(|_| safe))
            .or_else(|| self.configured.get(&place).filter(|_| safe))
            .or_else(|| self.configured.get(&server.host).filter(|_| safe && any_port))
            .or_else(|| {
                let forge = self.forges.iter().find(|(forge, _)| forge == server);
                forge.map(|(_, token)| token)
            })
    }

    /// The login for an address of the script's, or of a repository's.
    pub(super) fn login(&self, url: &RemoteUrl, named: bool) -> Option<Login> {
        if let Some(login) = url.login() {
            return Some(login.clone());
        }
        let token = self.token(&Server::of(url)?, named)?;
        Some(Login::from_token(token.reveal()))
    }

    /// Whether there would be a token for this address if it were encrypted.
    pub(super) fn withholds(&self, url: &RemoteUrl) -> bool {
        let Some(server) = Server::of(url).filter(|server| !server.is_safe()) else { return false };
        let names = [variable(&server.place()), variable(&server.host)];
        names.iter().any(|name| self.variables.contains_key(name))
            || self.configured.contains_key(&server.place())
            || self.configured.contains_key(&server.host)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("configured", &self.configured)
            .finish_non_exhaustive()
    }
}

/// The variable with the token for a host, or for `host:port`.
pub(super) fn variable(place: &str) -> String {
    let place = place.to_ascii_uppercase();
    let word = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("{TOKEN_PREFIX}{}", place.chars().map(word).collect::<String>())
}

#[cfg(test)]
mod tests;
