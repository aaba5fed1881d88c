//! hero as a credential helper of git.
//!
//! git asks a helper by `NAME get` with the server on standard input. hero's
//! helper is hero itself, in a hidden subcommand; what it may answer lies in a
//! file without a name that only this git and its children have open. The user's
//! own helpers keep their order behind it.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use super::Git;
use crate::git::credentials::{HandOver, Server};
use crate::git::error::Error;
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::Cmd;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "git-credential";

/// The descriptor of the file in git and its children.
const DESCRIPTOR: i32 = 3;

/// What was handed over. Nobody who still has it open reads anything from it when
/// this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Lent(File);

impl Drop for Lent {
    fn drop(&mut self) {
        if let Err(error) = self.0.set_len(0) {
            tracing::debug!(%error, "the file with the tokens is not emptied");
        }
    }
}

/// Sets a command up to ask hero first and the user's helpers then.
pub(super) fn lend(
    git: &Git,
    cmd: Cmd,
    repo: Option<&Path>,
    tokens: &HandOver,
    cancel: &Cancel,
) -> Result<(Cmd, Lent), Error> {
    let hero = std::env::current_exe().map_err(|error| Error::Git {
        action: "find",
        what: "hero's own program".to_owned(),
        reason: error.to_string(),
    })?;
    let own = format!("!{} {SUBCOMMAND} {DESCRIPTOR}", shell_words::quote(&hero.to_string_lossy()));
    let file = file_of(tokens)?;
    let child = file.try_clone().map_err(|error| io_error(&error))?;
    let users = users_helpers(git, repo, cancel)?;
    let cmd = settings(cmd, &ordered(own, users, tokens.username()));
    Ok((cmd.file(DESCRIPTOR, OwnedFd::from(child)), Lent(file)))
}

/// The helpers in the order in which git asks them. A user name without a
/// password may be a token or the name for one of the user's helpers: these are
/// asked first then.
fn ordered(
    own: String,
    users: Vec<(String, String)>,
    username: Option<(String, String)>,
) -> Vec<(String, String)> {
    let helper = |value: String| ("credential.helper".to_owned(), value);
    let mut lines = vec![helper(String::new())];
    if username.is_none() {
        lines.push(helper(own.clone()));
    }
    for (key, value) in users {
        let resets = value.is_empty();
        lines.push((key, value));
        if resets && username.is_none() {
            lines.push(helper(own.clone()));
        }
    }
    if let Some(username) = username {
        lines.push(helper(own));
        lines.push(username);
    }
    lines
}

/// Adds settings behind those that the user gives in the environment. They may
/// hold secrets of the user's helpers, so they are no arguments.
fn settings(cmd: Cmd, lines: &[(String, String)]) -> Cmd {
    let count = std::env::var("GIT_CONFIG_COUNT").ok();
    let first: usize = count.and_then(|count| count.trim().parse().ok()).unwrap_or_default();
    let cmd = lines.iter().enumerate().fold(cmd, |cmd, (index, (key, value))| {
        cmd.env(format!("GIT_CONFIG_KEY_{}", first + index), key)
            .env(format!("GIT_CONFIG_VALUE_{}", first + index), value)
    });
    cmd.env("GIT_CONFIG_COUNT", (first + lines.len()).to_string())
}

/// The user's own helper lines, in order.
fn users_helpers(
    git: &Git,
    repo: Option<&Path>,
    cancel: &Cancel,
) -> Result<Vec<(String, String)>, Error> {
    let cmd = git.command(repo, super::Prompt::Never);
    let cmd = cmd.args(["config", "--null", "--get-regexp", r"^credential\.(.*\.)?helper$"]);
    let output = cmd.output(cancel)?;
    // It exits with 1 where there is no such line.
    if !matches!(output.status.code, Some(0 | 1)) {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::Git {
            action: "read",
            what: "git's configuration".into(),
            reason: words,
        });
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.split('\0').filter(|line| !line.is_empty());
    // A key without a value is a boolean: no helper.
    Ok(lines.filter_map(|line| line.split_once('\n')).map(|(k, v)| (k.into(), v.into())).collect())
}

/// An open file without a name that holds the tokens.
fn file_of(tokens: &HandOver) -> Result<File, Error> {
    let mut file = fs::anonymous_file()?;
    let text = serde_json::to_vec(tokens).map_err(|error| io_error(&error.into()))?;
    file.write_all(&text).and_then(|()| file.rewind()).map_err(|error| io_error(&error))?;
    Ok(file)
}

fn io_error(error: &std::io::Error) -> Error {
    Error::Git { action: "hand tokens to", what: "git".to_owned(), reason: error.to_string() }
}

/// Answers a question of git's: reads the server from `question`, and the tokens
/// from the file that hero has open as `descriptor`. Returns nothing for any
/// server but those the tokens are for.
///
/// # Errors
/// When there is no such file, or it does not hold tokens.
pub fn answer(descriptor: u32, question: &str) -> Result<String, String> {
    let Some(server) = Server::parse(question) else { return Ok(String::new()) };
    let path = format!("/dev/fd/{descriptor}");
    let mut file = fs::open(Path::new(&path)).map_err(|error| error.to_string())?;
    let mut text = String::new();
    // Opened by its number it may share its place with others who have read it.
    file.rewind().and_then(|()| file.read_to_string(&mut text)).map_err(|e| e.to_string())?;
    if text.is_empty() {
        return Ok(String::new());
    }
    let tokens: HandOver = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let login = tokens.login(&server);
    Ok(login.map(|login| login.for_git()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(lines: &[(String, String)]) -> Vec<&str> {
        lines.iter().map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn the_users_helpers_follow_heros_own_in_their_order() {
        let line = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let users = vec![
            line("credential.helper", "store"),
            line("credential.https://h.helper", ""),
            line("credential.https://h.helper", "cache"),
        ];
        let lines = ordered("!hero".into(), users.clone(), None);
        assert_eq!(values(&lines), ["", "!hero", "store", "", "!hero", "cache"]);
        let name = line("credential.https://h.username", "alice");
        let lines = ordered("!hero".into(), users, Some(name));
        assert_eq!(values(&lines), ["", "store", "", "cache", "!hero", "alice"]);
    }
}
