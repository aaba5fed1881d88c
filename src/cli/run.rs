//! `hero run`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Global;
use super::session::Session;
use crate::event::Event;
use crate::script::fault::Fault;
use crate::script::{self, Ended};
use crate::sys::process;

/// Runs a script.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "hero run [OPTIONS] SCRIPT [ARGS]...",
    after_help = "SCRIPT is a path, or a name that is looked for in the working directory, then in\n\
scripts/, then among those built in: install, install_all, complete, clear_debug_bins,\n\
services/hero. Its own flags: hero run SCRIPT --help"
)]
pub struct Args {
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

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: Args) -> u8 {
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    let mut words = args.script.iter().map(|word| word.to_string_lossy().into_owned());
    let script = words.next().unwrap_or_default();
    if script.starts_with('-') {
        let message = format!("unexpected argument `{script}` before the name of the script");
        let fault = Fault::script("usage", message)
            .hint("hero run --help lists the flags of hero; a script's own follow its name");
        return session.fail(&script::simple(&fault));
    }
    let words: Vec<String> = words.collect();
    // Before the script has read its flags, and if it never does.
    let asked = words.iter().take_while(|word| *word != "--").any(|word| word == "--dry-run");
    let host = match session.host(words, args.dry_run || asked) {
        Ok(host) => host,
        Err(exit) => return exit,
    };
    if process::is_under_sudo() {
        host.report(Event::Warning {
            message: "under sudo everything runs as root, builds too".into(),
            hint: Some("leave sudo out: with --root hero asks for the rights it needs".into()),
        });
    }
    let ended = script::run(&host, &script, args.stdlib.as_deref());
    if !host.cancel.is_cancelled() {
        host.keep_bounded();
    }
    match ended {
        Ended::Exited(code) => session.done(code),
        Ended::Failed(report) => session.fail(&report),
    }
}
