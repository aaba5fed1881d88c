//! `daemon`: what is known of services, and what they print.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use crate::ops;
use crate::ops::status::{ServiceStatus, status};
use crate::script::api::convert::to_map;
use crate::script::api::namespace::Namespace;
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::value::{Described, Value};
use crate::supervise::{self, Record};

/// Adds what changes nothing.
pub(super) fn add(daemon: &mut Namespace, host: &Arc<Host>) {
    knowing(daemon, host);
    showing(daemon, host);
    printing(daemon, host);
}

fn knowing(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "status(name: string) -> map",
        r#"
        What is known of a service that was started, `()` if hero never did: `supervisor`,
        `state` (of the unit that is worst off), `wanted` (the last word was a start), `proven`
        (the generation last seen to run well), `stale` (an older binary than the installed one
        still runs), `problem` (why nothing is known), and `units`: arrays of maps with `unit`,
        `state`, `pid`, `since`, `ended`, `restarts`, `port`, `current`.

            let known = daemon::status("shop");
            if known != () && known.stale { print("the old binary still runs"); }
        "#,
        move |name: &str| -> Result<Dynamic> {
            let name = service_name(name)?;
            match supervise::overview(
                &*context.machine,
                &context.places(),
                &name,
                &context.cancel(),
            )
            .throw()?
            {
                Some(known) => to_map(known).map(Dynamic::from),
                None => Ok(Dynamic::UNIT),
            }
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "list() -> array",
        r#"
        The names of the services that hero has started in this install root.

            for name in daemon::list() { print(name); }
        "#,
        move || -> Result<Array> {
            let names = Record::services(&context.places()).throw()?;
            Ok(names.iter().map(|name| Dynamic::from(name.to_string())).collect())
        },
    );
    daemon.add(
        "levels(services: array) -> array",
        r#"
        Groups descriptions by their `after`, so that each service comes after those it waits
        for: an array of arrays. Errors: `cycle`, which shows the circle.

            for group in daemon::levels(services) { print(group.len()); }
        "#,
        |services: Array| levels(&services),
    );
}

fn levels(services: &[Dynamic]) -> Result<Array> {
    let mut items = Vec::new();
    for service in services {
        if let Some(described) = service.read_lock::<Value<Described>>() {
            let service = &described.get().service;
            items.push((service.name.to_string(), service.waits_for()));
        } else if let Some(map) = service.read_lock::<Map>() {
            // One that could not be loaded.
            items.push((map.get("name").map(ToString::to_string).unwrap_or_default(), Vec::new()));
        } else {
            let message = "`daemon::levels` wants an array of services";
            return Err(Fault::script("wrong_option", message).throw());
        }
    }
    let levels = supervise::levels(&items).throw()?;
    let group = |level: Vec<usize>| -> Dynamic {
        level.into_iter().map(|index| services[index].clone()).collect::<Array>().into()
    };
    Ok(levels.into_iter().map(group).collect())
}

fn showing(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "show_status(services: array)",
        r#"
        Shows in a table how services stand: what is installed, what runs, what their checkouts
        look like; and warns of what needs a hand.

            daemon::show_status([describe(#{repo: "https://github.com/casey/just"})]);
        "#,
        move |services: Array| -> Result<()> {
            ops::status::show(&context, &statuses(&context, &services)?);
            Ok(())
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "statuses(services: array) -> array",
        r#"
        How services stand: an array of maps with `service`, `script`, `starts`, `started` (as
        `daemon::status` gives it), `installed` (the receipt of the current generation or `()`),
        `size`, `older` (how many other generations there are), `checkout` (a few words).

            ui::json(daemon::statuses([describe(#{repo: "https://github.com/casey/just"})]));
        "#,
        move |services: Array| -> Result<Array> {
            let found = statuses(&context, &services)?;
            found.iter().map(|status| to_map(status).map(Dynamic::from)).collect()
        },
    );
}

fn statuses(host: &Host, services: &[Dynamic]) -> Result<Vec<ServiceStatus>> {
    let mut described = Vec::new();
    for service in services {
        let Some(service) = service.clone().try_cast::<Value<Described>>() else {
            let message = "an array of services is wanted";
            return Err(Fault::script("wrong_option", message).throw());
        };
        described.push(service);
    }
    let services: Vec<_> = described.iter().map(|service| &service.get().service).collect();
    status(host, &services).map_err(|fault| fault.throw())
}

fn printing(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "logs(name: string, lines: int) -> string",
        r#"
        The last lines of what a service has printed; bytes that are no text become `\u{fffd}`.

            print(daemon::logs("shop", 20));
        "#,
        move |name: &str, lines: i64| -> Result<String> {
            let lines = usize::try_from(lines).unwrap_or(0);
            ops::logs(&context, &service_name(name)?, lines).map_err(|fault| fault.throw())
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "show_logs(names: array, lines: int, follow: bool)",
        r#"
        Shows the last lines of what services have printed; with `follow` also what they print from now
        on, until interrupted. Of several, each line begins with whose it is.

            daemon::show_logs(["shop", "mail"], 20, true);
        "#,
        move |names: Array, lines: i64, follow: bool| -> Result<()> {
            let names = names.iter().map(|name| service_name(&name.to_string()));
            let names = names.collect::<Result<Vec<_>>>()?;
            let lines = usize::try_from(lines).unwrap_or(0);
            ops::show_logs(&context, &names, lines, follow).map_err(|fault| fault.throw())
        },
    );
}
