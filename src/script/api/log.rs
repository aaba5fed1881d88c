//! `log`: messages on standard error.

use std::sync::Arc;

use super::namespace::Namespace;
use crate::event::{Event, LogLevel};
use crate::script::host::Host;

/// The namespace `log`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut log = Namespace::new("log");
    let levels = [
        (
            "info(message: string)",
            LogLevel::Info,
            "
        A message for the user of the script; not with `-q`.

            log::info(\"the database is ready\");
        ",
        ),
        (
            "verbose(message: string)",
            LogLevel::Verbose,
            "
        A message that is shown with `-v` only.

            log::verbose(\"looking for a cache\");
        ",
        ),
        (
            "error(message: string)",
            LogLevel::Error,
            "
        A message about something that failed; the script goes on. To stop it, `throw`.

            log::error(\"the backup is missing\");
        ",
        ),
    ];
    for (signature, level, doc) in levels {
        let context = Arc::clone(host);
        log.add(signature, doc, move |message: &str| {
            context.report(Event::Log { level, message: message.into() });
        });
    }
    let context = Arc::clone(host);
    log.add(
        "step(verb: string, text: string)",
        "
        Something that was done, in the manner of hero's own lines: a word and a text. An
        empty word continues the line before. Not with `-q`.

            log::step(\"Noted\", \"shop 3f1c2aa\");
        ",
        move |verb: &str, text: &str| {
            context.report(Event::Step { verb: verb.into(), text: text.into() });
        },
    );
    let context = Arc::clone(host);
    log.add(
        "warn(message: string)",
        "
        Something the user should know; a second argument says what to do.

            log::warn(\"the port is open to all\", \"set `bind` in config.toml\");
        ",
        move |message: &str| context.report(Event::Warning { message: message.into(), hint: None }),
    );
    let context = Arc::clone(host);
    log.add("warn(message: string, hint: string)", "", move |message: &str, hint: &str| {
        context.report(Event::Warning { message: message.into(), hint: Some(hint.into()) });
    });
    log
}
