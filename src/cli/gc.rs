//! `hero gc`.

use super::session::{Ended, Session};
use crate::disk::{self, Collect, Collected};
use crate::error::Exit;
use crate::error::Fault;
use crate::event::Event;
use crate::ops::Context;
use crate::report::bytes;
use crate::sys::name::Name;
use crate::sys::quantity::{Age, Size};

/// Removes build files of services that are not installed, and what the limits say: build
/// files and generations, the least recently used first.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Services, by name; all if not given
    services: Vec<String>,
    /// Go on until no more than this is left, such as 20GB or 500MiB [default: `[disk]
    /// max_size` in config.toml, else no limit]
    #[arg(long, value_name = "SIZE")]
    max_size: Option<Size>,
    /// Remove everything that was not used for so long, such as 14d or 12h [default: `[disk]
    /// older_than` in config.toml, else no limit]
    #[arg(long, value_name = "AGE")]
    older_than: Option<Age>,
    /// Generations of the system's install root
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
    let (limits, store) = (&context.config.disk, context.store());
    let what = Collect {
        names: names(&context, args)?,
        max_size: args.max_size.or(limits.max_size),
        older_than: args.older_than.or(limits.older_than),
        leftovers: true,
        wait: true,
        dry_run: args.dry_run,
    };
    let collected = disk::collect(&context.disk(&store), &what)?;
    summary(&context, args, what.max_size, &collected);
    if collected.failures.is_empty() {
        return Ok(Exit::Done as u8);
    }
    Err(failed(&collected).into())
}

/// The services that were named, each of them known.
fn names(context: &Context, args: &Args) -> Result<Vec<Name>, Fault> {
    let mut names = Vec::new();
    for name in &args.services {
        let name = Name::new("service", name)?;
        if !context.dirs.build_dir(&name).is_dir() {
            context.store().require(&name)?;
        }
        names.push(name);
    }
    Ok(names)
}

fn summary(context: &Context, args: &Args, limit: Option<Size>, collected: &Collected) {
    let verb = if args.dry_run { "would free" } else { "freed" };
    let left = if args.dry_run { "would be left" } else { "left" };
    let (freed, rest) = (bytes(collected.freed), bytes(collected.left));
    let message = format!("{verb} {freed}, {rest} {left}");
    context.report(Event::Finished { message, failed: !collected.failures.is_empty() });
    if let Some(limit) = limit.filter(|_| collected.over) {
        context.report(Event::Warning {
            message: format!("{rest} {left}, more than {limit}: the rest is in use"),
            hint: Some("see what takes most: hero list --sizes".into()),
        });
    }
}

fn failed(collected: &Collected) -> Fault {
    let count = collected.failures.len();
    let things = if count == 1 { "1 removal".to_owned() } else { format!("{count} removals") };
    let fault = Fault::script("clear_failed", format!("{things} failed"));
    let lines = collected.failures.iter();
    let fault =
        lines.fold(fault, |fault, it| fault.detail(format!("`{}`: {}", it.service, it.error)));
    let hint = collected.failures.iter().find_map(|it| crate::error::Diagnostic::hint(&it.error));
    fault.maybe_hint(hint)
}
