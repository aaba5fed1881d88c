//! What a server, or git, said of a failure, for people.

use super::Cause;
use crate::sys::redact::redact;
use crate::sys::text::{printable, shortened};

/// More lines do not help.
const MOST: usize = 6;

/// Longer lines are cut.
const LONGEST: usize = 200;

/// Git's general advice, which fits every failure and explains none.
const ADVICE: [&str; 8] = [
    "Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
    "Cloning into ",
    "terminal prompts disabled",
    "the remote end hung up unexpectedly",
    "Host key verification failed",
    "expected flush after ref listing",
];

/// The lines that tell something. Control characters never reach the terminal.
pub(super) fn telling(stderr: &str, ended: &str, cause: &Cause) -> Vec<String> {
    let lines: Vec<String> = stderr.lines().map(line).filter(|line| !is_empty(line)).collect();
    let server: Vec<String> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("remote: "))
        .map(|line| line.trim_start_matches("ERROR: ").trim())
        .filter(|line| !is_empty(line))
        .map(|line| format!("the server: {line}"))
        .collect();
    let own = lines.iter().filter(|line| !line.starts_with("remote:"));
    let own = own.map(|line| {
        let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ");
        let line = line.trim_start_matches("ssh: ");
        format!("git: {line}")
    });
    let mut words = if says_it_all(cause) {
        server
    } else if server.is_empty() || *cause == Cause::Other {
        server.into_iter().chain(own).collect()
    } else {
        server
    };
    words.dedup();
    words.truncate(MOST);
    if words.is_empty() && *cause == Cause::Other {
        words.push(format!("git {ended} without a message"));
    }
    words
}

/// Whether git's own line would only repeat the message.
fn says_it_all(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::NotFound | Cause::AuthRequired | Cause::Owner(_) | Cause::Refused | Cause::Dns
    )
}

fn is_empty(line: &str) -> bool {
    let line = line.trim_start_matches("remote:").trim();
    line.is_empty()
        || line.chars().all(|letter| "=@-* ".contains(letter))
        || ADVICE.iter().any(|advice| line.contains(advice))
}

/// A line that is safe to show, without secrets, cut to a sensible length.
fn line(text: &str) -> String {
    shortened(&redact(&printable(text)), LONGEST).trim().to_owned()
}
