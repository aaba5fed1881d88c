//! Running a script, from its name to its exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Engine, Scope};

use super::diagnose::{Diagnoser, Outcome};
use super::fault::Fault;
use super::host::{self, Host};
use super::loader::{self, Loaded};
use super::{describe, engine, reads};
use crate::error::Exit;
use crate::event::Event;
use crate::ops::Context;
use crate::report::Report;

/// Runs the script that `name` means; its exit code.
///
/// # Errors
/// How it failed.
pub(crate) fn run(host: &Arc<Host>, name: &str, stdlib: Option<&Path>) -> Result<u8, Report> {
    // Rhai has had panics that a script could reach; none may show as one.
    catch_unwind(AssertUnwindSafe(|| run_script(host, name, stdlib)))
        .unwrap_or_else(|_| Err(internal()))
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

fn run_script(host: &Arc<Host>, name: &str, stdlib: Option<&Path>) -> Result<u8, Report> {
    let loaded = loader::find(name)?;
    let engine = build_engine(host, stdlib)?;
    let compiled = loader::compile(&engine, host, &loaded);
    if let Ok(ast) = &compiled
        && let Some(exit) = unread_arguments(&engine, host, &loaded, ast)?
    {
        return Ok(exit);
    }
    let result = compiled.and_then(|ast| {
        host.set_script(host::Script { doc: describe::doc(&ast), ..loaded.script.clone() });
        engine.run_ast_with_scope(&mut Scope::new(), &ast)
    });
    match (result, host.interrupt().exit()) {
        (Ok(()), None) => Ok(0),
        (Ok(()), Some(exit)) => Ok(exit as u8),
        (Err(error), _) => {
            let diagnoser = Diagnoser { engine: &engine, host, main: &loaded.script.source };
            match diagnoser.outcome(&error) {
                Outcome::Exited(code) => Ok(u8::try_from(code).unwrap_or(1)),
                Outcome::Failed(report) => Err(*report),
            }
        }
    }
}

/// A host that runs nothing, for commands that only look at scripts.
pub(crate) fn planning_host(context: Context) -> Arc<Host> {
    Arc::new(Host::new(context, Vec::new(), false))
}

/// A script that reads no arguments takes none: they would be ignored in
/// silence. It still has a `--help`.
fn unread_arguments(
    engine: &Engine,
    host: &Host,
    loaded: &Loaded,
    ast: &AST,
) -> Result<Option<u8>, Fault> {
    if host.args.is_empty() || reads::reads_arguments(engine, host, ast) {
        return Ok(None);
    }
    if host.args.iter().any(|argument| argument == "--help" || argument == "-h") {
        let text = format!("{}\n\nUsage: hero run {}", describe::doc(ast), loaded.script.name);
        host.report(Event::Print { text: text.trim().to_owned() });
        return Ok(Some(0));
    }
    let Some(other) =
        host.args.iter().find(|argument| !["--dry-run", "--root"].contains(&argument.as_str()))
    else {
        return Ok(None);
    };
    let message = format!("`{}` takes no arguments, found `{other}`", loaded.script.name);
    Err(Fault::script("usage", message)
        .hint("a script reads its arguments with `flags::parse()`, `parse_args` or `args()`"))
}

/// An engine with everything registered.
///
/// # Errors
/// A report of what is wrong with the standard library in `stdlib`.
pub(crate) fn build_engine(host: &Arc<Host>, stdlib: Option<&Path>) -> Result<Engine, Report> {
    engine::build(host, stdlib).map_err(|error| {
        let bare = Engine::new_raw();
        match (Diagnoser { engine: &bare, host, main: "" }).outcome(&error) {
            Outcome::Failed(report) => *report,
            Outcome::Exited(_) => internal(),
        }
    })
}
