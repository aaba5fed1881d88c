//! What services print.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use super::Context;
use crate::error::Fault;
use crate::event::{Event, Reporter, Stream};
use crate::supervise::{Record, Supervisor};
use crate::sys::name::Name;
use crate::sys::text::colored;

/// A line without an end is shown when it is as long.
const LONG: usize = 64 * 1024;

/// The last lines of what a service has printed.
///
/// # Errors
/// Never started, logs that cannot be read.
pub(crate) fn logs(context: &Context, service: &Name, lines: usize) -> Result<String, Fault> {
    let mut text = String::new();
    each_unit(context, std::slice::from_ref(service), |_, supervisor, unit| {
        let output = supervisor.logs(unit, lines, &context.cancel())?;
        text.push_str(&String::from_utf8_lossy(&output));
        Ok(())
    })?;
    Ok(text)
}

/// Shows the last lines of what services have printed; with `follow` also what they print
/// from now on, until interrupted. Of several, each line begins with whose it is.
///
/// # Errors
/// A single service that was never started, logs that cannot be read.
pub(crate) fn show_logs(
    context: &Context,
    services: &[Name],
    lines: usize,
    follow: bool,
) -> Result<(), Fault> {
    let writing = Arc::new(Mutex::new(()));
    let mut threads = Vec::new();
    each_unit(context, services, |count, supervisor, unit| {
        let label = (count > 1).then(|| unit.to_string());
        if !follow {
            let output = supervisor.logs(unit, lines, &context.cancel())?;
            write(&*context.reporter, label.as_deref(), &output);
            return Ok(());
        }
        let supervisor = context.machine.supervisor(supervisor.kind(), &context.places());
        let (reporter, cancel) = (Arc::clone(&context.reporter), context.cancel());
        let (unit, writing) = (unit.clone(), Arc::clone(&writing));
        threads.push(std::thread::spawn(move || {
            let mut rest = Vec::new();
            let mut sink = |bytes: &[u8]| {
                rest.extend_from_slice(bytes);
                let end = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let end = if rest.len() - end > LONG { rest.len() } else { end };
                if end > 0 {
                    let _one_at_a_time = writing.lock().unwrap_or_else(PoisonError::into_inner);
                    write(&*reporter, label.as_deref(), &rest[..end]);
                    rest.drain(..end);
                }
            };
            supervisor.follow(&unit, lines, &mut sink, &cancel)
        }));
        Ok(())
    })?;
    for thread in threads {
        if let Ok(result) = thread.join() {
            result?;
        }
    }
    Ok(())
}

/// Calls `work` for each unit of the services, with how many there are.
fn each_unit(
    context: &Context,
    services: &[Name],
    mut work: impl FnMut(usize, &dyn Supervisor, &Name) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let places = context.places();
    let mut records = Vec::new();
    for name in services {
        match Record::read(&places, name)? {
            Some(record) => records.push(record),
            None if services.len() == 1 => {
                let message = format!("`{name}` was never started");
                return Err(Fault::script("not_started", message)
                    .hint("its script's verbs `start` and `complete` do"));
            }
            None => {}
        }
    }
    let count = records.iter().map(|record| record.units.len()).sum();
    for record in records {
        let supervisor = context.machine.supervisor(record.supervisor, &places);
        for unit in &record.units {
            work(count, &*supervisor, &unit.name)?;
        }
    }
    Ok(())
}

/// Output of a service, on standard output. A terminal gets no control characters but
/// colours.
fn write(reporter: &dyn Reporter, label: Option<&str>, bytes: &[u8]) {
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
    reporter.report(Event::Output { stream: Stream::Stdout, text });
}
