//! `hero run`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::session::{Ended, Session};
use crate::error::Fault;
use crate::event::Event;
use crate::model::Run;
use crate::script;
use crate::script::host::Host;
use crate::sys::process;

/// Runs a script.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "hero run [OPTIONS] SCRIPT [ARGS]...",
    after_help = "SCRIPT is a path, or a name that is looked for in the working directory, then in\n\
scripts/, then among those built in: install, install_all, complete, clear_debug_bins,\n\
services/hero. Its own flags: hero run SCRIPT --help"
)]
pub(super) struct Args {
    /// Use the standard library in this folder instead of the one built in
    #[arg(long, value_name = "DIR")]
    stdlib: Option<PathBuf>,
    /// Print what the script would do, and touch nothing
    #[arg(long)]
    dry_run: bool,
    /// The script, then its own arguments
    #[arg(value_name = "SCRIPT", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    script: Vec<OsString>,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: Args) -> Ended {
    let mut words = args.script.iter().map(|word| word.to_string_lossy().into_owned());
    let script = words.next().unwrap_or_default();
    if script.starts_with('-') {
        let message = format!("unexpected argument `{script}` before the name of the script");
        return Err(Fault::script("usage", message)
            .hint("hero run --help lists the flags of hero; a script's own follow its name")
            .into());
    }
    let words: Vec<String> = words.collect();
    let mut run = Run::from_args(&words);
    run.dry_run |= args.dry_run;
    let color = session.console.stdout_color() && session.json.is_none();
    let host = Arc::new(Host::new(session.context(run)?, words, color));
    if process::is_under_sudo() {
        host.report(Event::Warning {
            message: "under sudo everything runs as root, builds too".into(),
            hint: Some("leave sudo out: with --root hero asks for the rights it needs".into()),
        });
    }
    let ended = script::run(&host, &script, args.stdlib.as_deref());
    if !host.interrupt().is_cancelled() {
        host.keep_bounded();
    }
    ended
}
