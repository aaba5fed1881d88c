//! `hero attend`: the hero that stays with one process (`supervise::direct`). Not for
//! people; it takes one order and answers in a line.

use std::io::Write;

use crate::error::Exit;
use crate::supervise;
use crate::sys::cancel::Cancel;
use crate::sys::process;

/// Runs the subcommand; its exit code.
pub(crate) fn run() -> u8 {
    let ended = match Cancel::on_signals() {
        Ok(cancel) => supervise::attend(&cancel, say),
        Err(error) => Err(format!("cannot listen for signals: {error}")),
    };
    match ended {
        Ok(()) => Exit::Done as u8,
        Err(why) => {
            say(why.as_bytes());
            Exit::Failed as u8
        }
    }
}

/// Says the one thing that is heard, and lets go of whoever hears it.
fn say(words: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _gone = out.write_all(words).and_then(|()| out.flush());
    process::close_stdout();
}
