//! Reading tokens from the configuration and the environment, and which of these
//! settings reach no server.

use std::collections::BTreeMap;

use super::server::{Server, variable};
use crate::git::login::{Login, Secret};
use crate::git::url;
use crate::sys::environment::TOKEN_PREFIX;
use crate::sys::redact;

/// A forge's variables.
struct Forge {
    /// The variable with the token.
    token: &'static str,
    /// The variable with the address of the server.
    address: &'static str,
    /// The key of `[git]` with that address.
    key: Option<&'static str>,
    /// The server where nothing names one.
    usual: Option<&'static str>,
}

const FORGES: [Forge; 4] = [
    Forge {
        token: "GITHUB_TOKEN",
        address: "GITHUB_SERVER_URL",
        key: None,
        usual: Some("https://github.com"),
    },
    Forge {
        token: "GITLAB_TOKEN",
        address: "CI_SERVER_URL",
        key: None,
        usual: Some("https://gitlab.com"),
    },
    Forge { token: "FORGEJO_TOKEN", address: "FORGEJO_URL", key: Some("forgejo_url"), usual: None },
    Forge { token: "GITEA_TOKEN", address: "GITEA_URL", key: Some("gitea_url"), usual: None },
];

/// A setting with a token that no server gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// Names the setting, and says why.
    pub(crate) message: String,
    /// What to write in its place.
    pub(crate) hint: String,
}

/// What is read from the settings.
#[derive(Default)]
pub(super) struct Sources {
    pub(crate) configured: BTreeMap<String, Secret>,
    pub(crate) variables: BTreeMap<String, Secret>,
    pub(crate) forges: Vec<(Server, Secret)>,
    /// Servers of forges that would be sent their token in the clear.
    pub(crate) withheld: Vec<Server>,
    pub(crate) ignored: Vec<Ignored>,
}

impl Sources {
    /// Reads `[git.tokens]`.
    pub(crate) fn configured(&mut self, tokens: &BTreeMap<String, String>) {
        for (text, token) in tokens {
            let shown = url::redact(text);
            match (key(text), secret(token)) {
                (Some(key), Some(token)) => _ = self.configured.insert(key, token),
                (None, _) => self.ignore(
                    format!("the key `{shown}` in [git.tokens] is not used: it names no server"),
                    "write a host, HOST:PORT or https://HOST:PORT, without a path".to_owned(),
                ),
                (Some(_), None) => self.ignore(
                    format!("the key `{shown}` in [git.tokens] is not used: its token is empty"),
                    "write the token, or remove the line from config.toml".to_owned(),
                ),
            }
        }
    }

    /// Reads the variables `HERO_GIT_TOKEN_…`.
    pub(crate) fn variables(&mut self, all: &BTreeMap<String, String>) {
        for (name, token) in all {
            let Some(place) = name.strip_prefix(TOKEN_PREFIX) else { continue };
            let Some(token) = secret(token) else { continue };
            if *name == variable(place) {
                self.variables.insert(name.clone(), token);
            } else {
                self.ignore(
                    format!("`{name}` is not used: its name has other letters than A-Z, 0-9, _"),
                    format!("export {}=TOKEN", variable(place)),
                );
            }
        }
    }

    /// Reads the variables of forges; `urls` has the addresses that `[git]` gives for
    /// their tokens. Comes after the configuration, which may allow plain http.
    pub(crate) fn forges(&mut self, all: &BTreeMap<String, String>, urls: &BTreeMap<&str, String>) {
        for forge in &FORGES {
            let Some(token) = all.get(forge.token).and_then(|token| secret(token)) else {
                continue;
            };
            let given = |text: Option<&String>| text.filter(|it| !it.trim().is_empty()).cloned();
            let in_variable = given(all.get(forge.address)).map(|url| (forge.address, url));
            let in_file = given(urls.get(forge.token)).zip(forge.key).map(|(url, key)| (key, url));
            let usual = forge.usual.map(|url| (forge.address, url.to_owned()));
            let named = in_variable.or(in_file).or(usual);
            let server = named.as_ref().and_then(|(_, url)| Server::of_address(url));
            let unused = format!("`{}` is not used", forge.token);
            match (named, server) {
                (_, Some(server)) if server.is_safe() => self.forges.push((server, token)),
                (_, Some(server)) => {
                    if !self.configured.contains_key(&server.to_string()) {
                        self.ignore(
                            format!("{unused}: {server} is not encrypted"),
                            format!(
                                "use https, or allow it in config.toml: [git.tokens] \
                                 \"{server}\" = \"TOKEN\""
                            ),
                        );
                        self.withheld.push(server);
                    }
                }
                (Some((name, _)), None) => {
                    let why = format!("`{name}` is not the address of a web server");
                    self.ignore(format!("{unused}: {why}"), forge.hint());
                }
                (None, None) => {
                    self.ignore(format!("{unused}: nothing names its server"), forge.hint());
                }
            }
        }
    }

    fn ignore(&mut self, message: String, hint: String) {
        self.ignored.push(Ignored { message, hint });
    }
}

impl Forge {
    fn hint(&self) -> String {
        let export = format!("export {}=https://HOST", self.address);
        match self.key {
            Some(key) => format!("{export}, or in config.toml: [git] {key} = \"https://HOST\""),
            None => export,
        }
    }
}

/// A token, which is hidden from now on; `None` for an empty text.
fn secret(text: &str) -> Option<Secret> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let login = Login::from_token(text);
    redact::hide_login(&login.user, login.secret.reveal());
    Some(Secret::new(text))
}

/// A key of `[git.tokens]` as servers are looked up: without the usual port, which a
/// server does not name. Returns `None` when it is not a host, `host:port` or the whole
/// address of a web server.
fn key(text: &str) -> Option<String> {
    let key = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let place = key.split_once("://").map_or(key.as_str(), |(_, place)| place);
    if place.contains(['/', '@']) {
        return None;
    }
    let server = Server::of_address(&key)?;
    let is_whole = place.len() < key.len() || place.ends_with(":443");
    Some(if is_whole { server.to_string() } else { server.place() })
}
