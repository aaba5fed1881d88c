//! The git command line as a transport, with nothing inherited that could send
//! it elsewhere, ask the user, or run something.

use std::path::Path;
use std::time::Duration;

use git2::Oid;

use super::{Link, RemoteRefs, base64};
use crate::event::Stream;
use crate::git::classify;
use crate::git::error::Error;
use crate::git::url::Scheme;
use crate::sys::process::{self, Cmd};

/// Listing refs takes no longer than this.
const LIST: Duration = Duration::from_mins(2);

/// Variables that would make git work on another repository than the one it
/// is told, or talk in another way.
const INHERITED: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
];

/// What the remote has.
pub(super) fn list(link: &Link, repo: &Path) -> Result<RemoteRefs, Error> {
    let cmd = command(link, repo).arg("ls-remote").arg("--symref").arg("--").arg(address(link));
    let output = cmd.timeout(LIST).output(link.cancel).map_err(|error| failed(link, error))?;
    if !output.status.success() {
        return Err(explain(link, &output.stderr));
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Brings refs into the repository at `repo`.
pub(super) fn fetch(link: &Link, repo: &Path, refspecs: &[String]) -> Result<(), Error> {
    let cmd = command(link, repo)
        .args(["fetch", "--progress", "--no-tags", "--no-write-fetch-head"])
        .args(["--no-recurse-submodules", "--no-auto-maintenance", "--"])
        .arg(address(link))
        .args(refspecs);
    let mut said = Vec::new();
    let mut text = Vec::new();
    let status = cmd
        .run(link.cancel, &mut |stream, bytes| {
            if stream == Stream::Stderr {
                for byte in bytes {
                    if matches!(byte, b'\r' | b'\n') {
                        heard(link, &text, &mut said);
                        text.clear();
                    } else {
                        text.push(*byte);
                    }
                }
            }
        })
        .map_err(|error| failed(link, error))?;
    heard(link, &text, &mut said);
    if status.success() { Ok(()) } else { Err(explain(link, &said)) }
}

/// Sorts progress from what may have to be quoted.
fn heard(link: &Link, text: &[u8], said: &mut Vec<u8>) {
    if let Some((received, of, bytes)) = progress(&String::from_utf8_lossy(text)) {
        link.progress(received, of, bytes);
    } else {
        said.extend_from_slice(text);
        said.push(b'\n');
    }
}

/// A local repository by its path: then git needs no URL decoding.
fn address(link: &Link) -> std::ffi::OsString {
    match link.url.local_path() {
        Some(path) => path.into(),
        None => link.url.as_str().into(),
    }
}

fn command(link: &Link, repo: &Path) -> Cmd {
    let (protocol, ssh) = match link.url.scheme() {
        // The user's `insteadOf` may turn one of the safe two into the other.
        Scheme::Https | Scheme::Ssh => ("https:ssh", true),
        Scheme::Http => ("http", false),
        Scheme::Git => ("git", false),
        Scheme::Local => ("file", false),
    };
    let mut cmd = Cmd::new("git")
        .arg("-C")
        .arg(repo)
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "/bin/false")
        .env("SSH_ASKPASS", "/bin/false")
        .env("GIT_ALLOW_PROTOCOL", protocol)
        .env("GIT_PROTOCOL_FROM_USER", "0");
    for name in INHERITED {
        cmd = cmd.env_remove(name);
    }
    if ssh {
        // The user's own command keeps its keys and jumps, and asks nothing.
        let own = std::env::var("GIT_SSH_COMMAND").ok().filter(|own| !own.trim().is_empty());
        let own = own.unwrap_or_else(|| "ssh".to_owned());
        cmd = cmd.env(
            "GIT_SSH_COMMAND",
            format!(
                "{own} -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 \
                 -o ServerAliveCountMax=4"
            ),
        );
    }
    settings(link).into_iter().enumerate().fold(cmd, |cmd, (index, (key, value))| {
        cmd.env(format!("GIT_CONFIG_KEY_{index}"), key)
            .env(format!("GIT_CONFIG_VALUE_{index}"), value)
            .env("GIT_CONFIG_COUNT", (index + 1).to_string())
    })
}

/// Settings that go through the environment: a token among them would be seen
/// by everybody in the arguments.
fn settings(link: &Link) -> Vec<(String, String)> {
    let mut settings = vec![
        ("core.hooksPath".to_owned(), "/dev/null".to_owned()),
        ("core.fsmonitor".to_owned(), "false".to_owned()),
        // Packs, as libgit2 makes them; their progress is told.
        ("fetch.unpackLimit".to_owned(), "1".to_owned()),
        ("gc.auto".to_owned(), "0".to_owned()),
        ("http.lowSpeedLimit".to_owned(), "1".to_owned()),
        ("http.lowSpeedTime".to_owned(), "60".to_owned()),
    ];
    let web = matches!(link.url.scheme(), Scheme::Https | Scheme::Http);
    if let (Some(login), true) = (&link.login, web) {
        let pair = base64::encode(format!("{}:{}", login.user, login.secret.reveal()).as_bytes());
        let header = format!("Authorization: Basic {pair}");
        settings.push((format!("http.{}.extraHeader", link.url.as_str()), header));
        settings.push(("http.followRedirects".to_owned(), "false".to_owned()));
    }
    settings
}

fn failed(link: &Link, error: process::Error) -> Error {
    match error {
        process::Error::Interrupted(_) => link.interrupted(),
        process::Error::Timeout { .. } => classify::silence(link.url),
        error => Error::Command(error),
    }
}

fn explain(link: &Link, stderr: &[u8]) -> Error {
    let text = link.scrub(&String::from_utf8_lossy(stderr));
    classify::command(&text, link.url, link.login.is_some())
}

fn parse(text: &str) -> RemoteRefs {
    let mut refs = RemoteRefs::default();
    for line in text.lines() {
        let Some((id, name)) = line.split_once('\t') else { continue };
        match (id.strip_prefix("ref: "), Oid::from_str(id)) {
            (Some(target), _) if name == "HEAD" => refs.set_head_target(target),
            (None, Ok(id)) => refs.add(name, id),
            _ => {}
        }
    }
    refs
}

/// The numbers in `Receiving objects:  61% (123/200), 4.10 MiB | 1.2 MiB/s`;
/// bytes are rounded by git itself.
fn progress(line: &str) -> Option<(u64, u64, u64)> {
    let rest = line.strip_prefix("Receiving objects:")?;
    let (_, counts) = rest.split_once('(')?;
    let (counts, rest) = counts.split_once(')')?;
    let (objects, total) = counts.split_once('/')?;
    Some((objects.parse().ok()?, total.parse().ok()?, size(rest).unwrap_or(0)))
}

/// The bytes in `, 4.10 MiB | 1.2 MiB/s`.
fn size(text: &str) -> Option<u64> {
    let mut words = text.trim_start_matches(',').split_whitespace();
    let number = words.next()?;
    let unit: u64 = match words.next()? {
        "bytes" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let hundredths: u64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    Some(whole.parse::<u64>().ok()? * unit + hundredths * unit / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Recorder;
    use crate::git::{Backend, Credentials, RemoteUrl};
    use crate::sys::cancel::Cancel;

    #[test]
    fn progress_is_read_from_git_s_words() {
        let line = "Receiving objects:  61% (123/200), 4.50 MiB | 1.2 MiB/s";
        assert_eq!(progress(line), Some((123, 200, 4_718_592)));
        assert_eq!(progress("Receiving objects: 100% (5/5), done."), Some((5, 5, 0)));
        assert_eq!(progress("remote: Counting objects: 5"), None);
    }

    #[test]
    fn a_token_is_not_among_the_arguments() {
        let url = RemoteUrl::parse("https://me:s3cret@host/a").unwrap();
        let (credentials, recorder) = (Credentials::default(), Recorder::default());
        let cancel = Cancel::default();
        let link = Link::new("s", &url, &credentials, Backend::Cli, &recorder, &cancel);
        let cmd = command(&link, Path::new("/r"));
        assert!(!cmd.display().contains("s3cret"));
        let token = base64::encode(b"me:s3cret");
        assert!(!cmd.display().contains(&token));
        assert!(settings(&link).iter().any(|(_, value)| value.contains(&token)));
    }
}
