//! Whether an install root can be changed, and what stands in it.

use super::{Error, Store};
use crate::error::Diagnostic;
use crate::sys::dirs::Root;
use crate::sys::finding::Finding;

/// The system's root and how it can be changed.
pub(crate) fn examine_system(root: &Root) -> Finding {
    const WHAT: &str = "system";
    let (store, bin) = (Store::open(root), root.bin.display());
    if let Err(error) = store.trusted() {
        let hint = error.hint().unwrap_or_else(|| "see: hero verify --root".into());
        return Finding::warning(WHAT, format!("--root would refuse: {error}"), hint);
    }
    match store.elevation() {
        Ok(None) => Finding::ok(WHAT, format!("{bin} (--root; writable)")),
        Ok(Some(_)) => Finding::ok(WHAT, format!("{bin} (--root; by sudo)")),
        Err(Error::RootNotWritable { .. }) => Finding::warning(
            WHAT,
            format!("{bin} (--root) is not writable, and there is no sudo"),
            "only --root needs it: install sudo, or run hero as root for it",
        ),
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "leave --root out".into());
            Finding::warning(WHAT, error.to_string(), hint)
        }
    }
}

/// How many services there are, and whether they are whole at a glance.
pub(crate) fn examine_installed(root: &Root) -> Finding {
    const WHAT: &str = "installed";
    let number = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let listing = match Store::open(root).list() {
        Ok(listing) => listing,
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "see: hero list".into());
            return Finding::problem(WHAT, error.to_string(), hint);
        }
    };
    let services = number(listing.services.len(), "service");
    if listing.problems.is_empty() {
        return Finding::ok(WHAT, services);
    }
    let problems = number(listing.problems.len(), "problem");
    Finding::warning(WHAT, format!("{services}, {problems}"), "see what is wrong: hero verify")
}
