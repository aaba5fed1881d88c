//! `process`: commands, as argument lists, never through a shell.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rhai::{Array, Dynamic, Map};
use serde::Deserialize;

use super::namespace::Namespace;
use crate::event::{Event, Stream};
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::sys::process::{self, Cmd};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    cmd: Vec<String>,
    #[serde(default)]
    cwd: Option<PathBuf>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    stdin: Option<String>,
    #[serde(default)]
    capture: bool,
    #[serde(default = "yes")]
    check: bool,
    #[serde(default)]
    timeout: Option<f64>,
    #[serde(default)]
    nice: Option<i32>,
    #[serde(default)]
    reads_only: bool,
}

fn yes() -> bool {
    true
}

/// The namespace `process`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut process = Namespace::new("process");
    let context = Arc::clone(host);
    process.add(
        "run(options: map) -> map",
        r#"
        Runs a command and waits for it. It gets no shell, no input, and a
        process group of its own, which ends as a whole on Ctrl-C or time-out.

        Options: `cmd` (an array: the program and its arguments), `cwd`, `env` (a map),
        `stdin` (text), `capture` (return the output instead of showing it), `check` (throw if it
        does not exit with 0; true by default), `timeout` (seconds), `nice` (1 to 19),
        `reads_only` (it changes nothing: run it in a dry run too).

        Result: `code` (`()` if a signal ended it), `success`, `stdout`, `stderr` (with `capture`),
        `millis`, `changed` (false in a dry run).
        Errors: `program_not_found`, `cannot_start`, `command_failed`, `timeout`.

            let git = process::run(#{cmd: ["git", "--version"], capture: true, reads_only: true});
            print(git.stdout);
        "#,
        move |map: Map| run(&context, map),
    );
    let context = Arc::clone(host);
    process.add("run(cmd: array) -> map", "", move |cmd: Array| {
        let mut map = Map::new();
        map.insert("cmd".into(), cmd.into());
        run(&context, map)
    });
    process.add(
        "which(program: string) -> string",
        r#"
        The path of a program on PATH, `()` if there is none.

            if process::which("mold") == () { print("no mold"); }
        "#,
        |program: &str| {
            process::which(program).map_or(Dynamic::UNIT, |path| path.display().to_string().into())
        },
    );
    process
}

fn run(host: &Host, map: Map) -> Result<Map> {
    let options: Run = options::read("process::run", map)?;
    let Some((program, args)) = options.cmd.split_first() else {
        return Err(Fault::script("wrong_option", "`cmd` of `process::run` is empty")
            .option("cmd")
            .hint("cmd: [\"git\", \"status\"]")
            .throw());
    };
    let mut cmd = Cmd::new(program).args(args);
    if let Some(cwd) = &options.cwd {
        cmd = cmd.cwd(cwd);
    }
    for (key, value) in &options.env {
        if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
            let message =
                format!("`{}` cannot be a variable of the environment", key.escape_debug());
            return Err(Fault::script("wrong_option", message).option("env").throw());
        }
        cmd = cmd.env(key, value);
    }
    if let Some(stdin) = options.stdin {
        cmd = cmd.stdin(stdin.into_bytes());
    }
    if let Some(seconds) = options.timeout {
        let limit = Duration::try_from_secs_f64(seconds).map_err(|_| {
            Fault::script("wrong_option", format!("`timeout` cannot be {seconds} seconds"))
                .option("timeout")
                .throw()
        })?;
        cmd = cmd.timeout(limit);
    }
    if let Some(nice) = options.nice {
        if !(1..=19).contains(&nice) {
            let message = format!("`nice` is 1 to 19, not {nice}");
            return Err(Fault::script("wrong_option", message).option("nice").throw());
        }
        cmd = cmd.nice(nice);
    }
    if !options.reads_only && host.plans("run", cmd.display()) {
        return Ok(result(Some(0), true, (&[], &[]), 0, false));
    }
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let show = |stream, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        host.report(Event::Output { stream, text });
    };
    let status = cmd
        .run(&host.cancel(), &mut |stream, bytes| {
            let kept = if stream == Stream::Stdout { &mut stdout } else { &mut stderr };
            kept.extend_from_slice(bytes);
            if !options.capture {
                // A character may arrive in two pieces.
                let rest = kept.split_off(whole_characters(kept));
                show(stream, kept);
                *kept = rest;
            }
        })
        .throw()?;
    if !options.capture {
        for (stream, rest) in [(Stream::Stdout, &stdout), (Stream::Stderr, &stderr)] {
            if !rest.is_empty() {
                show(stream, rest);
            }
        }
    }
    if options.check && !status.success() {
        let mut fault = Fault::script("command_failed", format!("`{}` {status}", cmd.display()));
        let text = String::from_utf8_lossy(&stderr).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        fault
            .details
            .extend(lines.iter().skip(lines.len().saturating_sub(10)).map(ToString::to_string));
        return Err(fault.throw());
    }
    let millis = i64::try_from(status.elapsed.as_millis()).unwrap_or(i64::MAX);
    Ok(result(status.code, status.success(), (&stdout, &stderr), millis, !options.reads_only))
}

/// How many bytes are whole characters; the rest may be the beginning of one.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

fn result(
    code: Option<i32>,
    success: bool,
    output: (&[u8], &[u8]),
    millis: i64,
    changed: bool,
) -> Map {
    let text = |bytes: &[u8]| Dynamic::from(String::from_utf8_lossy(bytes).into_owned());
    let mut map = Map::new();
    map.insert("code".into(), code.map_or(Dynamic::UNIT, |code| i64::from(code).into()));
    map.insert("success".into(), success.into());
    map.insert("stdout".into(), text(output.0));
    map.insert("stderr".into(), text(output.1));
    map.insert("millis".into(), millis.into());
    map.insert("changed".into(), changed.into());
    map
}
