//! `hero rollback`.

use super::session::{Ended, Session};
use crate::ops;
use crate::sys::name::Name;

/// Goes back to an earlier generation of a service.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
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

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let context = session.for_store(args.root, args.dry_run)?;
    ops::rollback(&context, &Name::new("service", &args.service)?, args.to.as_deref())?;
    Ok(0)
}
