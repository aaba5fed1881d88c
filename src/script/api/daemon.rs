//! `daemon`: starting what is installed, and what is known of it.

mod complete;
mod look;

use std::sync::Arc;

use rhai::Map;

use super::convert::to_map;
use super::namespace::Namespace;
use crate::ops;
use crate::script::describe::service_name;
use crate::script::fault::Result;
use crate::script::host::Host;
use crate::script::value::{Described, Value};

/// The namespace `daemon`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut daemon = Namespace::new("daemon");
    starting(&mut daemon, host);
    stopping(&mut daemon, host);
    complete::add(&mut daemon, host);
    look::add(&mut daemon, host);
    daemon
}

fn starting(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "start(service: Service) -> map",
        r#"
        Starts the processes that the `start` of a description names, in order, and verifies each:
        it is there, is ready (`ready`), owns its port, runs the very file that is installed, and
        stays alive (`stable`). What runs as it should already goes on.

        Result: `units` (arrays of maps with `unit`, `pid`, `started`, `ready_millis`, `proof`),
        `outage_millis` (for how long nothing answered that answered before, or `()`).
        Errors: `no_boot` (exit 4, with the last lines of the log), `port_taken`,
        `not_installed`, `no_such_program`, `no_start`, `supervisor_unavailable`,
        `unsupported_option`, `locked`.

            let up = daemon::start(describe(#{repo: "/srv/shop", start: #{cmd: ["shop"]}}));
            print(up.units[0].pid);
        "#,
        move |service: Value<Described>| -> Result<Map> {
            let up = ops::start(&context, &service.get().service);
            to_map(up.map_err(|fault| fault.throw())?)
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "restart(service: Service) -> map",
        r#"
        Stops a service and starts what is installed now. Result and errors as of `daemon::start`.

            daemon::restart(describe(#{repo: "/srv/shop", start: #{cmd: ["shop"]}}));
        "#,
        move |service: Value<Described>| -> Result<Map> {
            let up = ops::restart(&context, &service.get().service);
            to_map(up.map_err(|fault| fault.throw())?)
        },
    );
}

fn stopping(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "stop(name: string) -> bool",
        r#"
        Stops a service with all its processes: SIGTERM, `stop_timeout` seconds, SIGKILL.
        Whether something ran. Errors: `not_stopped`, `locked`.

            daemon::stop("shop");
        "#,
        move |name: &str| -> Result<bool> {
            ops::stop(&context, &service_name(name)?).map_err(|fault| fault.throw())
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "remove(name: string) -> bool",
        r#"
        Stops a service and makes its supervisor forget it. Whether it was known.
        Errors: `not_stopped`, `locked`.

            daemon::remove("shop");
        "#,
        move |name: &str| -> Result<bool> {
            ops::forget(&context, &service_name(name)?).map_err(|fault| fault.throw())
        },
    );
}
