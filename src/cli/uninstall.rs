//! `hero uninstall`.

use super::Global;
use super::session::Session;
use crate::script::fault::Fault;
use crate::script::simple;
use crate::supervise;
use crate::sys::name::Name;

/// Stops and removes services: their binaries and every generation.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Services, by name
    #[arg(required = true)]
    services: Vec<String>,
    /// From the system's install root
    #[arg(short, long)]
    root: bool,
    /// Print what would be removed, and touch nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let (session, host) = match Session::for_store(global, args.root, args.dry_run) {
        Ok(both) => both,
        Err(exit) => return exit,
    };
    let (store, places) = (host.store(), host.places());
    for service in &args.services {
        let removed = Name::new("service", service)
            .map_err(|error| Fault::from_error(&error))
            .and_then(|name| {
                if !args.dry_run {
                    // Before its binaries are gone.
                    supervise::forget(&places, &name, &*host.reporter, &host.cancel)
                        .map_err(|error| Fault::from_error(&error))?;
                }
                store
                    .remove(&name, args.dry_run, &*host.reporter, &host.cancel)
                    .map_err(|error| Fault::from_error(&error))
            });
        if let Err(fault) = removed {
            return session.fail(&simple(&fault));
        }
    }
    session.done(0)
}
