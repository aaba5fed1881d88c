//! `hero git-credential`: hero as a credential helper of the git that it started. Not
//! for people.

use std::io::{Read, Write};

use crate::error::Exit;
use crate::git;

/// Answers a question of git's.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The descriptor of the file with the tokens
    descriptor: u32,
    /// What git wants: only `get` is answered, nothing is stored or erased
    action: String,
}

/// Runs the subcommand; its exit code.
pub(crate) fn run(args: &Args) -> u8 {
    let mut question = String::new();
    let read = std::io::stdin().take(64 * 1024).read_to_string(&mut question);
    if args.action != "get" || read.is_err() {
        return Exit::Done as u8;
    }
    match git::answer(args.descriptor, &question) {
        Ok(answer) => {
            let _gone = std::io::stdout().write_all(answer.as_bytes());
            Exit::Done as u8
        }
        Err(why) => {
            tracing::debug!(%why, "no token can be read");
            Exit::Failed as u8
        }
    }
}
