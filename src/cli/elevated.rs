//! `hero elevated`: the hero that `sudo` starts (`sys::sudo`). Not for people; it
//! takes one request and answers in JSON.

use std::io::Read;

use serde_json::json;

use crate::error::Exit;
use crate::event::{Event, Reporter};
use crate::report::{Color, Console};
use crate::sys::cancel::Cancel;
use crate::sys::sudo::Answer;
use crate::{store, supervise};

/// What it is asked for.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Work {
    /// A change of the system's store.
    Store(store::Request),
    /// A start or stop in the system's root.
    Supervise(supervise::Request),
}

/// Tells the other hero what happens.
struct Events(Console);

impl Reporter for Events {
    fn report(&self, event: Event) {
        self.0.data(&json!(event).to_string());
    }
}

/// Runs the subcommand; its exit code.
pub fn run() -> u8 {
    let console = Console::new(Color::Never);
    let failed = |message: String| {
        console.message(&format!("error: {message}"));
        Exit::Internal as u8
    };
    let mut text = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut text) {
        return failed(format!("cannot read the request: {error}"));
    }
    let work: Work = match serde_json::from_slice(&text) {
        Ok(work) => work,
        Err(error) => return failed(format!("this is no request: {error}")),
    };
    let cancel = match Cancel::on_signals() {
        Ok(cancel) => cancel,
        Err(error) => return failed(format!("cannot listen for signals: {error}")),
    };
    let reporter = Events(console);
    let answer = match work {
        Work::Store(request) => request.serve(&reporter, &cancel),
        Work::Supervise(request) => request.serve(&reporter, &cancel),
    };
    console.data(&json!(answer).to_string());
    match answer {
        Answer::Done(_) => Exit::Done as u8,
        Answer::Failed(refusal) => refusal.kind.exit() as u8,
    }
}
