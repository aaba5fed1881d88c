//! docs/json.md shows each line; `SNAPSHOTS=overwrite cargo test --lib report::json` writes it.

use std::collections::HashSet;
use std::fmt::Write;
use std::mem::discriminant;

use serde_json::json;

use super::line::{FORMAT, Failure, Line};
use crate::event::{Event, LogLevel, MessageLevel, Stream};
use crate::report::{Frame, Place, Report};

const HEAD: &str = "\
# JSON

With `--json` (`hero --json COMMAND`, `hero run --json SCRIPT`) standard output is for programs.

## Events

`run`, `rollback`, `uninstall`, `gc`, `check` and `new` print one JSON object a line. The first line is `begin`,
the last one `summary`; in between is what happens, as it happens. The field `event` says which line it is.

`format` in the first line is the version of the format. It is raised when an event or a field is renamed, removed
or changes its meaning. New events and fields do not raise it: ignore those that you do not know. Progress
(`fetch_progress`, `build_progress`, `stack`) may be left out or come more often.

Sizes are bytes, `millis` milliseconds. A field that can be `null` is so when it is not known. `kind` of an error is a
word of [errors.md](errors.md). No line holds a secret.

```sh
hero run --json install_all | jq -r 'select(.event == \"installed\") | .service'
```

This part is written by a test (`SNAPSHOTS=overwrite cargo test --lib report::json`) from `src/report/json`.

| event | when | example |
|---|---|---|
";

const TAIL: &str = "
## Documents

Commands that answer a question print one JSON document instead. If they cannot answer, they print the lines
`begin` and `summary` with the error.

| command | document |
|---|---|
| `hero list` | `{services: [{name, current, generations, size, bins}], problems}`; `current` (or `null`) and each of `generations` are receipts, `problems` as for `verify` |
| `hero list --sizes` | `{services: [{service, installed, guest_of, binaries, debug_binaries, build, other_build, total}], total, foreign}`; `build` has a size for each profile |
| `hero verify` | `{services, generations, size, problems: [{kind, service, generation, path, message, hint}], repaired}`; exit 3 if there are problems |
| `hero why app` | `{current, last, changes}`: the receipt, the last install (or `null`), what changed since |
| `hero doctor` | `{findings: [{kind, what, detail, hint}]}`; `kind` is `ok`, `warning` or `problem`; exit 3 if there is a problem |
| `hero api` | `[{name, signature, doc}]` |
| `hero api errors` | `[{kind, area, exits, meaning, advice}]` |

`hero run SCRIPT status --json` (the flag of the verb, after the script) prints an array with an object for each
service; `hero run --json SCRIPT status --json` prints the same array as the value of an event `data`.
";

/// When a line is printed. A new line needs a sentence here and an example below.
fn when(line: &Line) -> &'static str {
    match line {
        Line::Begin { .. } => "first line: the version of the format, and of hero",
        Line::FetchStarted { .. } => "a fetch begins that uses the network or another repository",
        Line::FetchProgress { .. } => {
            "objects and bytes received so far; `objects_total` is 0 until it is known"
        }
        Line::FetchSilent { .. } => "the server has sent nothing for so many seconds",
        Line::FetchDelayed { .. } => "the server asked for a pause of so many seconds",
        Line::Asking { .. } => {
            "git may ask at the terminal from now on (`asks`), or no longer; `unanswered`: a question \
             may be left there"
        }
        Line::Fetched { .. } => {
            "the checkout is at this commit; `changed` is false if it was there already"
        }
        Line::BuildStarted { .. } => "cargo is started",
        Line::BuildProgress { .. } => {
            "units that cargo has built, units in all (0 until known), and the current one"
        }
        Line::BuildMessage { .. } => {
            "the compiler's diagnostic; `level` is `error`, `warning` or `note`"
        }
        Line::Built { .. } => "cargo succeeded; `fresh` if nothing had to be compiled",
        Line::Installed { .. } => "a generation was made current; `bins` are the links in `bin/`",
        Line::Fresh { .. } => "there was nothing to do for a service",
        Line::Checked { .. } => "the check of a service passed",
        Line::Starting { .. } => "a process is starting, and what hero waits for",
        Line::Started { .. } => "a process runs, or has done its work; `millis` until it was ready",
        Line::Stopped { .. } => "a process was stopped",
        Line::RolledBack { .. } => {
            "a new generation did not start, and the one before it runs again"
        }
        Line::Removed { .. } => "something was removed; `size` is the disk space freed",
        Line::Plan { .. } => "with `--dry-run`: what would be done",
        Line::Failed { .. } => "a step of a service failed; the error is in the summary",
        Line::Skipped { .. } => "a service was not tried",
        Line::Waiting { .. } => "hero waits for a lock that another process holds",
        Line::Running { .. } => "a script starts a command",
        Line::Output { .. } => {
            "output of a command of a script; `stream` is `stdout` or `stderr`, `text` any part of it"
        }
        Line::Step { .. } => {
            "something was done or seen, in a word and a text; without a word it continues the line before"
        }
        Line::Log { .. } => {
            "a message of a script or of hero; `level` is `verbose`, `info`, `warn` or `error`"
        }
        Line::Warning { .. } => "something that the user should know",
        Line::Table { .. } => {
            "a table of `ui::table`; each row has as many cells as there are columns"
        }
        Line::Data { .. } => "a value of `ui::json`, such as that of `status --json`",
        Line::Print { .. } => "a script printed something",
        Line::Stack { .. } => "so many services of a stack are done",
        Line::Finished { .. } => "closing sentence for people",
        Line::Summary { .. } => {
            "last line: exit code, number of `warning` lines, and the error (or `null`); `place` and \
             `chain` are in scripts, `parts` are the errors of the parts"
        }
    }
}

fn examples() -> Vec<Event> {
    let service = || "clock".to_owned();
    let detail = |text: &str| text.to_owned();
    let host = || "git.example.org".to_owned();
    let commit = || "3f1c2aa81d09b7b3a1d20d4b8a3e0d3c5a2c9f10".to_owned();
    let profile = || "release".to_owned();
    vec![
        Event::FetchStarted { service: service(), url: "https://git.example.org/clock".into() },
        Event::FetchProgress { service: service(), objects: 40, objects_total: 61, bytes: 20480 },
        Event::FetchSilent { service: service(), host: host(), seconds: 10 },
        Event::FetchDelayed { service: service(), host: host(), seconds: 30 },
        Event::Asking { service: service(), asks: true, unanswered: false },
        Event::Fetched {
            service: service(),
            reference: "main".into(),
            commit: commit(),
            changed: true,
        },
        Event::BuildStarted { service: service(), profile: profile() },
        Event::BuildProgress {
            service: service(),
            profile: profile(),
            done: 12,
            total: 34,
            current: "tokio".into(),
        },
        Event::BuildMessage {
            service: service(),
            level: MessageLevel::Warning,
            rendered: "warning: unused variable: `a`\n".into(),
        },
        Event::Built { service: service(), profile: profile(), fresh: false, millis: 2140 },
        Event::Installed {
            service: service(),
            commit: "3f1c2aa".into(),
            profile: profile(),
            size: 4_823_449,
            bins: vec!["/usr/local/bin/clock".into()],
        },
        Event::Fresh { service: service(), detail: detail("3f1c2aa (unchanged)") },
        Event::Checked { service: service(), detail: detail("answers") },
        Event::Starting { service: service(), detail: detail("waits for port 8080") },
        Event::Started { service: service(), detail: detail("ready"), pid: Some(4711), millis: 85 },
        Event::Stopped { service: service() },
        Event::RolledBack {
            service: service(),
            generation: "20250102T030405-3f1c2aa".into(),
            detail: detail(""),
        },
        Event::Removed { what: "debug build files of `clock`".into(), size: 104_857_600 },
        Event::Plan { action: "install".into(), detail: detail("clock") },
        Event::Failed { service: service(), detail: detail("build") },
        Event::Skipped { service: service(), detail: detail("`db` does not run") },
        Event::Waiting { lock: service(), holder: "process 4711".into() },
        Event::Running { command: "make assets".into() },
        Event::Output { stream: Stream::Stdout, text: "12 files\n".into() },
        Event::Step { verb: "Kept".into(), text: "its checkout: ~/src/clock".into() },
        Event::Log { level: LogLevel::Info, message: "migrated".into() },
        Event::Warning {
            message: "`~/.local/bin` is not on your PATH".into(),
            hint: Some("add it in your shell's profile".into()),
        },
        Event::Table {
            columns: vec!["service".into(), "state".into()],
            rows: vec![vec!["clock".into(), "running".into()]],
        },
        Event::Data { value: json!([{ "service": "clock", "started": null }]) },
        Event::Print { text: "done".into() },
        Event::Stack { done: 1, total: 3 },
        Event::Finished { message: "3 services: 3 installed in 9.1s".into(), failed: false },
    ]
}

fn failure() -> Report {
    Report {
        kind: "unknown_option".into(),
        message: "`git::fetch` has no option `brnach`".into(),
        place: Some(Place {
            file: "a.rhai".into(),
            line: 7,
            column: 28,
            text: String::new(),
            label: None,
        }),
        chain: vec![Frame { function: "`fetch`".into(), file: "a.rhai".into(), line: 12 }],
        hint: Some("did you mean `branch`?".into()),
        exit: 1,
        ..Report::default()
    }
}

#[test]
fn the_page_shows_every_line() {
    let begin = Line::Begin { format: FORMAT, hero: "0.1.0" };
    let error = Some(Failure::from(&failure()));
    let ends = [
        Line::Summary { exit: 0, warnings: 1, error: None },
        Line::Summary { exit: 1, warnings: 0, error },
    ];
    let events = examples().into_iter().map(Line::from);
    let mut text = HEAD.to_owned();
    for line in std::iter::once(begin).chain(events).chain(ends) {
        let example = serde_json::to_string(&line).unwrap();
        let value: serde_json::Value = serde_json::from_str(&example).unwrap();
        let name = value["event"].as_str().unwrap();
        let when = when(&line);
        // Code with a backtick stands between two.
        let quote = if example.contains('`') { "``" } else { "`" };
        writeln!(text, "| `{name}` | {when} | {quote}{example}{quote} |").unwrap();
    }
    text.push_str(TAIL);
    snapbox::assert_data_eq!(text, snapbox::file!["../../../docs/json.md"].raw());
}

/// Serde's own words list every event there is.
#[test]
fn every_event_has_an_example() {
    let error = serde_json::from_value::<Event>(json!({ "event": "none" })).unwrap_err();
    let all = error.to_string().matches('`').count() / 2 - 1;
    let shown: HashSet<_> = examples().iter().map(discriminant).collect();
    assert!(all > 25, "{error}");
    assert_eq!(shown.len(), all, "{error}");
}
