//! `hero verify`.

use super::session::{Ended, Session};
use crate::error::Exit;
use crate::error::Fault;
use crate::event::Event;
use crate::ops;
use crate::report::bytes;
use crate::store::{Problem, Verified};
use crate::sys::name::Name;

/// Compares what is installed with its receipts.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Services, by name; all if not given
    services: Vec<String>,
    /// Mend what can be mended without building anything
    #[arg(long)]
    repair: bool,
    /// In the system's install root
    #[arg(short, long)]
    root: bool,
    /// Print what would be mended, and touch nothing
    #[arg(long, requires = "repair")]
    dry_run: bool,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let context = session.for_store(args.root, args.dry_run)?;
    let names = args.services.iter().map(|name| Name::new("service", name));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let found = ops::verify(&context, &names, args.repair)?;
    let exit = if found.problems.is_empty() { Exit::Done } else { Exit::Failed } as u8;
    if session.json.is_some() {
        session.data(&found)?;
        return Ok(exit);
    }
    for problem in &found.repaired {
        session.console.data(&line(session, "repaired", problem));
    }
    for problem in &found.problems {
        session.console.data(&line(session, &problem.kind.to_string(), problem));
        session.console.data(&format!("{:11}{}", "", problem.hint));
    }
    if found.problems.is_empty() {
        let message = format!("{}: as their receipts say", extent(&found));
        context.report(Event::Finished { message, failed: false });
        return Ok(exit);
    }
    Err(failure(&found, args).into())
}

/// `changed    what is wrong with it: ~/path`
fn line(session: &Session, word: &str, problem: &Problem) -> String {
    format!("{word:<10} {}: {}", problem.message, session.dirs.display(&problem.path))
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What was looked at, and what was mended.
fn extent(found: &Verified) -> String {
    let (services, generations) =
        (count(found.services, "service"), count(found.generations, "generation"));
    let repaired = match found.repaired.len() {
        0 => String::new(),
        repaired => format!("; {repaired} repaired"),
    };
    format!("{services}, {generations}, {}{repaired}", bytes(found.size))
}

fn failure(found: &Verified, args: &Args) -> Fault {
    let message = format!("{} in {}", count(found.problems.len(), "problem"), extent(found));
    let fault = Fault::script("problems_found", message);
    fault.hint(match (args.repair, args.dry_run) {
        (true, true) => "the same without --dry-run mends what it can",
        (true, false) => "what is left needs you: each line says what to do",
        _ => "hero verify --repair mends what can be mended without a build",
    })
}
