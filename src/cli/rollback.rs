//! `hero rollback`.

use super::Global;
use super::session::Session;
use crate::event::Event;
use crate::script::fault::Fault;
use crate::script::host::Host;
use crate::script::simple;
use crate::supervise;
use crate::sys::name::Name;

/// Goes back to an earlier generation of a service.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The service, by name
    service: String,
    /// This generation, older or newer, instead of the one before
    #[arg(long, value_name = "GENERATION")]
    to: Option<String>,
    /// In the system's install root
    #[arg(short, long)]
    root: bool,
    /// Print what would become current, and touch nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let (session, host) = match Session::for_store(global, args.root, args.dry_run) {
        Ok(both) => both,
        Err(exit) => return exit,
    };
    let store = host.store();
    let (reporter, cancel) = (&*host.reporter, &host.cancel);
    let done = Name::new("service", &args.service)
        .map_err(|error| Fault::from_error(&error))
        .and_then(|name| {
            match &args.to {
                Some(to) => store.activate(&name, to, args.dry_run, reporter, cancel),
                None => store.rollback(&name, args.dry_run, reporter, cancel),
            }
            .map_err(|error| Fault::from_error(&error))
        });
    match done {
        Ok(installed) => {
            still_runs(&host, &installed.service);
            session.done(0)
        }
        Err(fault) => session.fail(&simple(&fault)),
    }
}

/// Says when another binary than the current one runs.
fn still_runs(host: &Host, service: &Name) {
    let known = supervise::overview(&host.places(), service, &host.cancel).ok().flatten();
    if !known.is_some_and(|known| known.stale) {
        return;
    }
    let receipt = host.store().service(service).ok().flatten().and_then(|known| known.current);
    let script = receipt.and_then(|receipt| receipt.script);
    host.report(Event::Warning {
        message: format!("the binary of `{service}` from before still runs"),
        hint: script.map(|script| format!("hero run {script} restart")),
    });
}
