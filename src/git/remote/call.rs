//! One call of git that talks to a remote.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use super::connection::Remote;
use super::terminal::Terminal;
use crate::event::Stream;
use crate::git::credentials::Ignored;
use crate::git::error::Error;
use crate::git::program::{self, Git, MARK, Prompt};
use crate::git::refusal::{Heard, Refusal};
use crate::git::url::Scheme;
use crate::sys::fs;
use crate::sys::process::{self, Cmd};

/// The descriptor on which git tells the headers that a web server sent.
const TRACE: i32 = 4;

/// What is kept of git's messages: enough for any error.
const MOST: usize = 64 * 1024;

/// How long a signal that ended git may take to reach this process.
const MOMENT: Duration = Duration::from_millis(200);

/// Runs git and returns what it printed on standard output.
pub(super) fn run(
    remote: &Remote,
    repo: Option<&Path>,
    args: Vec<OsString>,
) -> Result<Vec<u8>, Error> {
    let git = Git::find(remote.cancel)?;
    if is_web(remote) {
        for Ignored { message, hint } in remote.credentials.untold() {
            remote.warn(message.clone(), Some(hint.clone()));
        }
    }
    let cmd = git.command(repo, remote.prompt).env(MARK, remote.work.checkout());
    let cmd = protocols(remote, cmd).args(args);
    let (cmd, _lent) = match remote.hand_over() {
        Some(tokens) => {
            let (cmd, lent) = program::lend_tokens(cmd, &tokens)?;
            (cmd, Some(lent))
        }
        None => (cmd, None),
    };
    let (cmd, headers) = traced(remote, cmd)?;
    let mut terminal = Terminal::take(remote);
    let mut messages = Messages::default();
    let mut output = Vec::new();
    let status = cmd.run_patiently(
        remote.cancel,
        &mut |stream, bytes| match stream {
            Stream::Stdout => output.extend_from_slice(bytes),
            Stream::Stderr => {
                messages.read(bytes, remote);
                if messages.receives {
                    // The server has let git in: nothing more is asked.
                    terminal = None;
                }
            }
        },
        &mut |silent| remote.silent(silent),
    );
    messages.end(remote);
    // Ctrl-C ends a git at the terminal, and reaches hero a moment later.
    let asked = remote.prompt == Prompt::Terminal;
    let killed = |ended: &process::Status| ended.signal.is_some();
    let status = match status {
        Ok(ended) if asked && killed(&ended) && !remote.cancel.wait(MOMENT) => {
            Err(process::Error::Interrupted("git".to_owned()))
        }
        status => status,
    };
    if let Some(terminal) = &mut terminal {
        terminal.unanswered = status.is_err() || messages.end_at_a_question();
    }
    drop(terminal);
    let heard = |ended: &str| Heard {
        stderr: String::from_utf8_lossy(&messages.kept).into_owned(),
        ended: ended.to_owned(),
        retry_after: headers.as_ref().and_then(retry_after),
    };
    match status {
        Ok(status) if status.success() => Ok(output),
        Ok(status) => {
            let heard = heard(&status.to_string());
            let refusal = Refusal::new(remote.url, remote.token(), &heard);
            let elsewhere = refusal.elsewhere || remote.is_elsewhere();
            Err(Refusal { elsewhere, asked, ..refusal }.into())
        }
        Err(process::Error::Silent { limit, .. }) => {
            Err(Refusal::silence(remote.url, limit, &heard("")).into())
        }
        Err(error) => Err(program::failed(remote.service, error)),
    }
}

/// What a repository may lead git to: only what git itself allows for addresses
/// that no person has typed, but for a repository on this machine.
fn protocols(remote: &Remote, cmd: Cmd) -> Cmd {
    if remote.derived && !remote.url.is_local() {
        return cmd.env("GIT_PROTOCOL_FROM_USER", "0");
    }
    cmd
}

fn is_web(remote: &Remote) -> bool {
    matches!(remote.url.scheme(), Scheme::Https | Scheme::Http)
}

/// Lets git tell the headers of web servers, unless the user has them told.
fn traced(remote: &Remote, cmd: Cmd) -> Result<(Cmd, Option<File>), Error> {
    if !is_web(remote) || std::env::var_os("GIT_TRACE_CURL").is_some() {
        return Ok((cmd, None));
    }
    let file = fs::anonymous_file()?;
    let Ok(child) = file.try_clone() else { return Ok((cmd, None)) };
    let cmd = cmd
        .env("GIT_TRACE_CURL", TRACE.to_string())
        .env("GIT_TRACE_CURL_NO_DATA", "1")
        .env("GIT_TRACE_REDACT", "1")
        .file(TRACE, OwnedFd::from(child));
    Ok((cmd, Some(file)))
}

/// The last `Retry-After` among the headers, if it is in seconds.
fn retry_after(mut headers: &File) -> Option<Duration> {
    let mut bytes = Vec::new();
    headers.rewind().and_then(|()| headers.read_to_end(&mut bytes)).ok()?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let mut value =
        text.lines().filter(|line| line.contains("<= recv header")).filter_map(|line| {
            let (_, value) = line.split_once("retry-after:")?;
            value.trim().parse().ok()
        });
    value.next_back().map(Duration::from_secs)
}

/// Git's messages: progress is reported, the rest is kept.
#[derive(Default)]
struct Messages {
    line: Vec<u8>,
    kept: Vec<u8>,
    /// Whether the server sends objects.
    receives: bool,
}

impl Messages {
    fn read(&mut self, bytes: &[u8], remote: &Remote) {
        for byte in bytes {
            if matches!(byte, b'\r' | b'\n') {
                self.end(remote);
            } else if self.line.len() < MOST {
                self.line.push(*byte);
            }
        }
    }

    fn end(&mut self, remote: &Remote) {
        if self.line.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.line);
        if let Some((received, of, bytes)) = program::progress(&line) {
            self.receives = true;
            remote.progress(received, of, bytes);
        } else if !is_progress(&line) && self.kept.len() + self.line.len() < MOST {
            self.kept.extend_from_slice(&self.line);
            self.kept.push(b'\n');
        }
        self.line.clear();
    }

    /// Whether the user gave no name. git ends the line of its question for a password,
    /// but not for a name.
    fn end_at_a_question(&self) -> bool {
        String::from_utf8_lossy(&self.kept).contains("could not read Username")
    }
}

/// Whether a line counts something, as `remote: Compressing objects: 50% (1/2)`.
fn is_progress(line: &str) -> bool {
    let line = line.trim_start_matches("remote: ");
    [
        "Total ",
        "Enumerating",
        "Counting",
        "Compressing",
        "Resolving",
        "Unpacking",
        "Checking",
        "Updating",
    ]
    .iter()
    .any(|verb| line.starts_with(verb))
}
