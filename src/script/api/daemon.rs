//! `daemon`: starting what is installed, and what is known of it.

mod look;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rhai::{Dynamic, Map};
use serde_json::json;

use super::namespace::Namespace;
use super::to_map;
use crate::script::describe::{describe, service_name};
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::start::{self, Frame};
use crate::supervise::{self, Boot, Record, Unit};
use crate::sys::name::Name;
use crate::sys::{fs, processes};

/// The namespace `daemon`.
pub fn namespace(host: &Arc<Host>) -> Namespace {
    let mut daemon = Namespace::new("daemon");
    choosing(&mut daemon, host);
    starting(&mut daemon, host);
    stopping(&mut daemon, host);
    look::add(&mut daemon, host);
    daemon
}

fn choosing(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "supervisor(name: string)",
        r#"
        Chooses the supervisor of this run: "zinit", "systemd" or "direct" (hero's own).
        Otherwise it is the one of `[start] supervisor` in `config.toml`, or the one that runs
        a service already, or the first of these that is there.

        Errors: `no_such_supervisor`.

            daemon::supervisor("direct");
        "#,
        move |name: &str| -> Result<()> {
            context.use_supervisor(name.parse().throw()?);
            Ok(())
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "try_only()",
        r#"
        From now on installs and starts of this run go to a temporary place, with a temporary
        HOME and, where a description has `{port}`, free ports. What is started ends with the run,
        whatever becomes of it. The checkouts and build directories are those of always.

            daemon::try_only();
        "#,
        move || -> Result<()> {
            if context.dry_run() { Ok(()) } else { context.try_only().throw() }
        },
    );
}

fn starting(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "start(service: map) -> map",
        r#"
        Starts the processes that the `start` of a description names, in order, and proves each:
        it is there, is ready (`ready`), owns its port, runs the very file that is installed, and
        stays alive (`stable`). What runs as it should already goes on.

        Result: `units` (arrays of maps with `unit`, `pid`, `started`, `ready_millis`, `proof`),
        `outage_millis` (for how long nothing answered that answered before, or `()`).
        Errors: `no_boot` (exit 4, with the last lines of the log), `port_taken`,
        `not_installed`, `no_such_program`, `supervisor_unavailable`, `unsupported_option`, …

            let up = daemon::start(service);
            print(up.units[0].pid);
        "#,
        move |service: Map| start(&context, service, false),
    );
    let context = Arc::clone(host);
    daemon.add(
        "restart(service: map) -> map",
        r#"
        The same, and what runs is stopped first.

            daemon::restart(service);
        "#,
        move |service: Map| start(&context, service, true),
    );
    let context = Arc::clone(host);
    daemon.add(
        "restore(name: string) -> map",
        r#"
        Starts a service as it ran when it was last seen to run well, with the generation
        that is current now. Result and errors: as of `daemon::start`; `never_proven`.

            daemon::restore("shop");
        "#,
        move |name: &str| restore(&context, &service_name(name)?),
    );
    let context = Arc::clone(host);
    daemon.add(
        "check(service: map)",
        r#"
        Sees to it that the ports of a service that does not run are free.

        Errors: `port_taken` with the name of the process that has it.

            daemon::check(service);
        "#,
        move |service: Map| check(&context, service),
    );
}

fn stopping(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "stop(name: string) -> bool",
        r#"
        Stops a service with all its processes: SIGTERM, `stop_timeout` seconds, SIGKILL.
        Whether something ran.

            daemon::stop("shop");
        "#,
        move |name: &str| -> Result<bool> {
            let name = service_name(name)?;
            if context.dry_run() {
                return plan_stop(&context, &name);
            }
            let places = context.places();
            supervise::down(&places, &name, &*context.reporter, &context.cancel()).throw()
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "remove(name: string) -> bool",
        r#"
        Stops a service and makes its supervisor forget it. Whether it was known.

            daemon::remove("shop");
        "#,
        move |name: &str| -> Result<bool> {
            let name = service_name(name)?;
            if context.dry_run() {
                return plan_stop(&context, &name);
            }
            let places = context.places();
            supervise::forget(&places, &name, &*context.reporter, &context.cancel()).throw()
        },
    );
}

fn plan_stop(host: &Host, name: &Name) -> Result<bool> {
    let known = supervise::overview(&host.places(), name, &host.cancel()).throw()?;
    let runs = known.is_some_and(|known| known.units.iter().any(|unit| unit.pid.is_some()));
    Ok(runs && host.plans("stop", name.to_string()))
}

/// What a description says about starting.
struct Wanted {
    name: Name,
    script: Option<String>,
    starts: Vec<start::Start>,
    after: Vec<String>,
}

fn wanted(service: Map) -> Result<Wanted> {
    let service = describe(service, None)?;
    let text = |key: &str| service.get(key).and_then(|value| value.clone().into_string().ok());
    let after = service.get("after").and_then(|list| list.clone().into_typed_array().ok());
    Ok(Wanted {
        name: service_name(&text("name").unwrap_or_default())?,
        script: text("script"),
        starts: start::read(service.get("start").unwrap_or(&Dynamic::UNIT))
            .map_err(|fault| fault.throw())?,
        after: after.unwrap_or_default(),
    })
}

/// The units of a service, of the binaries that are current now.
fn units(host: &Host, wanted: &Wanted) -> Result<Vec<Unit>> {
    let places = host.places();
    let bin = host.root().current.join(&wanted.name).join("bin");
    let ports = processes::free_port;
    let (home, mut env) = (places.home.clone(), BTreeMap::new());
    let home: PathBuf = if host.tries_only() {
        let home = home.join(&wanted.name);
        fs::create_dir_all(&home).throw()?;
        env.insert("HOME".to_owned(), home.display().to_string());
        home
    } else {
        home
    };
    let frame = Frame {
        service: &wanted.name,
        after: &wanted.after,
        bin: &bin,
        home: &home,
        ports: host.tries_only().then_some(&ports),
        env,
    };
    frame
        .units(&wanted.starts)
        .map_err(|fault| Fault { script: wanted.script.clone(), ..fault }.throw())
}

fn start(host: &Host, service: Map, again: bool) -> Result<Map> {
    let wanted = wanted(service)?;
    if wanted.starts.is_empty() {
        let message = format!("`{}` has nothing to start", wanted.name);
        return Err(Fault { script: wanted.script, ..Fault::script("no_start", message) }
            .hint("start: #{ cmd: [\"server\", \"--port\", \"8080\"], ready: #{ port: 8080 } }")
            .throw());
    }
    if host.plans(if again { "restart" } else { "start" }, wanted.name.to_string()) {
        return planned();
    }
    let generation = current(host, &wanted.name)?;
    let units = units(host, &wanted)?;
    up(host, &wanted.name, &generation, &units, again)
}

fn restore(host: &Host, name: &Name) -> Result<Map> {
    if host.plans("start", name.to_string()) {
        return planned();
    }
    let record = Record::read(&host.places(), name).throw()?;
    let Some(proven) = record.and_then(|record| record.proven) else {
        let message = format!("`{name}` has never been seen to run well");
        return Err(Fault::script("never_proven", message).throw());
    };
    let generation = current(host, name)?;
    up(host, name, &generation, &proven.units, false)
}

fn planned() -> Result<Map> {
    to_map(json!({ "units": [], "outage_millis": null }))
}

fn up(host: &Host, name: &Name, generation: &str, units: &[Unit], again: bool) -> Result<Map> {
    let supervisor = host.supervisor(name).throw()?;
    let places = host.places();
    let boot = Boot {
        supervisor: &*supervisor,
        places: &places,
        service: name,
        generation,
        reporter: &*host.reporter,
        cancel: &host.cancel(),
    };
    to_map(supervise::up(&boot, units, again).throw()?)
}

/// The generation that is current.
fn current(host: &Host, name: &Name) -> Result<String> {
    let service = host.store().service(name).throw()?;
    service.and_then(|service| service.current).map(|receipt| receipt.generation).ok_or_else(|| {
        Fault::script("not_installed", format!("`{name}` is not installed"))
            .hint("install it first; `complete` does both")
            .throw()
    })
}

fn check(host: &Host, service: Map) -> Result<()> {
    let wanted = wanted(service)?;
    if wanted.starts.is_empty() || host.dry_run() || host.tries_only() {
        return Ok(());
    }
    let places = host.places();
    let running = supervise::overview(&places, &wanted.name, &host.cancel()).throw()?;
    let runs = |unit: &Name| {
        let units = running.iter().flat_map(|running| &running.units);
        units.into_iter().any(|known| known.unit == *unit && known.pid.is_some())
    };
    // Before the first install its programs are nowhere yet; its ports are known.
    for (unit, port) in start::ports(&wanted.name, &wanted.starts) {
        if !runs(&unit) {
            supervise::require_free(&unit, &wanted.name, port, &places, &host.cancel()).throw()?;
        }
    }
    Ok(())
}
