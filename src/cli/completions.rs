//! `hero completions`.

use std::io::Write as _;

/// Prints a completion script for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Runs the subcommand for the whole command line of hero; its exit code.
pub(crate) fn run(args: &Args, command: &mut clap::Command) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "hero", &mut script);
    // A reader such as `head` may stop early.
    let _closed = std::io::stdout().write_all(&script);
    0
}
