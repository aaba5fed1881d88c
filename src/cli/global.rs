//! The flags that every subcommand has.

use crate::report::{Color, Verbosity};

/// Flags that every subcommand has.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Say more: why, and every warning of the compiler
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Say only warnings, errors and what was asked for
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print events as JSON, one a line, on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// When to use colour: auto, always, never
    #[arg(
        long,
        global = true,
        hide_possible_values = true,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(super) color: Color,
}

impl Global {
    /// How much is printed.
    pub(super) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }
}
