//! `hero why`.

use serde::Serialize;

use super::session::{Ended, Session};
use crate::error::Fault;
use crate::git;
use crate::ops::account::{self, Account};
use crate::report;
use crate::store::{Receipt, Store};
use crate::sys::name::Name;

/// Shows why a service was built, and what the next install would do.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The service
    name: String,
    /// In the system's install root
    #[arg(short, long)]
    root: bool,
}

/// What is known of a service's builds.
#[derive(Debug, Serialize)]
struct Why {
    /// The current generation's receipt.
    current: Receipt,
    /// The last install, if it was recorded.
    last: Option<Account>,
    /// What changed since the current generation was built; empty: the next install
    /// of the same profile builds nothing.
    changes: Vec<String>,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let why = look(session, args)?;
    if session.json.is_some() {
        session.data(&why)?;
    } else {
        show(session, &why);
    }
    Ok(0)
}

fn look(session: &Session, args: &Args) -> Result<Why, Fault> {
    let name = Name::new("service", &args.name)?;
    let store = Store::open(session.dirs.root(args.root));
    let service = store.installed_service(&name)?;
    let Some(current) = service.current else {
        let message = format!("no generation of `{name}` is current");
        return Err(Fault::script("not_current", message)
            .hint(format!("hero rollback {name}, or install it again")));
    };
    let checkout = session.dirs.checkout(&name);
    let mut changes = Vec::new();
    match git::status(&checkout) {
        Ok(status) => {
            changes.extend(account::moved(&current, &status.commit.unwrap_or_default()));
            if current.dirty && status.edits.is_empty() {
                changes.push("the checkout had edits, which are gone".into());
            }
            changes.extend(
                status.edits.iter().map(|edit| format!("`{edit}` is edited: cargo is asked")),
            );
        }
        Err(_) => changes.push("there is no checkout: it is fetched".into()),
    }
    match account::inputs(&store, &current) {
        Some(inputs) => {
            let found = inputs.changes_now();
            changes
                .extend(found.iter().map(|change| account::below(&change.to_string(), &checkout)));
        }
        None => changes.push("what the build read is not known: cargo is asked".into()),
    }
    let last = Account::read(&session.dirs.account(&name));
    Ok(Why { current, last, changes })
}

fn show(session: &Session, why: &Why) {
    let receipt = &why.current;
    let commit = receipt.commit.as_deref().map_or("local", |it| it.get(..7).unwrap_or(it));
    let edits = if receipt.dirty { "+edits" } else { "" };
    let ago = report::ago(receipt.installed_at, jiff::Timestamp::now());
    let line = |head: &str, text: &str| session.console.data(&format!("{head:<15} {text}"));
    line(
        receipt.service.as_str(),
        &format!("{commit}{edits} [{}], installed {ago}", receipt.profile),
    );
    if let Some(last) = &why.last {
        let ago = report::ago(last.at, jiff::Timestamp::now());
        let what = if last.installed { "installed" } else { "changed nothing" };
        line("last install", &format!("{ago}: {what}"));
        for (index, reason) in last.reasons.iter().enumerate() {
            line(if index == 0 { "built because" } else { "" }, reason);
        }
        let phases = last.phases.iter().filter(|phase| phase.millis > 0);
        let phases: Vec<String> =
            phases.map(|phase| format!("{} {} ms", phase.name, phase.millis)).collect();
        line("took", &format!("{} ms: {}", last.millis, phases.join(", ")));
    }
    if why.changes.is_empty() {
        line("next install", "builds nothing: nothing changed");
    }
    for (index, change) in why.changes.iter().enumerate() {
        line(if index == 0 { "next install" } else { "" }, change);
    }
}
