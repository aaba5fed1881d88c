//! hero as a credential helper of git.
//!
//! git asks a helper by `NAME get` with the server on standard input. hero's
//! helper is hero itself, in a hidden subcommand; what it may answer lies in a
//! file without a name that only this git and its children have open. For servers
//! without a token of hero's, the user's own helpers are asked as ever.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use crate::git::credentials::{HandOver, Server};
use crate::git::error::Error;
use crate::sys::fs;
use crate::sys::process::Cmd;

/// The hidden subcommand.
pub(crate) const SUBCOMMAND: &str = "git-credential";

/// The descriptor of the file in git and its children.
const DESCRIPTOR: i32 = 3;

/// The file with the tokens. It is emptied when this is dropped: a process that still
/// has it open reads nothing.
#[derive(Debug)]
#[must_use]
pub(crate) struct Lent(File);

impl Drop for Lent {
    fn drop(&mut self) {
        if let Err(error) = self.0.set_len(0) {
            tracing::debug!(%error, "the file with the tokens is not emptied");
        }
    }
}

/// Sets a command up to ask hero for the servers that hero has a token for, and the
/// user's own helpers for all others.
pub(super) fn lend(cmd: Cmd, tokens: &HandOver) -> Result<(Cmd, Lent), Error> {
    let hero = std::env::current_exe().map_err(|error| Error::Git {
        action: "find",
        what: "hero's own program".to_owned(),
        reason: error.to_string(),
    })?;
    let own = format!("!{} {SUBCOMMAND} {DESCRIPTOR}", shell_words::quote(&hero.to_string_lossy()));
    let file = file_of(tokens)?;
    let child = file.try_clone().map_err(|error| io_error(&error))?;
    let servers = tokens.servers();
    let cmd = settings(cmd, &lines(&own, &servers, tokens.username()));
    Ok((cmd.file(DESCRIPTOR, OwnedFd::from(child)), Lent(file)))
}

/// The settings that make hero the only helper for each of these servers: a helper of
/// the user's would be told to store hero's token. A user name is given to whatever
/// knows the password, also where git-lfs asks, whose address has no name.
fn lines(
    own: &str,
    servers: &[Server],
    username: Option<&(Server, String)>,
) -> Vec<(String, String)> {
    let name = username.filter(|(_, name)| !name.contains(char::is_control));
    let name = name.map(|(server, name)| (format!("credential.{server}.username"), name.clone()));
    let helpers = servers.iter().flat_map(|server| {
        let key = format!("credential.{server}.helper");
        // An empty line takes away all that come before it.
        [(key.clone(), String::new()), (key, own.to_owned())]
    });
    name.into_iter().chain(helpers).collect()
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
pub(crate) fn answer(descriptor: u32, question: &str) -> Result<String, String> {
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

    #[test]
    fn hero_is_the_only_helper_where_it_has_a_token() {
        let server = |host: &str| Server::parse(&format!("protocol=https\nhost={host}\n")).unwrap();
        let servers = [server("a.example"), server("b.example:8443")];
        let username = (server("c.example"), "alice".to_owned());
        let lines = lines("!hero", &servers, Some(&username));
        let lines: Vec<String> =
            lines.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            lines,
            [
                "credential.https://c.example.username=alice",
                "credential.https://a.example.helper=",
                "credential.https://a.example.helper=!hero",
                "credential.https://b.example:8443.helper=",
                "credential.https://b.example:8443.helper=!hero",
            ]
        );
    }
}
