//! The message and the hint for each cause.

use std::fmt;
use std::path::Path;

use super::cause::{Certificate, Forge};
use super::{Cause, Refusal, Token};
use crate::error::{Diagnostic, ErrorKind};
use crate::git::credentials::variable;
use crate::git::url::Scheme;

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, host, .. } = self;
        match &self.cause {
            Cause::AuthRequired => write!(out, "`{url}` requires authentication"),
            Cause::AuthFailed(methods) if methods.is_empty() => {
                write!(out, "`{url}` rejected the login")
            }
            Cause::AuthFailed(methods) => {
                write!(out, "`{url}` rejected the login (it accepts {})", methods.join(", "))
            }
            Cause::Forbidden => write!(out, "access to `{url}` is not allowed"),
            Cause::HostKeyUnknown => write!(out, "the ssh host key of `{host}` is unknown"),
            Cause::HostKeyChanged => {
                write!(out, "the ssh host key of `{host}` differs from the known one")
            }
            Cause::HostKeyRevoked => write!(out, "the ssh host key of `{host}` is revoked"),
            Cause::KeyFile(file, why) => write!(out, "cannot use the ssh key `{file}`: {why}"),
            Cause::SshConfig => write!(out, "ssh rejects its configuration"),
            Cause::SshAlgorithm(..) => {
                write!(out, "ssh and `{host}` have no algorithm in common")
            }
            Cause::ProxyJump => write!(out, "cannot reach `{host}` through its ssh jump host"),
            Cause::NoSsh => write!(out, "there is no ssh client"),
            Cause::NotGit => write!(out, "`{host}` does not run git for this ssh account"),
            Cause::Certificate(certificate) => match certificate {
                Certificate::Expired => write!(out, "the certificate of `{host}` has expired"),
                Certificate::OtherName => {
                    write!(out, "the certificate of `{host}` is for another host")
                }
                Certificate::Untrusted => {
                    write!(out, "the certificate of `{host}` is not from a trusted authority")
                }
                Certificate::ClientNeeded => write!(out, "`{host}` requires a client certificate"),
                Certificate::File => write!(out, "git cannot read a certificate file"),
                Certificate::Invalid => write!(out, "the certificate of `{host}` is not valid"),
            },
            Cause::NotFound => write!(out, "there is no repository at `{url}`"),
            Cause::NotFoundOrForbidden(_) => {
                write!(out, "there is no repository at `{url}`, or you may not read it")
            }
            Cause::Redirected => {
                write!(out, "`{url}` redirects to something that is not a repository")
            }
            Cause::Dns | Cause::DnsTemporary => write!(out, "cannot find the host `{host}`"),
            Cause::Refused => write!(out, "no server at `{}`", self.place()),
            Cause::Unreachable => write!(out, "cannot reach `{host}`"),
            Cause::Silent(limit) => {
                write!(out, "`{url}` sent nothing for {} s", limit.as_secs())
            }
            Cause::TimedOut => write!(out, "the connection to `{url}` timed out"),
            Cause::Disconnected => write!(out, "the connection to `{url}` broke"),
            Cause::ServerError(status) => write!(out, "`{url}` failed with status {status}"),
            Cause::RateLimited => write!(out, "`{host}` has received too many requests"),
            Cause::Proxy { login: true } => {
                write!(out, "the proxy on the way to `{host}` requires authentication")
            }
            Cause::Proxy { login: false } => write!(out, "the proxy on the way to `{host}` failed"),
            Cause::Owner(path) => write!(out, "`{}` belongs to another user", path.display()),
            Cause::NoSuchRef => write!(out, "`{url}` does not have what is asked for"),
            Cause::Unsupported(reason) => write!(out, "cannot fetch `{url}`: {reason}"),
            Cause::DiskFull => write!(out, "cannot fetch `{url}`: no space is left"),
            Cause::Other => write!(out, "cannot fetch `{url}`"),
        }
    }
}

impl Refusal {
    fn place(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// `git@host`, as the address has it, with the port where it is another than ssh's.
    fn ssh(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = self.port.filter(|port| *port != 22);
        let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
        format!("{port}{user}{}", self.host)
    }

    fn needs_login(&self) -> String {
        let address = "check the address; ";
        match (self.scheme, self.token) {
            (Scheme::Ssh, _) => self.ssh_login(),
            (_, Token::Given) => {
                format!(
                    "{address}if it is right, give hero a token that is valid: {}",
                    self.token_line()
                )
            }
            (_, Token::Withheld) => format!(
                "hero does not send its token over plain http: use https, or allow it in \
                 config.toml: [git.tokens] \"http://{}\" = \"TOKEN\"",
                self.place()
            ),
            (Scheme::Http, Token::None) if !self.is_here() => format!(
                "{address}for a private repository use https, or in config.toml: \
                 [git.tokens] \"http://{}\" = \"TOKEN\"",
                self.place()
            ),
            (_, Token::None) => {
                let ask = if self.asked { "" } else { "; or let git ask you: HERO_GIT_PROMPT=1" };
                format!("{address}for a private repository: {}{ask}", self.token_line())
            }
        }
    }

    fn token_line(&self) -> String {
        if self.elsewhere {
            return format!("in config.toml: [git.tokens] \"{}\" = \"TOKEN\"", self.place());
        }
        match self.host.as_str() {
            "github.com" => "export GITHUB_TOKEN=TOKEN".to_owned(),
            "gitlab.com" => "export GITLAB_TOKEN=TOKEN".to_owned(),
            host => format!("export {}=TOKEN (or USER:TOKEN)", variable(host)),
        }
    }

    fn is_here(&self) -> bool {
        self.host == "localhost" || self.host == "::1" || self.host.starts_with("127.")
    }

    fn ssh_login(&self) -> String {
        format!(
            "load your key into the agent (ssh-add ~/.ssh/KEY), then see who the server takes you \
             for: ssh -T {}",
            self.ssh()
        )
    }

    fn not_found(&self) -> String {
        match (self.scheme, self.token) {
            (Scheme::Local, _) => {
                format!("check the path: ls -d {}", self.url.trim_start_matches("file://"))
            }
            (Scheme::Ssh, _) => {
                format!(
                    "check the path in the address, and who you are there: ssh -T {}",
                    self.ssh()
                )
            }
            (Scheme::Git, _) => {
                "check the address, and that the server exports the repository".into()
            }
            (_, Token::None) => {
                format!("check the address; for a private repository: {}", self.token_line())
            }
            (_, _) => "check the address, and that the token may read this repository".into(),
        }
    }

    fn certificate(&self, certificate: Certificate) -> String {
        let server = format!("https://{}", self.place());
        match certificate {
            Certificate::Expired => format!(
                "the server needs a new one; check this machine's clock too: date; what it shows: \
                 openssl s_client -connect {}:{} </dev/null",
                self.host,
                self.port.unwrap_or(443)
            ),
            Certificate::OtherName => "use the host name that the certificate is for".into(),
            Certificate::Invalid => format!(
                "it has expired (check this machine's clock too: date), is for another host, or \
                 comes from an authority of your own; for that: git config --global \
                 http.{server}/.sslCAInfo /path/to/ca.pem"
            ),
            Certificate::Untrusted => format!(
                "for an authority of your own: git config --global http.{server}/.sslCAInfo \
                 /path/to/ca.pem; check this machine's clock too: date"
            ),
            Certificate::ClientNeeded => format!(
                "git config --global http.{server}/.sslCert CERT.pem; git config --global \
                 http.{server}/.sslKey KEY.pem"
            ),
            Certificate::File => {
                "check the files that are set: git config --get-regexp '^http.*ssl'; env | grep SSL"
                    .into()
            }
        }
    }

    fn forge(&self, forge: Forge) -> String {
        match forge {
            Forge::Gitolite => {
                format!("see which repositories you may read: ssh {} info", self.ssh())
            }
            Forge::Bitbucket | Forge::Other if self.scheme != Scheme::Ssh => self.not_found(),
            _ => format!(
                "check the address; then who the server takes your key for: ssh -T {}",
                self.ssh()
            ),
        }
    }
}

impl Diagnostic for Refusal {
    fn kind(&self) -> ErrorKind {
        match &self.cause {
            Cause::AuthRequired => ErrorKind::AuthRequired,
            Cause::AuthFailed(_) | Cause::KeyFile(..) => ErrorKind::AuthFailed,
            Cause::Forbidden => ErrorKind::Forbidden,
            Cause::HostKeyUnknown => ErrorKind::HostKeyUnknown,
            Cause::HostKeyChanged | Cause::HostKeyRevoked => ErrorKind::HostKeyChanged,
            Cause::SshConfig | Cause::SshAlgorithm(..) | Cause::NoSsh | Cause::NotGit => {
                ErrorKind::Ssh
            }
            Cause::Certificate(_) => ErrorKind::TlsInvalid,
            Cause::NotFound | Cause::NotFoundOrForbidden(_) => ErrorKind::RemoteNotFound,
            Cause::Redirected => ErrorKind::Redirected,
            Cause::Dns | Cause::DnsTemporary => ErrorKind::Dns,
            Cause::Refused => ErrorKind::Refused,
            Cause::Silent(_) | Cause::TimedOut | Cause::Unreachable => ErrorKind::Timeout,
            Cause::Disconnected | Cause::ProxyJump => ErrorKind::Disconnected,
            Cause::ServerError(_) => ErrorKind::ServerError,
            Cause::RateLimited => ErrorKind::RateLimited,
            Cause::Proxy { .. } => ErrorKind::Proxy,
            Cause::Owner(_) => ErrorKind::Owner,
            Cause::NoSuchRef => ErrorKind::RefNotFound,
            Cause::Unsupported(_) => ErrorKind::Unsupported,
            Cause::DiskFull => ErrorKind::DiskFull,
            Cause::Other => ErrorKind::Git,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = self.usual_hint();
        Some(match self.with_port() {
            Some(address) => format!(
                "the number after the colon is a part of the path here; if it is the port, \
                 write {address}; if not: {hint}"
            ),
            None => hint,
        })
    }

    fn details(&self) -> Vec<String> {
        let tries = (self.tries > 1).then(|| format!("tried {} times", self.tries));
        self.words.iter().cloned().chain(tries).collect()
    }

    fn option(&self) -> Option<&str> {
        Some("repo")
    }
}

impl Refusal {
    fn usual_hint(&self) -> String {
        let host = &self.host;
        match &self.cause {
            Cause::AuthRequired | Cause::AuthFailed(_) => self.needs_login(),
            Cause::Forbidden if self.scheme == Scheme::Ssh => format!(
                "ask for read access; the account that the server takes you for: ssh -T {}",
                self.ssh()
            ),
            Cause::Forbidden if self.token == Token::None => {
                format!("if it is private: {}", self.token_line())
            }
            Cause::Forbidden => "give the token the right to read this repository".into(),
            Cause::HostKeyUnknown => format!(
                "connect once and compare the fingerprint with the one that the host publishes: \
                 ssh {}",
                self.ssh()
            ),
            Cause::HostKeyChanged => {
                let name = match self.port.filter(|port| *port != 22) {
                    Some(port) => format!("'[{host}]:{port}'"),
                    None => host.clone(),
                };
                format!("only if you know why it changed: ssh-keygen -R {name}")
            }
            Cause::HostKeyRevoked => format!("ask the administrator of {host}"),
            Cause::KeyFile(file, why) => key_file(file, why),
            Cause::SshConfig => "mend the file that it names (chmod 600, or the option)".into(),
            Cause::SshAlgorithm(option, offer) => format!(
                "for an old server, in ~/.ssh/config below `Host {host}`: {option} +{}",
                offer.split(',').next().unwrap_or_default()
            ),
            Cause::ProxyJump => format!("try the jump host by itself: ssh -v {}", self.ssh()),
            Cause::NoSsh => "install it, for instance: sudo apt install openssh-client".into(),
            Cause::NotGit => format!("this must print nothing: ssh {} true", self.ssh()),
            Cause::Certificate(certificate) => self.certificate(*certificate),
            Cause::NotFound => self.not_found(),
            Cause::NotFoundOrForbidden(forge) => self.forge(*forge),
            Cause::Redirected => format!(
                "use the address it leads to, which this shows: curl -sIL {}/info/refs?service=git-upload-pack",
                self.url.trim_end_matches('/')
            ),
            Cause::Dns | Cause::DnsTemporary => {
                format!("check the name and the network: getent hosts {host}")
            }
            Cause::Refused => {
                "check the host and port in the address, and that the server runs".into()
            }
            Cause::Unreachable | Cause::TimedOut => format!("check the network: ping {host}"),
            Cause::Silent(_) => {
                "rerun; for a slow server, or a credential helper that waits for you, allow more: \
                 export HERO_GIT_TIMEOUT=300"
                    .into()
            }
            Cause::Disconnected => "rerun; if it stays: HERO_LOG=debug shows what git does".into(),
            Cause::ServerError(_) => {
                "the server has a fault: rerun later, or ask its administrator".into()
            }
            Cause::RateLimited => match self.retry_after {
                Some(wait) if wait.as_secs() < 86_400 => format!("rerun in {} s", wait.as_secs()),
                _ if self.token == Token::None && self.scheme == Scheme::Https => {
                    format!("rerun later; with a token the limit is higher: {}", self.token_line())
                }
                _ => "rerun later".into(),
            },
            Cause::Proxy { login: true } => {
                "export https_proxy=http://USER:PASSWORD@PROXY:PORT".into()
            }
            Cause::Proxy { login: false } => {
                "check the proxy that is set: env | grep -i proxy; git config --get-regexp proxy"
                    .into()
            }
            Cause::Owner(path) => self.owner(path),
            Cause::NoSuchRef => format!("see what it has: git ls-remote {}", self.url),
            Cause::DiskFull => "free some space, then rerun: df -h".into(),
            Cause::Unsupported(_) | Cause::Other => {
                format!("try it with git itself: git ls-remote {}", self.url)
            }
        }
    }

    /// The address with a port that is meant by `git@host:2222/owner/name`, where the
    /// number is a part of the path.
    fn with_port(&self) -> Option<String> {
        let elsewhere = matches!(
            self.cause,
            Cause::DiskFull
                | Cause::NoSuchRef
                | Cause::NoSsh
                | Cause::SshConfig
                | Cause::KeyFile(..)
                | Cause::Unsupported(_)
        );
        if self.scheme != Scheme::Ssh || self.url.contains("://") || elsewhere {
            return None;
        }
        let host = self.url.find(']').unwrap_or(0);
        let (place, path) = self.url.split_at(host + self.url[host..].find(':')?);
        let (port, path) = path.strip_prefix(':')?.split_once('/')?;
        let is_port = port.parse::<u16>().is_ok_and(|port| port != 0);
        (is_port && !path.is_empty()).then(|| format!("ssh://{place}:{port}/{path}"))
    }

    fn owner(&self, path: &Path) -> String {
        let path = path.to_string_lossy();
        let command =
            format!("git config --global --add safe.directory {}", shell_words::quote(&path));
        if self.scheme == Scheme::Local {
            format!("if you trust it: {command}")
        } else {
            format!("on the server, as the user that git runs as there: {command}")
        }
    }
}

/// What mends a file with a private key.
fn key_file(file: &str, why: &str) -> String {
    let file = shell_words::quote(file);
    if why.contains("bad permissions") || why.contains("Permission denied") {
        format!("chmod 600 {file}")
    } else {
        format!("check that it is a whole private key: ssh-keygen -y -f {file}")
    }
}
