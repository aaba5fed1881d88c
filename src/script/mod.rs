//! The Rhai host: finds a script, runs it, explains why it failed.

pub mod account;
pub mod api;
pub mod args;
pub mod check;
pub mod describe;
pub mod diagnose;
pub mod engine;
pub mod fault;
mod hints;
pub mod host;
pub mod loader;
pub mod options;
pub mod start;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, PoisonError};

use rhai::{Engine, Scope};

use crate::error::Exit;
use crate::event::Event;
use crate::report::Report;
use diagnose::{Diagnoser, Outcome};
use fault::Fault;
use host::Host;
use loader::Loaded;

/// How a run ended.
pub enum Ended {
    /// The last line was reached, or the script called `exit`.
    Exited(u8),
    /// It failed.
    Failed(Box<Report>),
}

/// Runs the script that `name` means.
pub fn run(host: &Arc<Host>, name: &str, stdlib: Option<&Path>) -> Ended {
    // Rhai has had panics that a script could reach; none may show as one.
    match catch_unwind(AssertUnwindSafe(|| run_script(host, name, stdlib))) {
        Ok(ended) => ended,
        Err(_) => Ended::Failed(Box::new(internal())),
    }
}

fn internal() -> Report {
    Report {
        kind: "internal".into(),
        message: "the script ran into a fault of hero or of Rhai".into(),
        hint: Some("please report it with the script; what was installed is untouched".into()),
        exit: Exit::Internal as u8,
        ..Report::default()
    }
}

fn run_script(host: &Arc<Host>, name: &str, stdlib: Option<&Path>) -> Ended {
    let loaded = match loader::find(name) {
        Ok(loaded) => loaded,
        Err(fault) => return Ended::Failed(Box::new(simple(&fault))),
    };
    let engine = match build_engine(host, stdlib) {
        Ok(engine) => engine,
        Err(report) => return Ended::Failed(report),
    };
    if let Some(ended) = unread_arguments(host, &loaded) {
        return ended;
    }
    let result = loader::compile(&engine, host, &loaded).and_then(|ast| {
        let script = host::Script { doc: describe::doc(&ast), ..loaded.script.clone() };
        *host.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
        engine.run_ast_with_scope(&mut Scope::new(), &ast)
    });
    let cancelled = host.cancel.exit();
    match (result, cancelled) {
        (Ok(()), None) => Ended::Exited(0),
        (Ok(()), Some(exit)) => Ended::Exited(exit as u8),
        (Err(error), _) => {
            let diagnoser = Diagnoser { engine: &engine, host, main: &loaded.script.source };
            match diagnoser.outcome(&error) {
                Outcome::Exited(code) => Ended::Exited(u8::try_from(code).unwrap_or(1)),
                Outcome::Failed(report) => Ended::Failed(report),
            }
        }
    }
}

/// A script that reads no arguments takes none: they would be ignored in
/// silence. It still has a `--help`.
fn unread_arguments(host: &Host, loaded: &Loaded) -> Option<Ended> {
    const READERS: &[&str] = &["parse_args", "args(", "flags::", "service::main", "import"];
    if host.args.is_empty() || READERS.iter().any(|reader| loaded.text.contains(reader)) {
        return None;
    }
    if host.args.iter().any(|argument| argument == "--help" || argument == "-h") {
        let doc = loaded.text.lines().take_while(|line| line.starts_with("//!"));
        let doc: Vec<&str> = doc.map(|line| line.trim_start_matches("//!").trim()).collect();
        let text = format!("{}\n\nUsage: hero run {}", doc.join("\n"), loaded.script.name);
        host.report(Event::Print { text: text.trim().to_owned() });
        return Some(Ended::Exited(0));
    }
    let stranger = host.args.iter().find(|argument| *argument != "--dry-run")?;
    let message = format!("`{}` takes no arguments, found `{stranger}`", loaded.script.name);
    let fault = Fault::script("usage", message)
        .hint("a script reads its arguments with `flags::parse()`, `parse_args` or `args()`");
    Some(Ended::Failed(Box::new(simple(&fault))))
}

/// An engine with everything registered.
///
/// # Errors
/// A report of what is wrong with the standard library in `stdlib`.
pub fn build_engine(host: &Arc<Host>, stdlib: Option<&Path>) -> Result<Engine, Box<Report>> {
    engine::build(host, stdlib).map_err(|error| {
        let bare = Engine::new_raw();
        match (Diagnoser { engine: &bare, host, main: "" }).outcome(&error) {
            Outcome::Failed(report) => report,
            Outcome::Exited(_) => Box::new(internal()),
        }
    })
}

/// A report of a fault that happened outside any script.
pub fn simple(fault: &Fault) -> Report {
    Report {
        kind: fault.kind.clone(),
        message: fault.message.clone(),
        details: fault.details.clone(),
        hint: fault.hint.clone(),
        exit: fault.exit_code(),
        ..Report::default()
    }
}

/// Finds and reads a script without running it.
///
/// # Errors
/// When there is none, as a fault with near names.
pub fn find(name: &str) -> Result<Loaded, Fault> {
    loader::find(name)
}
