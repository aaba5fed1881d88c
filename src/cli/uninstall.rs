//! `hero uninstall`.

use super::session::{Ended, Session};
use crate::ops;
use crate::sys::name::Name;

/// Stops and removes services: their binaries and every generation.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
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

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let context = session.for_store(args.root, args.dry_run)?;
    for service in &args.services {
        ops::uninstall(&context, &Name::new("service", service)?, &mut |_| Ok(()))?;
    }
    Ok(0)
}
