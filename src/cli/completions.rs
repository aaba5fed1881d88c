//! `hero completions`.

use clap::CommandFactory;

use super::Cli;

/// Prints a completion script for a shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Runs the subcommand; its exit code.
pub fn run(args: &Args) -> u8 {
    clap_complete::generate(args.shell, &mut Cli::command(), "hero", &mut std::io::stdout());
    0
}
