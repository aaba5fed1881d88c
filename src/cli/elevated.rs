//! `hero elevated`: the hero that `sudo` starts. Not for people; `sys::elevated` has the protocol.

use std::io::Read;

use crate::error::Exit;
use crate::report::{Color, Console};
use crate::supervise::Local;
use crate::sys::cancel::Cancel;
use crate::sys::elevated::{Answer, Domain, Request, Speaker};
use crate::{store, supervise};

/// Runs the subcommand; its exit code.
pub(crate) fn run() -> u8 {
    let console = Console::new(Color::Never);
    let failed = |message: String| {
        console.message(&format!("error: {message}"));
        Exit::Internal as u8
    };
    let speaker = Speaker::new(|line: &str| console.data(line));
    let mut text = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut text) {
        return failed(format!("cannot read the request: {error}"));
    }
    let cancel = match Cancel::on_signals() {
        Ok(cancel) => cancel,
        Err(error) => return failed(format!("cannot listen for signals: {error}")),
    };
    let serve = || -> Answer {
        let request = Request::read(&text)?;
        match request.domain {
            Domain::Store => request.order::<store::Request>()?.serve(&speaker, &cancel),
            Domain::Supervise => {
                request.order::<supervise::Request>()?.serve(&Local, &speaker, &cancel)
            }
        }
    };
    let answer = serve();
    let exit = answer.as_ref().map_or_else(|refusal| refusal.kind.exit(), |_| Exit::Done);
    speaker.answer(answer);
    exit as u8
}
