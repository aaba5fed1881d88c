//! `daemon`: what is known of services, and what they say.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Array, Dynamic, Map};

use crate::event::{Event, Stream};
use crate::script::api::namespace::Namespace;
use crate::script::api::to_map;
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::supervise::{self, Record};
use crate::sys::name::Name;
use crate::sys::text::colored;

/// Adds what changes nothing.
pub(super) fn add(daemon: &mut Namespace, host: &Arc<Host>) {
    knowing(daemon, host);
    saying(daemon, host);
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
            match supervise::overview(&context.places(), &name, &context.cancel()).throw()? {
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
        let Some(map) = service.read_lock::<Map>() else {
            let message = "`daemon::levels` wants descriptions of services";
            return Err(Fault::script("wrong_option", message).throw());
        };
        let name = map.get("name").map(ToString::to_string).unwrap_or_default();
        let words = |value: &Dynamic| value.clone().into_typed_array::<String>().ok();
        let mut after = map.get("after").and_then(words).unwrap_or_default();
        if let Some(starts) = map.get("start").and_then(Dynamic::read_lock::<Array>) {
            for start in starts.iter() {
                let start = start.read_lock::<Map>();
                let more = start.and_then(|start| start.get("after").and_then(words));
                after.extend(more.unwrap_or_default());
            }
        }
        items.push((name, after));
    }
    let levels = supervise::levels(&items).throw()?;
    let group = |level: Vec<usize>| -> Dynamic {
        level.into_iter().map(|index| services[index].clone()).collect::<Array>().into()
    };
    Ok(levels.into_iter().map(group).collect())
}

fn saying(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "logs(name: string, lines: int) -> string",
        r#"
        The last lines of what a service has said; bytes that are no text become `\u{fffd}`.

            print(daemon::logs("shop", 20));
        "#,
        move |name: &str, lines: i64| -> Result<String> {
            let (name, mut text) = (service_name(name)?, String::new());
            let lines = usize::try_from(lines).unwrap_or(0);
            each(&context, &[name], &mut |_, supervisor, unit| {
                let said = supervisor.logs(unit, lines, &context.cancel()).throw()?;
                text.push_str(&String::from_utf8_lossy(&said));
                Ok(())
            })?;
            Ok(text)
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "show_logs(names: array, lines: int, follow: bool)",
        r#"
        Shows the last lines of what services have said; with `follow` also what they say from now
        on, until interrupted. Of several, each line begins with whose it is.

            daemon::show_logs(["shop", "mail"], 20, true);
        "#,
        move |names: Array, lines: i64, follow: bool| -> Result<()> {
            let names = names.iter().map(|name| service_name(&name.to_string()));
            let names = names.collect::<Result<Vec<_>>>()?;
            show(&context, &names, usize::try_from(lines).unwrap_or(0), follow)
        },
    );
}

/// Calls `work` for each unit of the services.
fn each(
    host: &Host,
    services: &[Name],
    work: &mut dyn FnMut(usize, &dyn supervise::Supervisor, &Name) -> Result<()>,
) -> Result<()> {
    let places = host.places();
    let mut records = Vec::new();
    for name in services {
        match Record::read(&places, name).throw()? {
            Some(record) => records.push(record),
            None if services.len() == 1 => {
                let message = format!("`{name}` was never started");
                return Err(Fault::script("not_started", message)
                    .hint("its script's verbs `start` and `complete` do")
                    .throw());
            }
            None => {}
        }
    }
    let count = records.iter().map(|record| record.units.len()).sum();
    for record in records {
        let supervisor = supervise::supervisor(record.supervisor, &places);
        for unit in &record.units {
            work(count, &*supervisor, &unit.name)?;
        }
    }
    Ok(())
}

fn show(host: &Arc<Host>, services: &[Name], lines: usize, follow: bool) -> Result<()> {
    let writing = Arc::new(Mutex::new(()));
    let mut threads = Vec::new();
    each(host, services, &mut |count, supervisor, unit| {
        let label = (count > 1).then(|| unit.to_string());
        if !follow {
            let said = supervisor.logs(unit, lines, &host.cancel()).throw()?;
            write(host, label.as_deref(), &said);
            return Ok(());
        }
        let supervisor = supervise::supervisor(supervisor.kind(), &host.places());
        let (host, unit, writing) = (Arc::clone(host), unit.clone(), Arc::clone(&writing));
        threads.push(std::thread::spawn(move || {
            let mut rest = Vec::new();
            let mut sink = |bytes: &[u8]| {
                rest.extend_from_slice(bytes);
                let end = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                // A line without an end is shown when it is long.
                let end = if rest.len() - end > 64 * 1024 { rest.len() } else { end };
                if end > 0 {
                    let _one_at_a_time = writing.lock().unwrap_or_else(PoisonError::into_inner);
                    write(&host, label.as_deref(), &rest[..end]);
                    rest.drain(..end);
                }
            };
            supervisor.follow(&unit, lines, &mut sink, &host.cancel())
        }));
        Ok(())
    })?;
    for thread in threads {
        if let Ok(result) = thread.join() {
            result.throw()?;
        }
    }
    Ok(())
}

/// What a service said, on standard output. A terminal gets no control characters
/// but colours.
fn write(host: &Host, label: Option<&str>, bytes: &[u8]) {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if std::io::stdout().is_terminal() {
        text = colored(&text);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if let Some(label) = label.filter(|_| !text.is_empty()) {
        let lines: Vec<String> = text.lines().map(|line| format!("{label:<10} {line}")).collect();
        text = lines.join("\n") + "\n";
    }
    host.report(Event::Output { stream: Stream::Stdout, text });
}
