//! Functions without a namespace: the command line, and ways to call closures
//! that only the host can do right.

use std::sync::Arc;
use std::time::Duration;

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext, Position};

use super::convert::to_value;
use super::namespace::Namespace;
use super::service;
use crate::event::Event;
use crate::script::args::{self, Parsed, Spec};
use crate::script::fault::{Error, ExitRequest, Fault, Result};
use crate::script::host::Host;
use crate::script::mode;
use crate::script::options;

/// Stack of a thread that runs script code: Rhai's frames are large.
const STACK: usize = 16 << 20;

/// The global functions.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut global = Namespace::new("");
    command_line(&mut global, host);
    modes(&mut global, host);
    closures(&mut global, host);
    service::add(&mut global, host);
    global
}

fn command_line(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "args() -> array",
        r#"
        The arguments after the script's name, as text.

            if "--fast" in args() { print("fast"); }
        "#,
        move || -> Array { context.args.iter().cloned().map(Dynamic::from).collect() },
    );
    let context = Arc::clone(host);
    global.add(
        "script() -> map",
        r#"
        The script file in which the call is written: `path` and `dir` (`()` if it is
        built into hero), and `name`, what the running script was called by.

            let sources = fs::join(script().dir, "sources");
        "#,
        move |call: NativeCallContext| -> Result<Map> {
            let label = call.call_source().or(call.fn_source()).unwrap_or_default().to_owned();
            let path = std::path::PathBuf::from(&label);
            let path = path.is_absolute().then_some(path);
            let text = |path: Option<&std::path::Path>| path.map(|path| path.display().to_string());
            let mut map = Map::new();
            map.insert("name".into(), context.script().name.into());
            map.insert(
                "dir".into(),
                to_value(text(path.as_deref().and_then(|path| path.parent())))?,
            );
            map.insert("path".into(), to_value(text(path.as_deref()))?);
            Ok(map)
        },
    );
    let context = Arc::clone(host);
    global.add(
        "parse_args(spec: map) -> map",
        r#"
        Reads the command line as `spec` says; `--help` prints and ends the
        script. Scripts usually call `flags::parse`, which adds the standard flags.

        `spec`: `about` (default: the script's doc comment), `verbs`
        (`#{name, help}`, the first is the default), `flags` (`#{name, short,
        aliases, help, value, kind: "string"|"int"|"size"|"age", values, fallback, repeated,
        required, conflicts, env, heading}`; without `value` a flag is true or
        false), `positionals` (`#{name, help, repeated, required}`).

        Result: a value for each name, `-` written as `_`; `verb`.
        Errors: `usage` (exit 2) for the user's mistakes, `bad_flags` for a wrong spec.

            let given = parse_args(#{flags: [#{name: "port", value: "N", kind: "int", fallback: 8080}]});
            print(given.port);
        "#,
        move |spec: Map| -> Result<Map> { parse_args(&context, spec) },
    );
    global.add(
        "exit(code: int)",
        r#"
        Ends the script with this exit code (0 to 255). Nothing catches it;
        `guard` clean-ups run.

            if fs::exists("done") { exit(0); }
        "#,
        |code: i64| -> Result<()> {
            if !(0..=255).contains(&code) {
                return Err(Fault::script(
                    "wrong_option",
                    format!("an exit code is 0 to 255, not {code}"),
                )
                .throw());
            }
            Err(EvalAltResult::ErrorTerminated(Dynamic::from(ExitRequest(code)), Position::NONE)
                .into())
        },
    );
}

fn parse_args(host: &Host, spec: Map) -> Result<Map> {
    let mut spec: Spec = options::read("parse_args", spec)?;
    let script = host.script();
    if spec.name.is_empty() {
        spec.name = format!("hero run {}", script.name);
    }
    if spec.about.is_empty() {
        spec.about = script.doc;
    }
    match args::parse(&spec, &host.args, host.color_stdout).map_err(|fault| fault.throw())? {
        Parsed::Values(values) => mode::agreed(&host.run, values, |name| spec.has_flag(name))
            .map_err(|fault| fault.throw()),
        Parsed::Help(text) => {
            host.report(Event::Print { text });
            Err(EvalAltResult::ErrorTerminated(Dynamic::from(ExitRequest(0)), Position::NONE)
                .into())
        }
    }
}

fn modes(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "is_dry_run() -> bool",
        r"
        Whether primitives only print what they would do: the command line says `--dry-run`.

            if !is_dry_run() { print(`installed`); }
        ",
        move || context.dry_run(),
    );
    let context = Arc::clone(host);
    global.add(
        "is_sandboxed() -> bool",
        r"
        Whether this run installs and starts in a sandbox: the command line says `--smoke`.

            if is_sandboxed() { print(`nothing stays`); }
        ",
        move || context.is_sandboxed(),
    );
}

fn closures(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "guard(work: Fn, cleanup: Fn) -> any",
        r#"
        Calls `work`, then `cleanup`, whether `work` ended well, threw, or was
        interrupted. Returns or throws what `work` did.

            guard(|| fs::write("lock", "mine"), || fs::remove("lock"));
        "#,
        move |call: NativeCallContext, work: FnPtr, cleanup: FnPtr| -> Result<Dynamic> {
            let result = work.call_within_context::<Dynamic>(&call, ());
            let cleaned = context.shield(|| cleanup.call_within_context::<Dynamic>(&call, ()));
            result.and_then(|value| cleaned.map(|_| value))
        },
    );
    let context = Arc::clone(host);
    global.add(
        "sleep(seconds: int)",
        r#"
        Waits, or until interrupted. Prefer to wait for what you are waiting for.

            sleep(1);
        "#,
        move |seconds: i64| {
            let _whole =
                context.cancel().wait(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        },
    );
    let context = Arc::clone(host);
    global.add("sleep(seconds: float)", "", move |seconds: f64| {
        let _whole =
            context.cancel().wait(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    });
    let context = Arc::clone(host);
    global.add(
        "retry(times: int, work: Fn) -> any",
        r#"
        Calls `work` until it does not throw, at most `times` times, waiting
        1, 2, 4 … seconds (at most 30) in between. Throws the last error.

            let answer = retry(3, || process::run(["true"]));
        "#,
        move |call: NativeCallContext, times: i64, work: FnPtr| -> Result<Dynamic> {
            retry(&context, times, || work.call_within_context::<Dynamic>(&call, ()))
        },
    );
    global.add(
        "parallel(items: array, work: Fn) -> array",
        r#"
        Calls `work(item)` for all items side by side and returns the results
        in their order. All are waited for; then the first error is thrown.

            let sizes = parallel(["a", "b"], |name| name.len());
        "#,
        |call: NativeCallContext, items: Array, work: FnPtr| parallel(&call, items, &work),
    );
}

fn retry(host: &Host, times: i64, mut work: impl FnMut() -> Result<Dynamic>) -> Result<Dynamic> {
    if times < 1 {
        return Err(Fault::script(
            "wrong_option",
            format!("`retry` needs at least 1 try, not {times}"),
        )
        .throw());
    }
    let mut pause = Duration::from_secs(1);
    for left in (0..times).rev() {
        match work() {
            Ok(value) => return Ok(value),
            // A script that ends itself, or is interrupted, is not a failure.
            Err(error)
                if left == 0
                    || matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)) =>
            {
                return Err(error);
            }
            Err(error) => {
                let fault = Fault::from_value(&thrown(&error));
                host.report(Event::Warning {
                    message: format!("{}; trying again", fault.message),
                    hint: None,
                });
                if !host.cancel().wait(pause) {
                    return Err(error);
                }
                pause = (pause * 2).min(Duration::from_secs(30));
            }
        }
    }
    Ok(Dynamic::UNIT)
}

fn thrown(error: &Error) -> Dynamic {
    match error.unwrap_inner() {
        EvalAltResult::ErrorRuntime(value, _) => value.clone(),
        other => other.to_string().into(),
    }
}

#[allow(
    deprecated,
    reason = "rhai marks its context store as volatile; it is the only way to another thread"
)]
fn parallel(call: &NativeCallContext, items: Array, work: &FnPtr) -> Result<Array> {
    let store = call.store_data();
    let engine = call.engine();
    let results: Vec<Result<Dynamic>> = std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for item in items {
            let store = &store;
            let thread =
                std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                    let context = store.create_context(engine);
                    work.call_within_context::<Dynamic>(&context, (item,))
                });
            threads.push(thread);
        }
        let join = |thread: std::io::Result<std::thread::ScopedJoinHandle<'_, Result<Dynamic>>>| {
            match thread {
                Ok(thread) => thread
                    .join()
                    .unwrap_or_else(|_| Err("a parallel call ended in a fault of hero".into())),
                Err(error) => Err(format!("cannot start a thread: {error}").into()),
            }
        };
        threads.into_iter().map(join).collect()
    });
    results.into_iter().collect()
}
