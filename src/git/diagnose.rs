//! What each error tells its reader to do.

use std::path::Path;

use super::credentials;
use super::error::{Error, Fault};
use crate::error::{Diagnostic, Exit};

impl Diagnostic for Error {
    fn kind(&self) -> &str {
        match self {
            Self::BadUrl { .. } => "bad_url",
            Self::SchemeDenied { .. } => "scheme_denied",
            Self::BadReference { .. } => "bad_reference",
            Self::AuthRequired { .. } => "auth_required",
            Self::AuthFailed { .. } => "auth_failed",
            Self::HostKeyUnknown { .. } => "host_key_unknown",
            Self::HostKeyChanged { .. } => "host_key_changed",
            Self::TlsInvalid { .. } => "tls_invalid",
            Self::RemoteNotFound { .. } => "remote_not_found",
            Self::Redirected { .. } => "redirected",
            Self::Network { fault: Fault::Dns, .. } => "dns",
            Self::Network { fault: Fault::Refused, .. } => "refused",
            Self::Network { fault: Fault::Timeout, .. } => "timeout",
            Self::Network { fault: Fault::Disconnected, .. } => "disconnected",
            Self::Network { fault: Fault::Server, .. } => "server_error",
            Self::Empty { .. } => "remote_empty",
            Self::RefNotFound(_) | Self::Ambiguous { .. } => "ref_not_found",
            Self::Conflict { .. } => "dirty",
            Self::Diverged { .. } => "diverged",
            Self::OtherBranch { .. } => "other_branch",
            Self::RemoteChanged { .. } => "remote_changed",
            Self::InProgress { .. } => "in_progress",
            Self::Nested { .. } => "nested_repository",
            Self::NotACheckout { .. } | Self::Unfinished { .. } => "not_a_checkout",
            Self::NoCheckout { .. } => "no_checkout",
            Self::Locked { .. } => "locked",
            Self::Owner { .. } => "owner",
            Self::Unsupported { .. } => "unsupported",
            Self::Corrupt { .. } => "corrupt",
            Self::Submodule { source, .. } => source.kind(),
            Self::SubmoduleDenied { .. } => "submodule_denied",
            Self::NoSubmodule { .. } => "no_submodule",
            Self::Interrupted { .. } => "interrupted",
            Self::File(error) => error.kind(),
            Self::Lock(error) => error.kind(),
            Self::Command(error) => error.kind(),
            Self::Git { .. } => "git",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BadUrl { url, reason } => bad_url(url, reason),
            Self::SchemeDenied { .. } => "use an https or ssh URL, or an absolute path".into(),
            Self::BadReference { option: "commit", .. } => {
                "give the whole hash, as `git rev-parse HEAD` shows it".into()
            }
            Self::BadReference { option, .. } => {
                format!("give the name of a {option} of the remote")
            }
            Self::AuthRequired { host, ssh, .. } | Self::AuthFailed { host, ssh, .. } => {
                login(host, *ssh)
            }
            Self::HostKeyUnknown { host, port, .. } => format!(
                "compare its fingerprint with the one the host publishes, then: \
                 ssh-keyscan -p {port} {host} >> ~/.ssh/known_hosts"
            ),
            Self::HostKeyChanged { host, port: 22, .. } => {
                format!("only if you know why it changed: ssh-keygen -R {host}")
            }
            Self::HostKeyChanged { host, port, .. } => {
                format!("only if you know why it changed: ssh-keygen -R '[{host}]:{port}'")
            }
            Self::TlsInvalid { .. } => {
                "for a certificate authority of your own: export SSL_CERT_FILE=/path/to/ca.pem"
                    .into()
            }
            Self::RemoteNotFound { url, host: None, .. } => format!("check the path: ls {url}"),
            Self::RemoteNotFound { host: Some(host), login: false, .. } => format!(
                "check the URL; if the repository is private: export {}=TOKEN",
                credentials::variable(host)
            ),
            Self::RemoteNotFound { .. } => {
                "check the URL, and that the token may read this repository".into()
            }
            Self::Redirected { url, .. } => {
                format!("use the URL it leads to, which this shows: curl -sIL {url}")
            }
            Self::Network { host, .. } if host.is_empty() => "rerun".into(),
            Self::Network { fault: Fault::Refused, host, .. } => {
                format!("check the URL's port, and that the server runs: ping {host}")
            }
            Self::Network { host, .. } => format!("check the network, then rerun: ping {host}"),
            Self::Empty { .. } => "push a first commit to it, then rerun".into(),
            Self::RefNotFound(missing) => match (&missing.elsewhere, missing.near.first()) {
                (Some(option), _) => format!("it is a {option}: {option}: \"{}\"", missing.name),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("name a {} that the remote has", missing.option),
            },
            Self::Ambiguous { .. } => "give more digits of the hash".into(),
            _ => return self.checkout_hint(),
        })
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Conflict { paths, .. } | Self::Nested { paths, .. } => paths.clone(),
            Self::RefNotFound(missing) if missing.has.is_empty() => Vec::new(),
            Self::RefNotFound(missing) => vec![format!("remote has: {}", missing.has.join(", "))],
            Self::NoSubmodule { has, .. } if has.is_empty() => vec!["it has none".into()],
            Self::NoSubmodule { has, .. } => vec![format!("it has: {}", has.join(", "))],
            Self::HostKeyUnknown { fingerprint: Some(print), .. }
            | Self::HostKeyChanged { fingerprint: Some(print), .. } => {
                vec![format!("its fingerprint is {print}")]
            }
            Self::Network { reason, tries, .. } => {
                let tries = (*tries > 1).then(|| format!("tried {tries} times"));
                let reason = (!reason.is_empty()).then(|| reason.clone());
                reason.into_iter().chain(tries).collect()
            }
            Self::Submodule { source, .. } => source.details(),
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::BadUrl { .. }
            | Self::SchemeDenied { .. }
            | Self::AuthRequired { .. }
            | Self::AuthFailed { .. }
            | Self::HostKeyUnknown { .. }
            | Self::HostKeyChanged { .. }
            | Self::TlsInvalid { .. }
            | Self::RemoteNotFound { .. }
            | Self::Redirected { .. }
            | Self::RemoteChanged { .. }
            | Self::Empty { .. }
            | Self::Network { fault: Fault::Dns | Fault::Refused, .. } => Some("repo"),
            Self::BadReference { option, .. } => Some(option),
            Self::RefNotFound(missing) => Some(missing.option),
            Self::Ambiguous { .. } => Some("commit"),
            Self::Submodule { .. } | Self::SubmoduleDenied { .. } | Self::NoSubmodule { .. } => {
                Some("submodules")
            }
            _ => None,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::BadUrl { .. }
            | Self::SchemeDenied { .. }
            | Self::BadReference { .. }
            | Self::NoSubmodule { .. } => Exit::Script,
            Self::Interrupted { .. } => Exit::Interrupted,
            Self::Submodule { source, .. } => source.exit(),
            Self::File(error) => error.exit(),
            Self::Lock(error) => error.exit(),
            Self::Command(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}

impl Error {
    /// Hints about what lies in a checkout.
    fn checkout_hint(&self) -> Option<String> {
        Some(match self {
            Self::Conflict { path, .. } => format!(
                "commit or stash them (git -C {path} stash), or rerun with --reset, which keeps \
                 them under a ref",
                path = quoted(path)
            ),
            Self::Diverged { path, upstream, .. } => format!(
                "git -C {} rebase {upstream}, or rerun with --reset, which keeps the local commits \
                 under a ref",
                quoted(path)
            ),
            Self::OtherBranch { path, wanted, .. } => {
                format!("git -C {} switch {wanted}, or rerun with --reset", quoted(path))
            }
            Self::RemoteChanged { .. } => {
                "is it another service? give it another `name`; to move this checkout: --reset"
                    .into()
            }
            Self::Unfinished { .. } => "rerun with --reset".into(),
            Self::InProgress { path, state } => {
                let command = match *state {
                    "rebase" => "rebase --abort",
                    "merge" => "merge --abort",
                    "cherry-pick" => "cherry-pick --abort",
                    "revert" => "revert --abort",
                    "bisect" => "bisect reset",
                    _ => "am --abort",
                };
                format!("end it: git -C {} {command}, or rerun with --reset", quoted(path))
            }
            Self::Nested { path, .. } => format!("move them out of {}, then rerun", quoted(path)),
            Self::NotACheckout { path, .. } | Self::Corrupt { path, .. } => {
                let path = quoted(path);
                let aside = format!("{path}.old");
                format!("move it away, then rerun: mv {path} {aside}")
            }
            Self::NoCheckout { .. } => "install the service first".into(),
            Self::Locked { path, .. } => {
                format!("if no git is at work there: rm {}", quoted(path))
            }
            Self::Owner { path } => {
                format!("make it yours: sudo chown -R \"$(id -un)\" {}", quoted(path))
            }
            Self::Unsupported { .. } => "install git, whose command line can do more".into(),
            Self::SubmoduleDenied { .. } => {
                "have its .gitmodules name an https URL, or leave it out: submodules: [\"other\"]"
                    .into()
            }
            Self::NoSubmodule { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NoSubmodule { .. } => "submodules: true takes all there are".into(),
            Self::Submodule { source, .. } => return source.hint(),
            Self::File(error) => return error.hint(),
            Self::Lock(error) => return error.hint(),
            Self::Command(error) => return error.hint(),
            _ => return None,
        })
    }
}

fn quoted(path: &Path) -> String {
    shell_words::quote(&path.to_string_lossy()).into_owned()
}

fn bad_url(url: &str, reason: &str) -> String {
    // `host.domain/owner/name` is a web address without its scheme.
    let host = url.split('/').next().unwrap_or_default();
    let web = !url.contains("***")
        && !url.starts_with(['.', '-'])
        && host.contains('.')
        && url.split('/').filter(|segment| !segment.is_empty()).count() > 1;
    if reason.contains("relative") && web {
        return format!("did you mean `https://{url}`?");
    }
    if reason.contains("relative") {
        return "write the absolute path, for instance: /srv/git/my-service".into();
    }
    "write it like https://github.com/owner/name or git@github.com:owner/name".into()
}

fn login(host: &str, ssh: bool) -> String {
    if ssh {
        return format!("check the keys that ssh offers: ssh -T git@{host}");
    }
    format!(
        "export {}=TOKEN, or set it in config.toml: [git.tokens] \"{host}\" = \"TOKEN\"",
        credentials::variable(host)
    )
}
