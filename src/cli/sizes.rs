//! `hero list --sizes`.

use std::collections::BTreeSet;

use super::session::{Ended, Session};
use crate::disk::{self, ServiceSizes, Sizes};
use crate::report::{self, bytes};

/// Shows what each service takes.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, root: bool) -> Ended {
    let context = session.for_store(root, false)?;
    let store = context.store();
    let sizes = disk::sizes(&context.disk(&store))?;
    if session.json.is_some() {
        session.data(&sizes)?;
        return Ok(0);
    }
    for path in &sizes.foreign {
        let path = session.dirs.display(path);
        session
            .console
            .message(&format!("warning: not counted, since it is no build directory: {path}"));
    }
    if sizes.services.is_empty() {
        session.console.message("nothing is installed, and there are no build files");
        return Ok(0);
    }
    session.console.data(&table(&sizes));
    Ok(0)
}

/// A line a service, and the sum.
fn table(sizes: &Sizes) -> String {
    let profiles = sizes.services.iter().flat_map(|it| it.build.keys());
    let profiles: BTreeSet<&str> = profiles.map(String::as_str).collect();
    let first = ["service", "binaries", "debug binaries"].map(str::to_owned);
    let builds = profiles.iter().map(|profile| format!("{profile} build"));
    let last = ["other build files", "total"].map(str::to_owned);
    let columns: Vec<String> = first.into_iter().chain(builds).chain(last).collect();
    let row = |name: String, numbers: &[u64]| {
        std::iter::once(name).chain(numbers.iter().map(|it| bytes(*it))).collect::<Vec<_>>()
    };
    let mut sums = vec![0; columns.len() - 1];
    let mut rows = Vec::new();
    for service in &sizes.services {
        let numbers = numbers(service, &profiles);
        sums.iter_mut().zip(&numbers).for_each(|(sum, number)| *sum += number);
        rows.push(row(name(service), &numbers));
    }
    rows.push(row("total".into(), &sums));
    report::table(&columns, &rows)
}

fn numbers(service: &ServiceSizes, profiles: &BTreeSet<&str>) -> Vec<u64> {
    let builds = profiles.iter().map(|profile| service.build.get(*profile).copied().unwrap_or(0));
    let first = [service.binaries, service.debug_binaries];
    first.into_iter().chain(builds).chain([service.other_build, service.total]).collect()
}

fn name(service: &ServiceSizes) -> String {
    let mut name = service.service.to_string();
    match (&service.guest_of, service.installed) {
        (_, false) => name += " (not installed)",
        (Some(host), true) => name = format!("{name} (builds in {host})"),
        (None, true) => {}
    }
    name
}
