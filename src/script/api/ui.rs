//! `ui`: tables and questions.

use std::io::{BufRead, IsTerminal};
use std::sync::{Arc, mpsc};

use rhai::{Array, Dynamic, Map};

use super::namespace::Namespace;
use crate::event::{Event, LogLevel};
use crate::script::fault::{Fault, Result};
use crate::script::host::Host;
use crate::script::value;

/// The namespace `ui`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut ui = Namespace::new("ui");
    let context = Arc::clone(host);
    ui.add(
        "table(columns: array, rows: array)",
        r#"
        Prints a table on standard output. `rows` are arrays, or maps that are
        read by the names of the columns.

            ui::table(["name", "size"], [["just", "4 MiB"], #{name: "fd", size: "3 MiB"}]);
        "#,
        move |columns: Array, rows: Array| -> Result<()> {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            let rows = rows.iter().map(|row| cells(&columns, row)).collect::<Result<Vec<_>>>()?;
            context.report(Event::Table { columns, rows });
            Ok(())
        },
    );
    let context = Arc::clone(host);
    ui.add(
        "json(value: any)",
        r#"
        Prints a value as JSON, for other programs; with `--json` as the value of
        an event `data`.

            ui::json(#{name: "just", size: 4});
        "#,
        move |value: Dynamic| -> Result<()> {
            let value = serde_json::to_value(value::plain(&value)).map_err(|error| {
                Fault::script("wrong_type", format!("this cannot be written as JSON: {error}"))
                    .throw()
            })?;
            context.report(Event::Data { value });
            Ok(())
        },
    );
    let context = Arc::clone(host);
    ui.add(
        "confirm(question: string) -> bool",
        r#"
        Asks a question to be answered with y or n; Enter means no. Without a
        terminal the answer is no; in a dry run it is yes.

            if ui::confirm("Remove all?") { fs::remove("backup"); }
        "#,
        move |question: &str| confirm(&context, question),
    );
    ui
}

fn cells(columns: &[String], row: &Dynamic) -> Result<Vec<String>> {
    let text = |value: &Dynamic| if value.is_unit() { String::new() } else { value.to_string() };
    if let Some(map) = row.read_lock::<Map>() {
        return Ok(columns
            .iter()
            .map(|column| map.get(column.as_str()).map(text).unwrap_or_default())
            .collect());
    }
    if let Some(list) = row.read_lock::<Array>() {
        return Ok(list.iter().map(text).collect());
    }
    let message = format!("a row of `ui::table` is an array or a map, found {}", row.type_name());
    Err(Fault::script("wrong_option", message).throw())
}

fn confirm(host: &Host, question: &str) -> bool {
    if host.dry_run() {
        return true;
    }
    if !std::io::stdin().is_terminal() {
        let message = format!("{question} — no terminal to ask on, taken as no");
        host.report(Event::Log { level: LogLevel::Info, message });
        return false;
    }
    host.report(Event::Log { level: LogLevel::Warn, message: format!("{question} [y/N]") });
    // The read cannot be interrupted, so another thread does it.
    let (sender, receiver) = mpsc::channel();
    let interrupted = sender.clone();
    let _subscription = host.cancel().subscribe(move || drop(interrupted.send(None)));
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).map(|_| line);
        drop(sender.send(read.ok()));
    });
    let answer = receiver.recv().ok().flatten().unwrap_or_default();
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
