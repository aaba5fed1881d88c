//! Addresses that are refused.

use crate::error::{Diagnostic, ErrorKind};

/// Why a text is not accepted as the address of a repository.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub(crate) enum UrlError {
    /// Not an address of a repository. `url` is redacted.
    #[error("`{}` is not a repository URL: {reason}", url.escape_debug())]
    Malformed { url: String, reason: &'static str },
    /// A transport that hero does not use.
    #[error("`{}` uses `{scheme}`, which is not allowed", url.escape_debug())]
    SchemeDenied { url: String, scheme: String },
}

impl Diagnostic for UrlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. } => ErrorKind::BadUrl,
            Self::SchemeDenied { .. } => ErrorKind::SchemeDenied,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Malformed { url, reason } => malformed(url, reason),
            Self::SchemeDenied { url, scheme } => denied(url, scheme),
        })
    }

    fn option(&self) -> Option<&str> {
        Some("repo")
    }
}

fn malformed(url: &str, reason: &str) -> String {
    // `host.domain/owner/name` is a web address without its scheme.
    let host = url.split('/').next().unwrap_or_default();
    let parts = url.split('/').filter(|segment| !segment.is_empty()).count();
    let web = !url.contains("***")
        && !url.starts_with(['.', '-'])
        && host.contains('.')
        && !host.contains('@')
        && parts > 1;
    if reason.contains("relative") && web {
        return format!("did you mean `https://{url}`?");
    }
    // `git@host/owner/name` has a slash where ssh has a colon.
    if let Some((place, path)) = url.split_once('/')
        && reason.contains("relative")
        && place.contains('@')
        && !place.contains("***")
    {
        return format!("did you mean `{place}:{path}`?");
    }
    if reason.contains("relative") && parts == 2 && !url.starts_with('.') {
        return format!("did you mean `https://github.com/{url}`, or an absolute path?");
    }
    if reason.contains("relative") {
        return "write the absolute path, for instance: /srv/git/my-service".into();
    }
    "write it like https://github.com/owner/name or git@github.com:owner/name".into()
}

/// The address that is meant by a scheme or abbreviation of another tool.
fn denied(url: &str, scheme: &str) -> String {
    if let Some(plain) = url.strip_prefix("git+") {
        return format!("did you mean `{plain}`?");
    }
    let forges = [
        ("gh:", "github.com"),
        ("github:", "github.com"),
        ("gl:", "gitlab.com"),
        ("gitlab:", "gitlab.com"),
        ("cb:", "codeberg.org"),
        ("codeberg:", "codeberg.org"),
        ("bb:", "bitbucket.org"),
        ("sr:", "git.sr.ht"),
    ];
    for (prefix, host) in forges {
        if let Some(path) = url.strip_prefix(prefix) {
            return format!("did you mean `https://{host}/{path}`?");
        }
    }
    match scheme {
        "ftp" | "ftps" | "rsync" | "dav" | "davs" => {
            "git no longer speaks it well: use an https or ssh address".into()
        }
        _ => "use an https or ssh URL, or an absolute path".into(),
    }
}
