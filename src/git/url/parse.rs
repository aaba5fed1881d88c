//! Reading addresses.

use std::path::PathBuf;

use super::address::{RemoteUrl, Scheme};
use super::error::UrlError;
use super::redact::redact;
use crate::git::login::Login;
use crate::git::percent::decode;

impl RemoteUrl {
    /// Reads and checks an address.
    ///
    /// # Errors
    /// For anything but https, http, ssh, git, file URLs, `user@host:path` and
    /// absolute paths; for a leading `-`, control characters, `..` segments,
    /// an empty host, a query.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        parse(text)
    }
}

fn parse(text: &str) -> Result<RemoteUrl, UrlError> {
    let bad = |reason: &'static str| UrlError::Malformed { url: redact(text), reason };
    if text.is_empty() {
        return Err(bad("it is empty"));
    }
    if text.starts_with('-') {
        return Err(bad("it starts with `-`"));
    }
    if text.chars().any(char::is_control) {
        return Err(bad("it contains a control character"));
    }
    if let Some(helper) = helper(text) {
        return Err(UrlError::SchemeDenied { url: redact(text), scheme: format!("{helper}::") });
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return with_scheme(text, &scheme.to_ascii_lowercase(), rest);
    }
    if text.starts_with('/') {
        return local(text, text.to_owned());
    }
    // Abbreviations of other tools look like a host and a path.
    let short = ["gh", "github", "gl", "gitlab", "cb", "codeberg", "bb", "sr"];
    if let Some((word, rest)) = text.split_once(':')
        && short.contains(&word)
        && rest.split('/').count() == 2
    {
        return Err(UrlError::SchemeDenied { url: redact(text), scheme: format!("{word}:") });
    }
    let slash = text.find('/').unwrap_or(text.len());
    // A colon inside the brackets of an IPv6 address is none of scp's.
    let after_host = text[..slash].find(']').unwrap_or(0);
    match text[after_host..slash].find(':') {
        Some(colon) => scp(text, after_host + colon),
        None => Err(bad("it is a relative path")),
    }
}

/// The `helper` of `helper::address`, which would run a program.
fn helper(text: &str) -> Option<&str> {
    let (helper, _) = text.split_once("::")?;
    let word = !helper.is_empty()
        && helper.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    word.then_some(helper)
}

fn with_scheme(text: &str, scheme: &str, rest: &str) -> Result<RemoteUrl, UrlError> {
    let bad = |reason: &'static str| UrlError::Malformed { url: redact(text), reason };
    let kind = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        "ssh" => Scheme::Ssh,
        "git" => Scheme::Git,
        "file" => {
            let path = rest.strip_prefix("localhost").unwrap_or(rest);
            if !path.starts_with('/') {
                return Err(bad("a file URL needs three slashes and an absolute path"));
            }
            return local(text, decode(path).ok_or_else(|| bad("a `%` in it is not an escape"))?);
        }
        _ => return Err(UrlError::SchemeDenied { url: redact(text), scheme: scheme.to_owned() }),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if text.contains(char::is_whitespace) {
        return Err(bad("it contains a space"));
    }
    if text.contains(['?', '#']) {
        return Err(bad("it has a query or a fragment"));
    }
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (host, port) = host_and_port(place).map_err(bad)?;
    let decoded = decode(path).ok_or_else(|| bad("a `%` in it is not an escape"))?;
    check_path(&decoded).map_err(bad)?;
    let mut login = None;
    let user = match (user, kind) {
        (None, _) => String::new(),
        (Some(user), Scheme::Ssh) => {
            check_user(user).map_err(bad)?;
            format!("{user}@")
        }
        (Some(_), Scheme::Git) => return Err(bad("a git:// URL has no user")),
        (Some(user), _) => {
            login = Login::from_user_info(user);
            String::new()
        }
    };
    let shown_port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(RemoteUrl {
        scheme: kind,
        text: format!("{scheme}://{user}{host}{shown_port}{path}"),
        host: Some(host.trim_matches(['[', ']']).to_owned()),
        port,
        local: None,
        login,
    })
}

fn scp(text: &str, colon: usize) -> Result<RemoteUrl, UrlError> {
    let bad = |reason: &'static str| UrlError::Malformed { url: redact(text), reason };
    let (place, path) = (&text[..colon], &text[colon + 1..]);
    if text.contains(char::is_whitespace) {
        return Err(bad("it contains a space"));
    }
    if path.contains('@') {
        // `user:password@host/…` without its scheme.
        return Err(bad("its scheme is missing"));
    }
    let host = match place.rsplit_once('@') {
        Some((user, host)) => {
            check_user(user).map_err(bad)?;
            host
        }
        None => place,
    };
    let (host, _) = host_and_port(host).map_err(bad)?;
    if path.starts_with('-') {
        return Err(bad("its path starts with `-`"));
    }
    check_path(path).map_err(bad)?;
    Ok(RemoteUrl {
        scheme: Scheme::Ssh,
        text: text.to_owned(),
        host: Some(host.trim_matches(['[', ']']).to_owned()),
        port: None,
        local: None,
        login: None,
    })
}

fn local(text: &str, path: String) -> Result<RemoteUrl, UrlError> {
    let bad = |reason: &'static str| UrlError::Malformed { url: redact(text), reason };
    check_path(&path).map_err(bad)?;
    let trimmed = path.trim_end_matches('/');
    Ok(RemoteUrl {
        scheme: Scheme::Local,
        text: text.to_owned(),
        host: None,
        port: None,
        local: Some(PathBuf::from(trimmed)),
        login: None,
    })
}

fn host_and_port(place: &str) -> Result<(String, Option<u16>), &'static str> {
    let colon = match place.rfind(']') {
        Some(bracket) => place[bracket..].find(':').map(|colon| bracket + colon),
        None => place.find(':'),
    };
    let (host, port) = match colon {
        Some(colon) => (&place[..colon], Some(&place[colon + 1..])),
        None => (place, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let valid = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)),
    };
    if host.is_empty() {
        return Err("its host is empty");
    }
    if !valid || host.starts_with('-') || host.contains("..") {
        return Err("its host is not valid");
    }
    let port = match port {
        None => None,
        Some(port) => match port.parse() {
            Ok(port) if port != 0 => Some(port),
            _ => return Err("its port is not a number from 1 to 65535"),
        },
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn check_user(user: &str) -> Result<(), &'static str> {
    if user.contains(':') {
        return Err("it has a password, which ssh does not take");
    }
    let plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    if user.is_empty() || user.starts_with('-') || !plain {
        return Err("its user name is not valid");
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.trim_matches('/').is_empty() {
        return Err("it names no repository");
    }
    if path.split('/').any(|segment| segment == "..") {
        return Err("it contains `..`");
    }
    if path.chars().any(char::is_control) {
        return Err("it contains a control character");
    }
    Ok(())
}
