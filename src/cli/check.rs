//! `hero check`.

use super::Global;
use super::session::Session;
use crate::report::Report;
use crate::script;

/// Finds faults in scripts without running them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scripts, by path or bare name
    #[arg(required = true)]
    scripts: Vec<String>,
}

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    let host = match session.host(Vec::new(), true) {
        Ok(host) => host,
        Err(exit) => return exit,
    };
    let engine = match script::build_engine(&host, None) {
        Ok(engine) => engine,
        Err(report) => return session.fail(&report),
    };
    let mut faults = Vec::new();
    for name in &args.scripts {
        let reports = match script::find(name) {
            Ok(loaded) => script::check::check(&engine, &host, &loaded),
            Err(fault) => vec![script::simple(&fault)],
        };
        if reports.is_empty() && session.json.is_none() {
            session.console.message(&format!("{name}: no faults found"));
        }
        faults.extend(reports);
    }
    match faults.iter().map(|report| report.exit).max() {
        None => session.done(0),
        Some(exit) => {
            let count = faults.len();
            let message = format!("{count} {} found", if count == 1 { "fault" } else { "faults" });
            let kind = "check".into();
            session.fail(&Report { kind, message, exit, parts: faults, ..Report::default() })
        }
    }
}
