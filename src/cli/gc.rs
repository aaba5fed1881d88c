//! `hero gc`.

use super::Global;
use super::session::Session;
use crate::disk::{self, Collect, Collected};
use crate::error::Exit;
use crate::event::Event;
use crate::report::bytes;
use crate::script::fault::Fault;
use crate::script::host::Host;
use crate::script::simple;
use crate::sys::name::Name;
use crate::sys::quantity::{Age, Size};

/// Removes build files of services that are not installed, and what the limits say: build
/// files and generations, the least recently used first.
#[derive(Debug, clap::Args)]
pub struct Args {
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

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let (session, host) = match Session::for_store(global, args.root, args.dry_run) {
        Ok(both) => both,
        Err(exit) => return exit,
    };
    let (limits, store) = (&host.config.disk, host.store());
    let what = names(&host, args).map(|names| Collect {
        names,
        max_size: args.max_size.or(limits.max_size),
        older_than: args.older_than.or(limits.older_than),
        leftovers: true,
        wait: true,
        dry_run: args.dry_run,
    });
    let collected = what.and_then(|what| {
        let collected = disk::collect(&host.disk(&store), &what);
        collected.map(|it| (what.max_size, it)).map_err(|error| Fault::from_error(&error))
    });
    let (limit, collected) = match collected {
        Ok(both) => both,
        Err(fault) => return session.fail(&simple(&fault)),
    };
    summary(&host, args, limit, &collected);
    if collected.failures.is_empty() {
        return session.done(Exit::Done as u8);
    }
    session.fail(&simple(&failed(&collected)))
}

/// The services that were named, each of them known.
fn names(host: &Host, args: &Args) -> Result<Vec<Name>, Fault> {
    let mut names = Vec::new();
    for name in &args.services {
        let name = Name::new("service", name).map_err(|error| Fault::from_error(&error))?;
        if !host.dirs.build_dir(&name).is_dir() {
            host.store().require(&name).map_err(|error| Fault::from_error(&error))?;
        }
        names.push(name);
    }
    Ok(names)
}

fn summary(host: &Host, args: &Args, limit: Option<Size>, collected: &Collected) {
    let verb = if args.dry_run { "would free" } else { "freed" };
    let left = if args.dry_run { "would be left" } else { "left" };
    let (freed, rest) = (bytes(collected.freed), bytes(collected.left));
    let message = format!("{verb} {freed}, {rest} {left}");
    host.report(Event::Finished { message, failed: !collected.failures.is_empty() });
    if let Some(limit) = limit.filter(|_| collected.over) {
        host.report(Event::Warning {
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
