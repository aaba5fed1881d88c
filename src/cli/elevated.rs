//! `hero elevated`: the hero that `sudo` starts (`store::elevate`). Not for
//! people; it takes one request and answers in JSON.

use std::io::Read;

use serde_json::json;

use crate::error::Exit;
use crate::report::{Color, Console, Json};
use crate::store::{Answer, Request};
use crate::sys::cancel::Cancel;

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
    let request = match Request::read(&text) {
        Ok(request) => request,
        Err(error) => return failed(format!("this is no request: {error}")),
    };
    let cancel = match Cancel::on_signals() {
        Ok(cancel) => cancel,
        Err(error) => return failed(format!("cannot listen for signals: {error}")),
    };
    let answer = request.serve(&Json::new(console), &cancel);
    console.data(&json!(answer).to_string());
    match answer {
        Answer::Done(_) => Exit::Done as u8,
        Answer::Failed(refusal) => refusal.exit,
    }
}
