//! `hero verify`.

use super::Global;
use super::session::{Session, unspeakable};
use crate::error::Exit;
use crate::event::{Event, Reporter};
use crate::report::bytes;
use crate::script::fault::Fault;
use crate::script::host::Host;
use crate::script::simple;
use crate::store::{Problem, Verified};
use crate::sys::name::Name;

/// Compares what is installed with its receipts.
#[derive(Debug, clap::Args)]
pub struct Args {
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

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let (session, host) = match Session::for_store(global, args.root, args.dry_run) {
        Ok(both) => both,
        Err(exit) => return exit,
    };
    let found = match verify(&host, args) {
        Ok(found) => found,
        Err(fault) => return session.fail(&simple(&fault)),
    };
    let exit = if found.problems.is_empty() { Exit::Done } else { Exit::Failed } as u8;
    if session.json.is_some() {
        // A path that is no text cannot be said in JSON.
        let text = match serde_json::to_string(&found) {
            Ok(text) => text,
            Err(error) => return session.fail(&simple(&unspeakable(&error))),
        };
        session.console.data(&text);
        return exit;
    }
    for problem in &found.repaired {
        session.console.data(&line(&session, "repaired", problem));
    }
    for problem in &found.problems {
        session.console.data(&line(&session, &problem.kind.to_string(), problem));
        session.console.data(&format!("{:11}{}", "", problem.hint));
    }
    if found.problems.is_empty() {
        let message = format!("{}: as their receipts say", extent(&found));
        host.report(Event::Finished { message, failed: false });
        return session.done(exit);
    }
    session.fail(&simple(&failure(&found, args)))
}

fn verify(host: &Host, args: &Args) -> Result<Verified, Fault> {
    let names = args.services.iter().map(|name| Name::new("service", name));
    let names = names.collect::<Result<Vec<_>, _>>().map_err(|error| Fault::from_error(&error))?;
    let (store, reporter): (_, &dyn Reporter) = (host.store(), &*host.reporter);
    let found = if args.repair {
        store.repair(&names, args.dry_run, reporter, &host.cancel)
    } else {
        store.verify(&names)
    };
    found.map_err(|error| Fault::from_error(&error))
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
