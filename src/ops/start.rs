//! Starting services so that they are known to run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Context;
use super::units::Frame;
use crate::error::Fault;
use crate::model::{Service, ports};
use crate::supervise::{self, Boot, Record, Unit, Up};
use crate::sys::name::Name;
use crate::sys::{fs, processes};

/// Starts what is installed of a service and is described as starting, and verifies each
/// process. What runs as it should already goes on.
///
/// # Errors
/// Nothing to start, not installed, a port that is taken, a process that does not boot.
pub(crate) fn start(context: &Context, service: &Service) -> Result<Up, Fault> {
    let up = context.locked(&service.name, || bring_up(context, service, false))??;
    say_runs(context, &service.name, &up);
    Ok(up)
}

/// Stops a service and starts what is installed now.
///
/// # Errors
/// As of [`start`].
pub(crate) fn restart(context: &Context, service: &Service) -> Result<Up, Fault> {
    context.locked(&service.name, || bring_up(context, service, true))?
}

/// Starts a service as it was when it was verified last, with the generation that is current.
///
/// # Errors
/// Never verified, not installed, a process that does not boot.
pub(crate) fn restore(context: &Context, service: &Name) -> Result<Up, Fault> {
    if context.plans("start", service.to_string()) {
        return Ok(planned());
    }
    let record = Record::read(&context.places(), service)?;
    let Some(proven) = record.and_then(|record| record.proven) else {
        let message = format!("`{service}` has never been seen to run well");
        return Err(Fault::script("never_proven", message));
    };
    up(context, service, &current(context, service)?, &proven.units, false)
}

/// Checks that the ports of a service that does not run are free.
///
/// # Errors
/// A port that is taken, with the name of the process that has it.
pub(crate) fn check_ports(context: &Context, service: &Service) -> Result<(), Fault> {
    if service.start.is_empty() || context.dry_run() || context.is_sandboxed() {
        return Ok(());
    }
    let places = context.places();
    let running =
        supervise::overview(&*context.machine, &places, &service.name, &context.cancel())?;
    let runs = |unit: &Name| {
        let mut units = running.iter().flat_map(|running| &running.units);
        units.any(|known| known.unit == *unit && known.pid.is_some())
    };
    // Before the first install its programs are nowhere yet; its ports are known.
    for (unit, port) in ports(&service.name, &service.start) {
        if !runs(&unit) {
            supervise::require_free(
                &*context.machine,
                &unit,
                &service.name,
                port,
                &places,
                &context.cancel(),
            )?;
        }
    }
    Ok(())
}

/// The same as [`start`] and [`restart`], for callers that hold the lock.
pub(super) fn bring_up(context: &Context, service: &Service, again: bool) -> Result<Up, Fault> {
    let name = &service.name;
    if service.start.is_empty() {
        let fault = Fault::script("no_start", format!("`{name}` has nothing to start"))
            .hint("start: #{ cmd: [\"server\", \"--port\", \"8080\"], ready: #{ port: 8080 } }");
        return Err(Fault { script: service.script.clone(), ..fault });
    }
    if context.plans(if again { "restart" } else { "start" }, name.to_string()) {
        return Ok(planned());
    }
    let generation = current(context, name)?;
    let units = units(context, service)
        .map_err(|fault| Fault { script: service.script.clone(), ..fault })?;
    up(context, name, &generation, &units, again)
}

/// Says that nothing had to be started.
pub(super) fn say_runs(context: &Context, service: &Name, up: &Up) {
    if up.units.is_empty() || up.units.iter().any(|unit| unit.started) {
        return;
    }
    let pids: Vec<String> =
        up.units.iter().filter_map(|unit| unit.pid).map(|pid| pid.to_string()).collect();
    let process =
        if pids.is_empty() { String::new() } else { format!(" (process {})", pids.join(", ")) };
    context.step("Runs", format!("{service} as it should{process}"));
}

fn planned() -> Up {
    Up { units: Vec::new(), outage_millis: None }
}

/// The units of a service, of the binaries that are current now.
fn units(context: &Context, service: &Service) -> Result<Vec<Unit>, Fault> {
    let name = &service.name;
    let bin = context.root().current.join(name).join("bin");
    let free_port = processes::free_port;
    let (mut home, mut env): (PathBuf, _) = (context.places().home, BTreeMap::new());
    if context.is_sandboxed() {
        home = home.join(name);
        fs::create_dir_all(&home)?;
        env.insert("HOME".to_owned(), home.display().to_string());
    }
    let frame = Frame {
        service: name,
        after: service.after(),
        bin: &bin,
        home: &home,
        ports: context.is_sandboxed().then_some(&free_port),
        env,
    };
    frame.units(&service.start)
}

fn up(
    context: &Context,
    service: &Name,
    generation: &str,
    units: &[Unit],
    again: bool,
) -> Result<Up, Fault> {
    let supervisor = context.supervisor(service)?;
    let places = context.places();
    let boot = Boot {
        machine: &*context.machine,
        supervisor: &*supervisor,
        places: &places,
        service,
        generation,
        reporter: &*context.reporter,
        cancel: &context.cancel(),
    };
    Ok(supervise::up(&boot, units, again)?)
}

/// The generation that is current.
fn current(context: &Context, name: &Name) -> Result<String, Fault> {
    let service = context.store().service(name)?;
    service.and_then(|service| service.current).map(|receipt| receipt.generation).ok_or_else(|| {
        Fault::script("not_installed", format!("`{name}` is not installed"))
            .hint("install it first; `complete` does both")
    })
}
