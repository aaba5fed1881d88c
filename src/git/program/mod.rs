//! Git's own program: the one place that knows how it is called.
//!
//! It runs without a terminal in a session of its own, in the C locale, with the
//! user's settings and without variables of another repository. hero's tokens
//! reach it through a credential helper (`helper`), never as an argument.

mod helper;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::credentials::{Credentials, HandOver, Server};
use super::error::Error;
use super::tree;
use super::url::RemoteUrl;
use super::version::{MINIMUM, Version};
use crate::sys::cancel::Cancel;
use crate::sys::process::{self, Cmd, which};
use crate::sys::text::printable;

pub(crate) use helper::{Lent, SUBCOMMAND, answer};
pub(super) use progress::progress;

/// Names the checkout that a git of hero's works for, so that the next run finds
/// one which outlived its hero.
pub(super) const MARK: &str = "HERO_CHECKOUT";

/// Settings of each call: nothing of the user's may run or go elsewhere because
/// of a repository's own configuration, and nothing goes on in the background.
const SETTINGS: [&str; 10] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    // One pack for each fetch instead of loose files: fewer writes.
    "fetch.unpackLimit=1",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "submodule.recurse=false",
    // libgit2 reads no other index than one in one piece and in full.
    "core.splitIndex=false",
    "index.sparse=false",
];

/// Where git's traces go when they are meant for a terminal.
const TRACES: [&str; 5] =
    ["GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE", "GIT_TRACE_SETUP"];

/// The git program of this machine.
#[derive(Debug)]
pub(super) struct Git {
    path: PathBuf,
}

/// How one call of git may talk to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Prompt {
    /// Not at all: a password that is missing is an error.
    #[default]
    Never,
    /// At the terminal, which hero leaves to it meanwhile.
    Terminal,
}

impl Git {
    /// Returns the first git on PATH. It is asked for its version once a run.
    ///
    /// # Errors
    /// When there is none, or it is older than [`MINIMUM`].
    pub(crate) fn find(cancel: &Cancel) -> Result<&'static Self, Error> {
        static FOUND: OnceLock<Git> = OnceLock::new();
        if let Some(git) = FOUND.get() {
            return Ok(git);
        }
        let path = which("git").ok_or(Error::NoGit)?;
        let version = version(&path, cancel)?;
        if version < MINIMUM {
            return Err(Error::OldGit { path, version });
        }
        Ok(FOUND.get_or_init(|| Self { path }))
    }

    /// A call of git in `repo`, or outside of any repository.
    pub(crate) fn command(&self, repo: Option<&Path>, prompt: Prompt) -> Cmd {
        // Files in LFS are fetched by a step of their own, with errors of their own.
        let mut cmd = Cmd::new(&self.path).keep_git_settings();
        cmd = cmd.env("LC_ALL", "C").env("GIT_LFS_SKIP_SMUDGE", "1");
        // libgit2 reads no other format of refs.
        cmd = cmd.env("GIT_DEFAULT_REF_FORMAT", "files");
        cmd = match repo {
            Some(repo) => cmd.arg("-C").arg(repo),
            // Not in one that the working directory happens to be in.
            None => cmd.arg("-C").arg("/").env("GIT_CEILING_DIRECTORIES", "/"),
        };
        for name in TRACES.iter().filter(|name| is_for_a_terminal(name)) {
            cmd = cmd.env_remove(name);
        }
        cmd = SETTINGS.iter().fold(cmd, |cmd, setting| cmd.args(["-c", setting]));
        match prompt {
            Prompt::Terminal => cmd.foreground(),
            Prompt::Never => cmd
                .session()
                .silence(process::silence_limit())
                .env("GIT_TERMINAL_PROMPT", "0")
                .env("GCM_INTERACTIVE", "never"),
        }
    }
}

/// Asks a git for its version.
///
/// # Errors
/// When it does not start, or prints something else.
pub(super) fn version(git: &Path, cancel: &Cancel) -> Result<Version, Error> {
    let cmd = Cmd::new(git).arg("--version").timeout(Duration::from_secs(10));
    let output = cmd.output(cancel)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Version::parse(&text).ok_or_else(|| Error::Git {
        action: "read the version of",
        what: git.display().to_string(),
        reason: match text.lines().next() {
            Some(line) => format!("it printed `{}`", line.escape_debug()),
            None => match String::from_utf8_lossy(&output.stderr).lines().next() {
                Some(line) => printable(line),
                None => format!("it {} and printed nothing", output.status),
            },
        },
    })
}

/// Lets a command, git or one that calls git, ask hero for tokens. The file that holds
/// them is emptied when what comes with the command is dropped.
///
/// # Errors
/// When there is no room for that file.
pub(super) fn lend_tokens(cmd: Cmd, tokens: &HandOver) -> Result<(Cmd, Lent), Error> {
    helper::lend(cmd, tokens)
}

/// Lets another program's git (cargo's) ask for the tokens of these addresses' servers,
/// which the repository in `checkout` names. The tokens can be asked for until what comes
/// with the command is dropped.
///
/// # Errors
/// When there is no room for the file with the tokens.
pub(crate) fn lend(
    cmd: Cmd,
    urls: &[String],
    credentials: &Credentials,
    checkout: &Path,
) -> Result<(Cmd, Option<Lent>), Error> {
    let urls = urls.iter().filter_map(|url| RemoteUrl::parse(url).ok());
    let servers: Vec<Server> = urls.filter_map(|url| Server::for_url(&url)).collect();
    // The script has named the server that the checkout came from.
    let origin = tree::open(checkout).ok().and_then(|repo| tree::origin(&repo));
    let named = origin.as_ref().and_then(Server::for_url);
    match HandOver::only(credentials, &servers, named.as_ref()) {
        Some(tokens) => lend_tokens(cmd, &tokens).map(|(cmd, lent)| (cmd, Some(lent))),
        None => Ok((cmd, None)),
    }
}

fn is_for_a_terminal(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| matches!(value.as_str(), "1" | "2" | "true"))
}

/// An error of a call that did not end by itself.
pub(super) fn failed(service: &str, error: process::Error) -> Error {
    match error {
        process::Error::Interrupted(_) => Error::Interrupted { service: service.to_owned() },
        process::Error::NotFound(_) => Error::NoGit,
        error => Error::Command(error),
    }
}
