//! `hero check`.

use super::session::{Ended, Session};
use crate::model::Run;
use crate::report::Report;
use crate::script;

/// Finds faults in scripts without running them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scripts, by path or bare name
    #[arg(required = true)]
    scripts: Vec<String>,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let host = script::planning_host(session.context(Run { dry_run: true, ..Run::default() })?);
    let engine = script::build_engine(&host, None)?;
    let mut faults = Vec::new();
    for name in &args.scripts {
        let reports = match script::find(name) {
            Ok(loaded) => script::check::check(&engine, &host, &loaded),
            Err(fault) => vec![fault.into()],
        };
        if reports.is_empty() && session.json.is_none() {
            session.console.message(&format!("{name}: no faults found"));
        }
        faults.extend(reports);
    }
    match faults.iter().map(|report| report.exit).max() {
        None => Ok(0),
        Some(exit) => {
            let count = faults.len();
            let message = format!("{count} {} found", if count == 1 { "fault" } else { "faults" });
            let kind = "check".into();
            Err(Report { kind, message, exit, parts: faults, ..Report::default() })
        }
    }
}
