//! Tokens: where they come from, and which server gets which.
//!
//! A server is a scheme, a host and a port, as for git. A token given for a host
//! alone is for the scheme's own port, and for whatever port the script itself
//! names; addresses that repositories name (submodules, cargo's dependencies) do
//! not count for that.

mod handover;
mod server;
mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::login::{Login, Secret};
use super::url::RemoteUrl;
use crate::sys::config;

pub(crate) use handover::HandOver;
pub(crate) use server::Server;
pub(super) use server::variable;
pub(crate) use sources::Ignored;
use sources::Sources;

/// Where tokens come from: the environment and the configuration.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    /// By the key in `[git.tokens]`: a host, `host:port`, or an address.
    configured: BTreeMap<String, Secret>,
    /// The variables `HERO_GIT_TOKEN_…`.
    variables: BTreeMap<String, Secret>,
    /// Tokens of forges, with the servers they are for.
    forges: Vec<(Server, Secret)>,
    /// Servers of forges that would be sent their token in the clear.
    withheld: Vec<Server>,
    /// Settings that are not used.
    ignored: Vec<Ignored>,
    /// Whether the user was told of them.
    told: Arc<AtomicBool>,
}

impl Credentials {
    /// The tokens of this user: in `[git]`, and in the environment.
    pub(crate) fn of_user(git: &config::Git) -> Self {
        let variables = std::env::vars_os();
        let texts = variables
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        Self::new(&git.tokens, &git.forge_urls(), texts)
    }

    /// Tokens of `[git.tokens]` and of the environment's `variables`.
    /// `forge_urls` has the addresses that `[git]` gives for `FORGEJO_TOKEN` and
    /// `GITEA_TOKEN`.
    pub(crate) fn new(
        tokens: &BTreeMap<String, String>,
        forge_urls: &BTreeMap<&str, String>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let all: BTreeMap<String, String> = variables.into_iter().collect();
        let mut sources = Sources::default();
        sources.configured(tokens);
        sources.variables(&all);
        sources.forges(&all, forge_urls);
        let Sources { configured, variables, forges, withheld, ignored } = sources;
        Self { configured, variables, forges, withheld, ignored, told: Arc::default() }
    }

    /// The settings that are not used.
    pub(crate) fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The same, when this is called first; nothing later.
    pub(super) fn untold(&self) -> &[Ignored] {
        if self.told.swap(true, Ordering::SeqCst) { &[] } else { &self.ignored }
    }

    /// The servers that tokens stand for by their full names, whatever a script names.
    fn servers(&self) -> Vec<Server> {
        let configured = self.configured.keys().flat_map(|key| {
            let is_address = key.contains("://");
            let schemes = if is_address { &[""][..] } else { &["https://", "http://"] };
            schemes
                .iter()
                .filter_map(|scheme| Server::of_address(&format!("{scheme}{key}")))
                .collect::<Vec<_>>()
        });
        let configured = configured
            .filter(|server| server.is_safe() || self.configured.contains_key(&server.to_string()));
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
        let server = Server::for_url(url)?;
        let token = self.token(&server, named).map(|token| Login::from_token(token.reveal()));
        match (url.login(), token) {
            // `alice@host`: the name to a token, or else to what git finds.
            (Some(login), token) if login.is_name() => token.map(|token| login.with_token(token)),
            (Some(login), _) => Some(login.clone()),
            (None, token) => token,
        }
    }

    /// Whether there would be a token for this address if it were encrypted.
    pub(super) fn withholds(&self, url: &RemoteUrl) -> bool {
        let Some(server) = Server::for_url(url).filter(|server| !server.is_safe()) else {
            return false;
        };
        let names = [variable(&server.place()), variable(&server.host)];
        names.iter().any(|name| self.variables.contains_key(name))
            || self.configured.contains_key(&server.place())
            || self.configured.contains_key(&server.host)
            || self.withheld.contains(&server)
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

#[cfg(test)]
mod tests;
