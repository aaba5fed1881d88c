//! How services stand: what is installed, what runs, what their checkouts look like.

use serde::Serialize;

use super::Context;
use crate::error::Fault;
use crate::event::Event;
use crate::git;
use crate::model::Service;
use crate::report::{ago, bytes};
use crate::store::Receipt;
use crate::supervise::{self, Overview, UnitOverview};
use crate::sys::fs;
use crate::sys::name::Name;

/// Everything that is known of a service.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceStatus {
    service: Name,
    /// Its script, as one would type it.
    script: String,
    /// Whether it has something to start.
    starts: bool,
    /// What was started; `None` if hero never did.
    started: Option<Overview>,
    /// The receipt of the current generation.
    installed: Option<Receipt>,
    /// Bytes of all generations.
    size: u64,
    /// How many generations there are beside the current one.
    older: usize,
    /// How its checkout stands, in a few words.
    checkout: String,
}

/// How services stand, in their order. Changes nothing.
///
/// # Errors
/// When the store or a record cannot be read.
pub(crate) fn status(
    context: &Context,
    services: &[&Service],
) -> Result<Vec<ServiceStatus>, Fault> {
    services.iter().map(|service| one(context, service)).collect()
}

fn one(context: &Context, service: &Service) -> Result<ServiceStatus, Fault> {
    let name = &service.name;
    let found = context.store().service(name)?;
    let current = found.as_ref().and_then(|found| found.current.clone());
    let found = found.filter(|_| current.is_some());
    let script = service.script.as_deref().map(|path| fs::relative(path.as_ref()));
    Ok(ServiceStatus {
        service: name.clone(),
        script: script.unwrap_or_else(|| name.to_string()),
        starts: !service.start.is_empty(),
        started: supervise::overview(
            &*context.machine,
            &context.places(),
            name,
            &context.cancel(),
        )?,
        installed: current,
        size: found.as_ref().map_or(0, |found| found.size),
        older: found.map_or(0, |found| found.generations.len().saturating_sub(1)),
        checkout: checkout(context, name),
    })
}

/// How the checkout of a service stands, in a few words.
pub(crate) fn checkout(context: &Context, name: &Name) -> String {
    let path = context.dirs.checkout(name);
    if !fs::exists(&path) {
        return "none".into();
    }
    let status = match git::status(&path) {
        Ok(status) => status,
        Err(error) => return error.to_string(),
    };
    let mut words = vec![status.reference];
    let counts =
        [(status.edits.len(), "edited"), (status.ahead, "ahead"), (status.behind, "behind")];
    words.extend(
        counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}")),
    );
    words.join(", ")
}

/// Shows how services stand as a table, and warns of what needs a hand.
pub(crate) fn show(context: &Context, services: &[ServiceStatus]) {
    let starts = services.iter().any(|it| it.starts || it.started.is_some());
    let columns: &[&str] = if starts {
        &["service", "state", "process", "port", "up", "installed", "profile", "when", "checkout"]
    } else {
        &["service", "installed", "profile", "size", "when", "older", "checkout"]
    };
    let row = |it: &ServiceStatus| columns.iter().map(|column| it.cell(column)).collect();
    context.report(Event::Table {
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: services.iter().map(row).collect(),
    });
    for it in services {
        it.warn(context);
    }
}

impl ServiceStatus {
    fn cell(&self, column: &str) -> String {
        let receipt = self.installed.as_ref();
        let units = self.started.as_ref().map_or(&[][..], |started| &started.units);
        let listed = |value: &dyn Fn(&UnitOverview) -> Option<String>| {
            units.iter().filter_map(value).collect::<Vec<_>>().join(", ")
        };
        let ago = |time| ago(time, jiff::Timestamp::now());
        match column {
            "service" => self.service.to_string(),
            "state" => self.state(),
            "process" => listed(&|unit| unit.pid.map(|pid| pid.to_string())),
            "port" => listed(&|unit| unit.port.map(|port| port.to_string())),
            "up" => units.iter().find_map(|unit| unit.since).map(ago).unwrap_or_default(),
            "installed" => receipt.map_or("no".into(), Receipt::revision),
            "profile" => receipt.map(|it| it.profile.clone()).unwrap_or_default(),
            "size" => receipt.map(|_| bytes(self.size)).unwrap_or_default(),
            "when" => receipt.map(|it| ago(it.installed_at)).unwrap_or_default(),
            "older" => receipt.map(|_| self.older.to_string()).unwrap_or_default(),
            _ => self.checkout.clone(),
        }
    }

    fn state(&self) -> String {
        match &self.started {
            None if self.starts => "not started".into(),
            None => String::new(),
            Some(known) if known.stale => format!("{}, old binary", known.state),
            // Such as after an interrupt: that it is ready was not verified.
            Some(known) if known.state == "running" && !known.as_proven => {
                format!("{}, unproven", known.state)
            }
            Some(known) => known.state.clone(),
        }
    }

    fn warn(&self, context: &Context) {
        let Some(known) = &self.started else { return };
        let warn = |message: String, hint: Option<String>| {
            context.report(Event::Warning { message, hint });
        };
        if let Some(problem) = &known.problem {
            warn(format!("`{}`: {problem}", self.service), None);
        }
        for unit in &known.units {
            if unit.state.ends_with("unattended") {
                let message = format!("`{}` runs, but nobody would start it again", unit.unit);
                warn(message, Some(format!("hero run {} restart", self.script)));
            }
            if unit.state == "failed" {
                let ended = unit.ended.as_deref().unwrap_or_default();
                let hint = format!("what it said: hero run {} logs", self.script);
                warn(format!("`{}` has failed: {ended}", unit.unit), Some(hint));
            }
        }
    }
}
