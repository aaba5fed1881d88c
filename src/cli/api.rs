//! `hero api`.

mod errors;

use super::session::{Ended, Session};
use crate::error::Fault;
use crate::error::nearest;
use crate::model::Run;
use crate::script;
use crate::script::catalogue;

/// Shows the functions that scripts may call, and the errors they may throw.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A namespace (`git`) or a function (`git::fetch`), or `errors`; all functions if not given
    name: Option<String>,
    /// With `errors`: one kind of error (`ref_not_found`)
    kind: Option<String>,
}

/// The name that stands for the table of errors.
const ERRORS: &str = "errors";

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    match (args.name.as_deref(), args.kind.as_deref()) {
        (Some(ERRORS), kind) => return errors::run(session, kind),
        (Some(name), Some(kind)) => {
            let message = format!("unexpected argument `{kind}` after `{name}`");
            let fault = Fault::script("usage", message).hint("name one namespace or function");
            return Err(fault.into());
        }
        (_, None) | (None, _) => {}
    }
    let host = script::planning_host(session.context(Run { dry_run: true, ..Run::default() })?);
    let functions = catalogue(&host)?;
    let wanted = args.name.as_deref().unwrap_or_default();
    let mut names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    names.push(ERRORS);
    names.extend(
        functions
            .iter()
            .filter_map(|function| function.name.split_once("::").map(|(space, _)| space)),
    );
    let fits = |name: &str| {
        wanted.is_empty() || name == wanted || name.starts_with(&format!("{wanted}::"))
    };
    let found: Vec<_> = functions.iter().filter(|function| fits(&function.name)).collect();
    if found.is_empty() {
        let fault = Fault::script(
            "unknown_function",
            format!("there is no namespace or function `{wanted}`"),
        );
        let near = nearest(wanted, names).map(|near| format!("did you mean `{near}`?"));
        return Err(fault.maybe_hint(near).into());
    }
    if session.json.is_some() {
        session.data(&found)?;
        return Ok(0);
    }
    let brief = wanted.is_empty();
    for function in found {
        let style = crate::report::BOLD;
        let signature = if session.console.stdout_color() {
            format!("{style}{}{style:#}", function.signature)
        } else {
            function.signature.clone()
        };
        session.console.data(&signature);
        let lines = function.doc.lines().take_while(|line| !brief || !line.trim().is_empty());
        for line in lines {
            session.console.data(format!("    {line}").trim_end());
        }
        if !brief {
            session.console.data("");
        }
    }
    if brief {
        session.console.message("\nhero api NAME shows options, results, errors and an example");
    }
    Ok(0)
}
