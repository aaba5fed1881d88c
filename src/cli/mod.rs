//! The command line: arguments, and one thin file a subcommand.

mod api;
mod attend;
mod check;
mod completions;
mod doctor;
mod elevated;
mod gc;
mod git_credential;
mod global;
mod list;
mod new;
mod rollback;
mod run;
mod session;
mod sizes;
mod uninstall;
mod verify;
mod why;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use global::Global;
use session::{Ended, Session};

/// Installs stacks of Rust services from their git repositories, by script.
#[derive(Debug, Parser)]
#[command(
    name = "hero",
    version,
    propagate_version = true,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a script; everything after its name is the script's own
    Run(run::Args),
    /// Find faults in scripts without running them
    Check(check::Args),
    /// Write a service script to start from
    New(new::Args),
    /// List what is installed
    List(list::Args),
    /// Remove build files and old generations that were not used for long
    Gc(gc::Args),
    /// Go back to an earlier generation of a service; builds nothing
    Rollback(rollback::Args),
    /// Stop and remove services: their binaries and every generation
    Uninstall(uninstall::Args),
    /// Compare what is installed with its receipts, byte for byte
    Verify(verify::Args),
    /// Show why a service was built, and what the next install would do
    Why(why::Args),
    /// Show what hero will use on this machine, and what is wrong with it
    Doctor,
    /// Show the functions that scripts may call, and the errors they may throw
    Api(api::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Change the system's install root as another hero asks on standard input
    #[command(name = crate::sys::elevated::SUBCOMMAND, hide = true)]
    Elevated,
    /// Answer git's questions for tokens
    #[command(name = crate::git::SUBCOMMAND, hide = true)]
    GitCredential(git_credential::Args),
    /// Stay with one process as another hero orders on standard input
    #[command(name = crate::supervise::SUBCOMMAND, hide = true)]
    Attend,
}

/// Runs the program with this process's arguments.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let global = &cli.global;
    let session = |work: &dyn Fn(&Session) -> Ended| Session::run(global, work);
    let exit = match cli.command {
        Command::Run(args) => Session::run(global, |session| run::run(session, args)),
        Command::Check(args) => session(&|session| check::run(session, &args)),
        Command::New(args) => session(&|session| new::run(session, &args)),
        Command::List(args) => session(&|session| list::run(session, &args)),
        Command::Gc(args) => session(&|session| gc::run(session, &args)),
        Command::Rollback(args) => session(&|session| rollback::run(session, &args)),
        Command::Uninstall(args) => session(&|session| uninstall::run(session, &args)),
        Command::Verify(args) => session(&|session| verify::run(session, &args)),
        Command::Why(args) => session(&|session| why::run(session, &args)),
        Command::Api(args) => session(&|session| api::run(session, &args)),
        Command::Doctor => {
            Session::lenient(global, |session, fault| doctor::run(session, fault.as_ref()))
        }
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
        Command::Elevated => elevated::run(),
        Command::GitCredential(args) => git_credential::run(&args),
        Command::Attend => attend::run(),
    };
    ExitCode::from(exit)
}
