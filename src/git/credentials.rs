//! Tokens: which host gets which, and nobody else to see them.

use std::collections::BTreeMap;
use std::fmt;

use super::url::{RemoteUrl, Scheme, decode};

/// A text that shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one who has to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// A user name and a password or token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub user: String,
    pub secret: Secret,
}

impl Login {
    /// What stands before the `@` of an http URL: `user:password`, or a token
    /// alone; `None` when there is nothing to log in with.
    pub fn from_user_info(text: &str) -> Option<Self> {
        let plain = |text: &str| decode(text).unwrap_or_else(|| text.to_owned());
        match text.split_once(':') {
            Some((_, "")) | None => {
                let token = plain(text.trim_end_matches(':'));
                (!token.is_empty()).then(|| Self::from_token(&token))
            }
            Some((user, secret)) => {
                Some(Self { user: plain(user), secret: Secret::new(plain(secret)) })
            }
        }
    }

    /// A token as forges take it; `user:token` names the user for those that
    /// insist on one.
    fn from_token(token: &str) -> Self {
        match token.split_once(':') {
            Some((user, secret)) => Self { user: user.to_owned(), secret: Secret::new(secret) },
            None => Self { user: "x-access-token".to_owned(), secret: Secret::new(token) },
        }
    }

    /// `text` without the secret, should a server have repeated it.
    pub fn scrub(&self, text: &str) -> String {
        match self.secret.reveal() {
            "" => text.to_owned(),
            secret => text.replace(secret, "***"),
        }
    }
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where tokens come from: the environment and the configuration.
pub struct Credentials {
    tokens: BTreeMap<String, Secret>,
    env: Box<Lookup>,
}

impl Credentials {
    /// Tokens per host from `[git.tokens]`, and a way to ask the environment
    /// for `HERO_GIT_TOKEN_<HOST>`, `GITHUB_TOKEN` and `GITLAB_TOKEN`.
    pub fn new(
        config_tokens: &BTreeMap<String, String>,
        env: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let tokens = config_tokens
            .iter()
            .map(|(host, token)| (host.to_ascii_lowercase(), Secret::new(token.trim())))
            .collect();
        Self { tokens, env: Box::new(env) }
    }

    /// As [`Credentials::new`] with the environment of this process.
    pub fn from_env(config_tokens: &BTreeMap<String, String>) -> Self {
        Self::new(config_tokens, |name| std::env::var(name).ok())
    }

    /// What to log in with at `url`. A token of the environment or the
    /// configuration is sent encrypted only, or to this machine.
    pub(super) fn login(&self, url: &RemoteUrl) -> Option<Login> {
        if let Some(login) = url.login() {
            return Some(login.clone());
        }
        let host = url.host()?;
        let here = host == "localhost" || host == "::1" || host.starts_with("127.");
        if url.scheme() != Scheme::Https && !(url.scheme() == Scheme::Http && here) {
            return None;
        }
        let token = self
            .variable(&variable(host))
            .or_else(|| url.port().and_then(|port| self.configured(&format!("{host}:{port}"))))
            .or_else(|| self.configured(host))
            .or_else(|| match host {
                "github.com" => self.variable("GITHUB_TOKEN"),
                "gitlab.com" => self.variable("GITLAB_TOKEN"),
                _ => None,
            })?;
        Some(Login::from_token(&token))
    }

    fn variable(&self, name: &str) -> Option<String> {
        let token = (self.env)(name)?.trim().to_owned();
        (!token.is_empty()).then_some(token)
    }

    fn configured(&self, host: &str) -> Option<String> {
        let token = self.tokens.get(host)?.reveal();
        (!token.is_empty()).then(|| token.to_owned())
    }
}

impl Default for Credentials {
    fn default() -> Self {
        Self::new(&BTreeMap::new(), |_| None)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

/// The variable with the token for a host.
pub(super) fn variable(host: &str) -> String {
    let host = host.to_ascii_uppercase();
    let word = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("HERO_GIT_TOKEN_{}", host.chars().map(word).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(credentials: &Credentials, url: &str) -> Option<(String, String)> {
        let login = credentials.login(&RemoteUrl::parse(url).unwrap())?;
        Some((login.user, login.secret.reveal().to_owned()))
    }

    #[test]
    fn each_host_gets_its_own_token_and_no_other() {
        let config = BTreeMap::from([
            ("forge.example".to_owned(), "conf".to_owned()),
            ("forge.example:8443".to_owned(), "deploy:port".to_owned()),
        ]);
        let credentials = Credentials::new(&config, |name| match name {
            "HERO_GIT_TOKEN_GIT_MY_ORG" => Some("env".to_owned()),
            "GITHUB_TOKEN" => Some("hub".to_owned()),
            _ => None,
        });
        let token = |token: &str| Some(("x-access-token".to_owned(), token.to_owned()));
        for (url, expected) in [
            ("https://forge.example/a", token("conf")),
            ("https://forge.example:8443/a", Some(("deploy".to_owned(), "port".to_owned()))),
            ("https://git.my-org/a", token("env")),
            ("https://github.com/a/b", token("hub")),
            ("https://gitlab.com/a/b", None),
            ("https://forge.example.evil/a", None),
            ("http://forge.example/a", None),
            ("ssh://git@forge.example/a", None),
            ("https://me:pass%21@forge.example/a", Some(("me".to_owned(), "pass!".to_owned()))),
            ("https://tok@forge.example/a", token("tok")),
        ] {
            assert_eq!(login(&credentials, url), expected, "{url}");
        }
    }

    #[test]
    fn nothing_shows_a_secret() {
        let config = BTreeMap::from([("a.example".to_owned(), "s3cret".to_owned())]);
        let credentials = Credentials::new(&config, |_| None);
        let url = RemoteUrl::parse("https://u:s3cret@a.example/x").unwrap();
        let login = credentials.login(&url).unwrap();
        for text in [
            format!("{credentials:?}"),
            format!("{url:?} {url}"),
            format!("{login:?} {}", login.secret),
            login.scrub("remote: bad s3cret"),
        ] {
            assert!(!text.contains("s3cret"), "{text}");
        }
    }
}
