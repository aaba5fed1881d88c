//! `hero list`.

use super::session::{Ended, Session};
use super::sizes;
use crate::report;
use crate::store::{Listing, Receipt, Service, Store};
use crate::sys::name::Name;

/// Lists what is installed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One row a generation, the newest first; `*` marks the current one
    #[arg(short, long)]
    generations: bool,
    /// Disk space instead: of binaries and build files, as `du` counts it
    #[arg(short, long, conflicts_with = "generations")]
    sizes: bool,
    /// What is in the system's install root
    #[arg(short, long)]
    root: bool,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    if args.sizes {
        return sizes::run(session, args.root);
    }
    let listing = Store::open(session.dirs.root(args.root)).list()?;
    if session.json.is_some() {
        session.data(&listing)?;
    } else {
        show(session, &listing, args.generations);
    }
    Ok(0)
}

fn show(session: &Session, listing: &Listing, generations: bool) {
    for problem in &listing.problems {
        let path = session.dirs.display(&problem.path);
        session.console.message(&format!("warning: {}: {path}", problem.message));
        session.console.message(&format!("hint: {}", problem.hint));
    }
    if listing.services.is_empty() {
        session.console.message("nothing is installed");
        session.console.message("\nhint: hero run install https://…, or hero new NAME --repo URL");
        return;
    }
    let (columns, rows): (&[&str], Vec<_>) = if generations {
        let rows = listing.services.iter().flat_map(generation_rows).collect();
        (&["service", "", "generation", "commit", "profile", "size", "when", "binaries"], rows)
    } else {
        let rows = listing.services.iter().map(row).collect();
        (&["service", "commit", "profile", "size", "when", "older", "binaries"], rows)
    };
    let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
    session.console.data(&report::table(&columns, &rows));
}

fn row(service: &Service) -> Vec<String> {
    let older = service.generations.len().saturating_sub(usize::from(service.current.is_some()));
    let older = if older == 0 { "-".to_owned() } else { older.to_string() };
    let name = service.name.to_string();
    let Some(receipt) = &service.current else {
        let none = String::new;
        return vec![name, "not current".into(), none(), none(), none(), older];
    };
    let [commit, profile, size, when, names] = cells(receipt);
    vec![name, commit, profile, size, when, older, names]
}

fn generation_rows(service: &Service) -> Vec<Vec<String>> {
    let current = service.current.as_ref().map(|receipt| &receipt.generation);
    let row = |receipt: &Receipt| {
        let mark = if current == Some(&receipt.generation) { "*" } else { "" };
        let first = [service.name.to_string(), mark.into(), receipt.generation.clone()];
        first.into_iter().chain(cells(receipt)).collect()
    };
    service.generations.iter().map(row).collect()
}

/// Commit, profile, size, when, binaries.
fn cells(receipt: &Receipt) -> [String; 5] {
    let commit =
        receipt.commit.as_deref().map_or("local", |commit| commit.get(..7).unwrap_or(commit));
    let commit = if receipt.dirty { format!("{commit}+edits") } else { commit.to_owned() };
    let names: Vec<&str> = receipt.names().map(Name::as_str).collect();
    [
        commit,
        receipt.profile.clone(),
        report::bytes(receipt.size()),
        report::ago(receipt.installed_at, jiff::Timestamp::now()),
        names.join(", "),
    ]
}
