//! The cause, read from git's, ssh's and curl's messages in the C locale. These
//! texts are matched here and nowhere else.

use std::path::PathBuf;
use std::time::Duration;

use crate::git::url::{RemoteUrl, Scheme};

/// Why a remote refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::git) enum Cause {
    /// It asks for a login, and there is none.
    AuthRequired,
    /// It refused the login; the ways that ssh tried.
    AuthFailed(Vec<String>),
    /// It knows who asks, and does not allow it.
    Forbidden,
    HostKeyUnknown,
    HostKeyChanged,
    HostKeyRevoked,
    /// A file with a private key cannot be used: the file, and why.
    KeyFile(String, String),
    /// The ssh client's configuration is wrong.
    SshConfig,
    /// No algorithm that both sides have: the option, and what the server has.
    SshAlgorithm(&'static str, String),
    /// The host on the way does not work.
    ProxyJump,
    /// There is no ssh client.
    NoSsh,
    /// The server's shell prints something that is not git's.
    NotGit,
    Certificate(Certificate),
    /// There is no such repository.
    NotFound,
    /// There is no such repository, or not for this user; the forge does not say
    /// which.
    NotFoundOrForbidden(Forge),
    Redirected,
    Dns,
    DnsTemporary,
    Refused,
    Unreachable,
    /// Nothing came for this long.
    Silent(Duration),
    TimedOut,
    Disconnected,
    /// A status of 500 or above.
    ServerError(u16),
    RateLimited,
    /// The proxy asks for a login of its own, or does not answer.
    Proxy {
        login: bool,
    },
    /// The repository on this machine belongs to another user.
    Owner(PathBuf),
    /// The remote does not have, or does not hand out, the ref or commit.
    NoSuchRef,
    /// git does not do this; why.
    Unsupported(String),
    /// A disk of this machine is full.
    DiskFull,
    Other,
}

/// What is wrong with a certificate, as far as the TLS library tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::git) enum Certificate {
    Expired,
    OtherName,
    /// Signed by an authority that is not trusted, or by itself.
    Untrusted,
    /// The server wants to see one of ours.
    ClientNeeded,
    /// The file with authorities, or with our own certificate, cannot be read.
    File,
    /// One of several; older TLS libraries do not say which.
    Invalid,
}

/// Whose ssh server it is, by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::git) enum Forge {
    GitHub,
    GitLab,
    Gitea,
    Gitolite,
    Bitbucket,
    Other,
}

/// Whether any of the texts is in `text`.
fn any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

impl Cause {
    /// Reads it from what git printed about `url`.
    pub(super) fn read(text: &str, url: &RemoteUrl) -> Self {
        if any(text, &["No space left on device", "Disk quota exceeded"])
            && !text.contains("remote: ")
        {
            return Self::DiskFull;
        }
        local(text, url)
            .or_else(|| refs(text))
            .or_else(|| ssh(text, url))
            .or_else(|| web(text, url))
            .or_else(|| missing(text, url))
            .or_else(|| network(text))
            .unwrap_or(Self::Other)
    }
}

/// Faults of a repository that is reached by its path, here or on the server.
fn local(text: &str, url: &RemoteUrl) -> Option<Cause> {
    if let Some((_, rest)) = text.split_once("detected dubious ownership in repository at '") {
        let path = rest.split('\'').next().unwrap_or_default();
        return Some(Cause::Owner(PathBuf::from(path)));
    }
    let absent = ["does not exist", "o such file", "does not appear to be a git repository"];
    (url.is_local() && any(text, &absent)).then_some(Cause::NotFound)
}

fn refs(text: &str) -> Option<Cause> {
    let parts =
        ["couldn't find remote ref", "not found in upstream", "not our ref", "unadvertised object"];
    if any(text, &parts) {
        return Some(Cause::NoSuchRef);
    }
    let line = |part: &str| {
        let line = text.lines().find(|line| line.contains(part))?;
        let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ");
        Some(Cause::Unsupported(line.to_owned()))
    };
    [
        "mismatched algorithms",
        "transport '",
        "protocol '",
        "is shallow, reject to clone",
        "remote helper '",
    ]
    .into_iter()
    .find_map(line)
    .filter(|_| {
        any(
            text,
            &[
                "mismatched",
                "not allowed",
                "is not supported",
                "reject to clone",
                "aborted session",
            ],
        )
    })
}

fn ssh(text: &str, url: &RemoteUrl) -> Option<Cause> {
    if any(text, &["REMOTE HOST IDENTIFICATION HAS CHANGED"]) {
        return Some(Cause::HostKeyChanged);
    }
    if any(text, &["REVOKED HOST KEY DETECTED"]) {
        return Some(Cause::HostKeyRevoked);
    }
    if any(text, &["Host key verification failed"]) {
        return Some(Cause::HostKeyUnknown);
    }
    if any(text, &["UNKNOWN port 65535", "stdio forwarding failed"]) {
        return Some(Cause::ProxyJump);
    }
    if let Some((_, rest)) = text.split_once("no matching ") {
        let offer = rest.split_once("Their offer: ").map_or("", |(_, offer)| offer);
        let offer = offer.lines().next().unwrap_or_default().trim().to_owned();
        let option = ["host key type", "key exchange method", "cipher", "MAC"]
            .iter()
            .position(|it| rest.starts_with(it));
        let name = ["HostKeyAlgorithms", "KexAlgorithms", "Ciphers", "MACs"];
        return Some(Cause::SshAlgorithm(name[option.unwrap_or(1)], offer));
    }
    if any(
        text,
        &["Bad owner or permissions on", "Bad configuration option", "bad configuration options"],
    ) {
        return Some(Cause::SshConfig);
    }
    if any(text, &["cannot run ssh", "unable to fork"]) && text.contains("No such file") {
        return Some(Cause::NoSsh);
    }
    if any(text, &["Permission denied (", "Too many authentication failures"]) {
        // A key that could not be read is why it was not offered.
        let bad =
            text.lines().find_map(|line| line.strip_prefix("Load key \"")?.split_once("\": "));
        if let Some((file, why)) = bad {
            return Some(Cause::KeyFile(file.to_owned(), why.trim().to_owned()));
        }
        let tried = text.split_once("Permission denied (").map_or("", |(_, rest)| rest);
        let tried = tried.split(')').next().unwrap_or_default();
        let methods = tried.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        return Some(Cause::AuthFailed(methods));
    }
    let shell = ["bad line length character", "This account is currently not available"];
    let ours = url.scheme() == Scheme::Ssh && any(text, &shell);
    (ours || text.contains("git-upload-pack: command not found")).then_some(Cause::NotGit)
}

fn web(text: &str, url: &RemoteUrl) -> Option<Cause> {
    if any(text, &["407 from proxy", "response 407", "returned error: 407"]) {
        return Some(Cause::Proxy { login: true });
    }
    if connects_elsewhere(text, url) {
        return Some(Cause::Proxy { login: false });
    }
    if any(
        text,
        &[
            "resolve proxy",
            "Proxy CONNECT aborted",
            "CONNECT tunnel failed",
            "from proxy after CONNECT",
            "over proxy",
            "SOCKS",
        ],
    ) {
        return Some(Cause::Proxy { login: false });
    }
    if any(text, &["Authentication failed for"]) {
        return Some(Cause::AuthFailed(Vec::new()));
    }
    if any(text, &["could not read Username", "could not read Password", "unable to read askpass"])
    {
        return Some(Cause::AuthRequired);
    }
    if let Some(certificate) = certificate(text) {
        return Some(Cause::Certificate(certificate));
    }
    if any(text, &["update url base from redirection", "redirects followed"]) {
        return Some(Cause::Redirected);
    }
    if text.contains("rate limited by") {
        return Some(Cause::RateLimited);
    }
    status(text)
}

/// The address of the server that asked for a login or rejected one, as git names it.
pub(super) fn asking_server(text: &str) -> Option<RemoteUrl> {
    let words = [
        "could not read Username for '",
        "could not read Password for '",
        "Authentication failed for '",
    ];
    let rest = words.iter().find_map(|words| Some(text.split_once(words)?.1))?;
    let address = rest.split('\'').next()?.trim_end_matches('/');
    let place = address.split_once("://")?.1;
    let address = if place.contains('/') { address.to_owned() } else { format!("{address}/x") };
    RemoteUrl::parse(&address).ok()
}

/// Whether curl could not reach a place that is not the address's own: a proxy.
fn connects_elsewhere(text: &str, url: &RemoteUrl) -> bool {
    // After `insteadOf` or a redirect this is another address than the script's.
    let asked = text.split_once("unable to access '").and_then(|(_, rest)| rest.split('\'').next());
    let asked = asked.and_then(|asked| RemoteUrl::parse(asked).ok());
    let url = asked.as_ref().unwrap_or(url);
    let Some((_, rest)) = text.split_once("Failed to connect to ") else { return false };
    let Some((host, rest)) = rest.split_once(" port ") else { return false };
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    let usual = if url.scheme() == Scheme::Https { 443 } else { 80 };
    let own = url.port().unwrap_or(usual).to_string();
    digits != own || url.host() != Some(host.trim_matches(['[', ']']))
}

/// The HTTP status in `The requested URL returned error: 404`.
fn status(text: &str) -> Option<Cause> {
    let (_, rest) = text.split_once("requested URL returned error: ")?;
    Some(match rest.get(..3)?.parse().ok()? {
        300..=399 => Cause::Redirected,
        401 => Cause::AuthRequired,
        403 => Cause::Forbidden,
        404 | 410 => Cause::NotFound,
        429 => Cause::RateLimited,
        status @ 500..=599 => Cause::ServerError(status),
        _ => Cause::Other,
    })
}

fn certificate(text: &str) -> Option<Certificate> {
    let lower = text.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&[
        "error setting certificate",
        "ca cert (path",
        "error reading x.509",
        "unable to set private key",
        "could not load pem client",
    ]) {
        return Some(Certificate::File);
    }
    if has(&[
        "certificate required",
        "tls fatal alert has been received",
        "no required ssl certificate",
    ]) {
        return Some(Certificate::ClientNeeded);
    }
    if !lower.contains("certificate") {
        return None;
    }
    Some(if has(&["has expired", "certificate expired", "not yet valid", "not activated"]) {
        Certificate::Expired
    } else if has(&[
        "does not match target",
        "matches target",
        "no alternative certificate",
        "name does not match",
    ]) {
        Certificate::OtherName
    } else if has(&["self-signed", "self signed", "issuer", "signer not trusted", "not trusted"]) {
        Certificate::Untrusted
    } else if has(&["verification failed", "certificate problem", "verify failed"]) {
        Certificate::Invalid
    } else {
        return None;
    })
}

/// Servers that do not have the repository, or do not say whether they have it.
fn missing(text: &str, url: &RemoteUrl) -> Option<Cause> {
    let forges = [
        (
            Forge::GitLab,
            &[
                "The project you were looking for could not be found",
                "not allowed to download code from this project",
            ][..],
        ),
        (
            Forge::Gitea,
            &[
                "Gitea: ",
                "Forgejo: ",
                "Gogs: ",
                "Cannot find repository",
                "is not authorized to read",
            ],
        ),
        (Forge::Gitolite, &["DENIED by"]),
        (
            Forge::Bitbucket,
            &[
                "either does not exist or you do not have access",
                "conq: ",
                "repository access denied",
                "or you do not have permission to access it",
            ],
        ),
        (Forge::GitHub, &["ERROR: Repository not found", "ERROR: Permission to"]),
        (Forge::Other, &["TF401019", "repository not exported"]),
    ];
    let by_words = forges.iter().find(|(_, parts)| any(text, parts)).map(|(forge, _)| *forge);
    if let Some(forge) = by_words {
        if any(text, &["is not authorized to", "ERROR: Permission to", "not allowed to download"]) {
            return Some(Cause::Forbidden);
        }
        return Some(Cause::NotFoundOrForbidden(forge));
    }
    let absent = [
        "does not appear to be a git repository",
        "epository not found",
        "' not found",
        "no such repository",
        "not a git archive",
        "not valid: is this a git repository",
        "invalid server response",
        "could not determine hash algorithm",
    ];
    if any(text, &absent) {
        return Some(Cause::NotFound);
    }
    // A page in the place of an answer.
    let page = text.contains("bad line length character") && url.scheme() != Scheme::Ssh;
    page.then_some(Cause::NotFound)
}

fn network(text: &str) -> Option<Cause> {
    let parts: [(&[&str], Cause); 7] = [
        (&["Temporary failure in name resolution"], Cause::DnsTemporary),
        (&["resolve host", "unable to look up"], Cause::Dns),
        (
            &["onnection refused", "Couldn't connect to server", "Could not connect to server"],
            Cause::Refused,
        ),
        (&["No route to host", "etwork is unreachable"], Cause::Unreachable),
        (&["timed out", "imeout", "too slow"], Cause::TimedOut),
        (&["Internal API", "Internal Server"], Cause::ServerError(500)),
        (
            &[
                "hung up",
                "early EOF",
                "onnection reset",
                "onnection closed",
                "RPC failed",
                "Broken pipe",
                "unexpected disconnect",
                "Empty reply",
                "TLS connection was non-properly terminated",
                "Error in the pull function",
                "SSL_ERROR_SYSCALL",
                "handshake",
                "wrong version number",
                "kex_exchange",
                "bytes of body are still expected",
                "transfer closed",
                "curl ",
            ],
            Cause::Disconnected,
        ),
    ];
    parts.into_iter().find(|(texts, _)| any(text, texts)).map(|(_, cause)| cause)
}
