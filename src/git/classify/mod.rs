//! What libgit2 and the git command line say, as errors of this module. The
//! texts are matched here and nowhere else.

use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode};

use crate::git::error::{Error, Fault};
use crate::git::tree;
use crate::git::url::{RemoteUrl, Scheme};
use crate::sys::fs;

/// A conversation with a remote that failed in libgit2.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: git2::Error,
    /// The ways to log in that were tried.
    pub tried: Vec<String>,
    /// Of the host key that was shown.
    pub fingerprint: Option<String>,
    /// Whether known_hosts has another key for this host.
    pub host_is_known: bool,
}

/// An error of libgit2 while it talked to `url`.
pub(super) fn native(failure: &Failure, url: &RemoteUrl) -> Error {
    let (code, class) = (failure.error.code(), failure.error.class());
    let text = failure.error.message();
    let says = |part: &str| text.contains(part);
    let host = url.host().unwrap_or_default().to_owned();
    if let Some(status) = http_status(text) {
        return from_status(status, url, &failure.tried);
    }
    if code == ErrorCode::Certificate && url.scheme() == Scheme::Ssh {
        return host_key(url, failure.host_is_known, failure.fingerprint.clone());
    }
    if code == ErrorCode::Certificate || says("certificate") {
        return Error::TlsInvalid { host, reason: text.to_owned() };
    }
    let auth = ["authentication required", "authentication replays", "authenticat"];
    if code == ErrorCode::Auth || auth.iter().any(|part| says(part)) {
        return refused_login(url, &failure.tried);
    }
    if says("cannot redirect") || says("unexpected redirect") || says("redirect without") {
        return Error::Redirected { url: url.to_string(), reason: text.to_owned() };
    }
    // A web page instead of a repository has another content type.
    let absent = ["repository not exported", "epository not found", "content-type"];
    if absent.iter().any(|part| says(part)) {
        return not_found(url, &failure.tried);
    }
    // libgit2 takes a path that is not there for an unknown kind of URL.
    if url.local_path().is_some_and(|path| !fs::exists(path)) {
        return not_found(url, &[]);
    }
    if says("unsupported") || says("not supported") || says("unknown object format") {
        return Error::Unsupported { url: url.to_string(), reason: text.to_owned() };
    }
    if url.is_local() {
        let missing = code == ErrorCode::NotFound || says("could not find repository");
        return if missing { not_found(url, &[]) } else { local(&failure.error, url) };
    }
    let fault = if says("failed to resolve address") {
        Fault::Dns
    } else if says("onnection refused") {
        Fault::Refused
    } else if code == ErrorCode::Timeout || says("timed out") {
        Fault::Timeout
    } else if matches!(
        class,
        ErrorClass::Net | ErrorClass::Os | ErrorClass::Ssl | ErrorClass::Ssh | ErrorClass::Http
    ) || (class == ErrorClass::Indexer && code != ErrorCode::User)
    {
        Fault::Disconnected
    } else {
        return local(&failure.error, url);
    };
    network(url, fault, text)
}

/// What the git command line wrote on standard error about `url`.
pub(super) fn command(stderr: &str, url: &RemoteUrl, with_login: bool) -> Error {
    let says = |parts: &[&str]| parts.iter().any(|part| stderr.contains(part));
    let reason = last_words(stderr);
    let tried: Vec<String> = with_login.then(|| "token".to_owned()).into_iter().collect();
    if says(&["dubious ownership"]) {
        return Error::Owner { path: url.local_path().unwrap_or(Path::new("/")).to_owned() };
    }
    if says(&[
        "does not appear to be a git repository",
        "epository not found",
        "' not found",
        "not exported",
        "not valid: is this",
    ]) || (url.is_local() && says(&["does not exist", "o such file"]))
    {
        return not_found(url, &tried);
    }
    if url.is_local() {
        return git(url, &reason);
    }
    if says(&["HOST IDENTIFICATION HAS CHANGED"]) {
        return host_key(url, true, None);
    }
    if says(&["Host key verification failed"]) {
        return host_key(url, false, None);
    }
    if let Some((_, methods)) = stderr.split_once("Permission denied (") {
        let methods = methods.split(')').next().unwrap_or_default();
        return refused_login(url, &methods.split(',').map(str::to_owned).collect::<Vec<_>>());
    }
    if says(&["Authentication failed", "could not read Username", "could not read Password"]) {
        return refused_login(url, &tried);
    }
    if says(&["certificate"]) {
        let host = url.host().unwrap_or_default().to_owned();
        return Error::TlsInvalid { host, reason };
    }
    if let Some(status) = http_status(stderr) {
        return from_status(status, url, &tried);
    }
    if says(&["redirect"]) {
        return Error::Redirected { url: url.to_string(), reason };
    }
    let fault = if says(&["Could not resolve host", "unable to look up"]) {
        Fault::Dns
    } else if says(&["onnection refused"]) {
        Fault::Refused
    } else if says(&["timed out", "Timeout", "too slow"]) {
        Fault::Timeout
    } else if says(&["hung up", "early EOF", "onnection reset", "RPC failed", "Broken pipe"]) {
        Fault::Disconnected
    } else {
        return git(url, &reason);
    };
    network(url, fault, &reason)
}

/// An error of libgit2 about the repository at `path`.
pub(super) fn repository(error: &git2::Error, action: &'static str, path: &Path) -> Error {
    let text = error.message().to_owned();
    match (error.code(), error.class()) {
        (ErrorCode::Owner, _) => Error::Owner { path: path.to_owned() },
        (ErrorCode::Locked, _) => {
            // `failed to lock file '/…/refs/heads/main.lock' for writing`
            let named = text.split('\'').nth(1).map(PathBuf::from);
            let named = named.filter(|path| path.extension().is_some_and(|end| end == "lock"));
            let path = named.unwrap_or_else(|| path.join(".git/index.lock"));
            Error::Locked { age: tree::age(&path), path }
        }
        (ErrorCode::NotFound, ErrorClass::Repository) => {
            Error::NotACheckout { path: path.to_owned(), reason: "it is not a git repository" }
        }
        (ErrorCode::HashsumMismatch, _)
        | (_, ErrorClass::Odb | ErrorClass::Zlib | ErrorClass::Index) => {
            Error::Corrupt { path: path.to_owned(), reason: text }
        }
        _ => Error::Git { action, what: path.display().to_string(), reason: text },
    }
}

/// A time-out that hero itself noticed.
pub(super) fn silence(url: &RemoteUrl) -> Error {
    network(url, Fault::Timeout, "")
}

fn network(url: &RemoteUrl, fault: Fault, reason: &str) -> Error {
    Error::Network {
        url: url.to_string(),
        host: url.host().unwrap_or_default().to_owned(),
        fault,
        reason: reason.to_owned(),
        tries: 1,
    }
}

fn local(error: &git2::Error, url: &RemoteUrl) -> Error {
    match (error.code(), url.local_path()) {
        (ErrorCode::Owner, Some(path)) => Error::Owner { path: path.to_owned() },
        _ => git(url, error.message()),
    }
}

fn git(url: &RemoteUrl, reason: &str) -> Error {
    Error::Git { action: "fetch", what: url.to_string(), reason: reason.to_owned() }
}

fn not_found(url: &RemoteUrl, tried: &[String]) -> Error {
    Error::RemoteNotFound {
        url: url.to_string(),
        host: url.host().map(str::to_owned),
        login: !tried.is_empty(),
    }
}

fn refused_login(url: &RemoteUrl, tried: &[String]) -> Error {
    let host = url.host().unwrap_or_default().to_owned();
    let ssh = url.scheme() == Scheme::Ssh;
    let url = url.to_string();
    if tried.is_empty() {
        Error::AuthRequired { url, host, ssh }
    } else {
        Error::AuthFailed { url, host, ssh, methods: tried.to_vec() }
    }
}

fn host_key(url: &RemoteUrl, known: bool, fingerprint: Option<String>) -> Error {
    let host = url.host().unwrap_or_default().to_owned();
    let port = url.port().unwrap_or(22);
    if known {
        Error::HostKeyChanged { host, port, fingerprint }
    } else {
        Error::HostKeyUnknown { host, port, fingerprint }
    }
}

fn from_status(status: u16, url: &RemoteUrl, tried: &[String]) -> Error {
    match status {
        300..=399 => {
            Error::Redirected { url: url.to_string(), reason: format!("http status {status}") }
        }
        401 | 403 => refused_login(url, tried),
        404 | 410 => not_found(url, tried),
        429 | 500..=599 => network(url, Fault::Server, &format!("http status {status}")),
        _ => git(url, &format!("http status {status}")),
    }
}

/// The status in `unexpected http status code: 404` of libgit2 and in
/// `The requested URL returned error: 404` of git.
fn http_status(text: &str) -> Option<u16> {
    let (_, rest) = text
        .split_once("http status code: ")
        .or_else(|| text.split_once("requested URL returned error: "))?;
    rest.get(..3)?.parse().ok()
}

/// The line that says what went wrong: the last `fatal:` or `error:` one that
/// is not git's general advice.
fn last_words(stderr: &str) -> String {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().rfind(|line| {
        (line.starts_with("fatal: ") || line.starts_with("error: "))
            && !line.contains("Could not read from remote repository")
    });
    let line = fatal.or_else(|| lines().next_back()).unwrap_or("git said nothing");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
