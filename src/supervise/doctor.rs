//! Who would keep services running.

use super::{Kind, Local, Machine, Places, supervisor};
use crate::error::Diagnostic;
use crate::sys::finding::Finding;

/// The supervisor that is used where nothing else is said; `chosen` is that of the
/// configuration.
pub(crate) fn examine(places: &Places, chosen: Option<&str>) -> Finding {
    const WHAT: &str = "services";
    let Some(chosen) = chosen else {
        let missing: Vec<String> = Kind::ALL
            .into_iter()
            .take_while(|kind| *kind != Local.first(places).kind())
            .map(|kind| format!("no {kind}"))
            .collect();
        let found = match Local.first(places).kind() {
            Kind::Direct => "hero itself (direct)".to_owned(),
            kind => kind.to_string(),
        };
        let why =
            if missing.is_empty() { String::new() } else { format!("; {}", missing.join(", ")) };
        return Finding::ok(WHAT, format!("kept running by {found}{why}"));
    };
    let available = chosen.parse().and_then(|kind| supervisor(kind, places).available());
    match available {
        Ok(()) => Finding::ok(WHAT, format!("kept running by {chosen} (config.toml)")),
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "choose another: [start] supervisor".into());
            Finding::warning(WHAT, error.to_string(), hint)
        }
    }
}
