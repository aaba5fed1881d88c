//! What the standard library needs of the host for services: descriptions,
//! stacks, hooks, failures. Scripts may call these too.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Array, CallFnOptions, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext, Scope};

use super::namespace::Namespace;
use crate::event::Event;
use crate::ops;
use crate::script::describe;
use crate::script::diagnose::Diagnoser;
use crate::script::fault::{Fault, Result, Throw, within};
use crate::script::host::Host;
use crate::script::loader;
use crate::script::value::{Described, Value};
use crate::sys::fs;

/// Adds the functions to the global namespace.
pub(crate) fn add(global: &mut Namespace, host: &Arc<Host>) {
    descriptions(global, host);
    steps(global, host);
    checks(global, host);
    outcomes(global, host);
    told(global, host);
}

fn descriptions(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "describe(description: map) -> Service",
        r#"
        Checks the description of a service. The result has every key, those that are left out
        with `()` or an empty list, and cannot be changed. `repo` is needed; the others are `name`, `about`,
        `branch` | `tag` | `commit` | `ref`, `dir`, `submodules`, `member`, `bins`, `features`,
        `all_features`, `no_default_features`, `profile`, `target`, `locked`, `env`, `flags`, `check`,
        `start`, `after`, and the hooks `before_fetch`, `after_fetch`, `before_build`,
        `after_build`, `before_install`, `after_install`, `after_uninstall`.

        Errors: `unknown_option`, `missing_option`, `wrong_option`, `bad_name`, `bad_url`.

            let service = describe(#{repo: "https://github.com/casey/just"});
            print(service.name);
        "#,
        move |description: Map| -> Result<Value<Described>> {
            let path = context.script().path.map(|path| path.display().to_string());
            describe::describe(description, path)
        },
    );
    global.add("describe(service: Service) -> Service", "", |service: Value<Described>| service);
    let context = Arc::clone(host);
    global.add(
        "load_service(path: string) -> Service",
        r#"
        The checked description that `fn service()` in another script returns,
        without running that script's last line.

        Errors: `not_found`, `no_service`, those of `describe`.

            let mine = load_service("services/mine.rhai");
        "#,
        move |call: NativeCallContext, path: &str| -> Result<Value<Described>> {
            let loaded = loader::load_file(Path::new(path), path).throw()?;
            describe::load(call.engine(), &context, &loaded).map_err(|error| {
                let main = &loaded.script.source;
                Diagnoser { engine: call.engine(), host: &context, main }.fault(&error).throw()
            })
        },
    );
    global.add(
        "service_scripts(path: string) -> array",
        r#"
        The service scripts that a path means: itself if it is a script; of a
        folder its `services/*.rhai`, or, where there is no such folder, the `*.rhai` and
        `*/install.rhai` in it that define `fn service()`.

        Errors: `script_not_found` for no such path, `no_service` for a folder without any.

            for path in service_scripts(".") { print(path); }
        "#,
        |call: NativeCallContext, path: &str| -> Result<Array> {
            let scripts = service_scripts(call.engine(), Path::new(path))?;
            Ok(scripts.iter().map(|path| Dynamic::from(fs::relative(path))).collect())
        },
    );
}

fn steps(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "call_hook(hook: Fn, context: map) -> any",
        r#"
        Calls a closure of a description with one map; `()` instead of a
        closure is fine and does nothing.

            call_hook(|ctx| print(ctx.name), #{name: "mine"});
        "#,
        move |call: NativeCallContext, hook: FnPtr, argument: Map| -> Result<Dynamic> {
            call_hook(&context, &call, &hook, argument)
        },
    );
    global.add("call_hook(hook: (), context: map)", "", |_hook: (), _context: Map| {});
    let context = Arc::clone(host);
    global.add(
        "with_service(name: string, work: Fn) -> any",
        r#"
        Calls `work` while no other hero works on this service: one that does is
        waited for, and named. Errors: `locked` after half an hour.

            with_service("mine", || fs::write("note.txt", "alone"));
        "#,
        move |call: NativeCallContext, name: &str, work: FnPtr| -> Result<Dynamic> {
            let name = describe::service_name(name)?;
            context.locked(&name, || work.call_within_context(&call, ())).throw()?
        },
    );
}

fn checks(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "check_service(service: Service)",
        r#"
        Runs the `check` of an installed service: a command that must exit with 0. Its own
        binaries are found where they are installed. Errors: `check_failed` (exit 4).

            check_service(describe(#{repo: "/srv/shop", check: ["shop", "--version"]}));
        "#,
        move |service: Value<Described>| -> Result<()> {
            ops::check_command(&context, &service.get().service).map_err(|fault| fault.throw())
        },
    );
    let context = Arc::clone(host);
    global.add(
        "warn_if_stale(service: string)",
        r#"
        Warns when an older binary of a service still runs than the one that is installed.

            warn_if_stale("shop");
        "#,
        move |service: &str| -> Result<()> {
            ops::warn_if_stale(&context, &describe::service_name(service)?);
            Ok(())
        },
    );
    let context = Arc::clone(host);
    global.add(
        "warn_if_not_on_path()",
        r"
        Warns when the folder of the binaries is not on PATH.

            warn_if_not_on_path();
        ",
        move || ops::warn_if_not_on_path(&context),
    );
}

fn outcomes(global: &mut Namespace, host: &Arc<Host>) {
    global.add(
        "fault(caught: any) -> map",
        r#"
        What `catch` caught, always as a map with `kind`, `message`, `hint`,
        `details`, `option`, `script` and `exit` (`()` where unknown).

            try { fs::read("none"); } catch (e) { print(fault(e).message); }
        "#,
        |caught: Dynamic| -> Map { Fault::from_value(&caught).to_map() },
    );
    let context = Arc::clone(host);
    global.add(
        "attempt(work: Fn) -> map",
        r#"
        Calls `work` and returns `#{value, error}`: what it returned, or the fault it ended with
        (as `fault` gives it, with the place in the script). An interrupt is not caught.

            let tried = attempt(|| fs::read("none"));
            if tried.error != () { print(tried.error.message); }
        "#,
        move |call: NativeCallContext, work: FnPtr| -> Result<Map> {
            let mut map = Map::new();
            let (value, error) = match work.call_within_context::<Dynamic>(&call, ()) {
                Ok(value) => (value, Dynamic::UNIT),
                Err(error)
                    if matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)) =>
                {
                    return Err(error);
                }
                Err(error) => {
                    let main = &context.script().source;
                    let diagnoser = Diagnoser { engine: call.engine(), host: &context, main };
                    (Dynamic::UNIT, diagnoser.fault(&error).to_map().into())
                }
            };
            map.insert("value".into(), value);
            map.insert("error".into(), error);
            Ok(map)
        },
    );
    let context = Arc::clone(host);
    global.add(
        "finish(message: string, failed: bool)",
        r#"
        The closing line of a script's work.

            finish("2 services: 1 installed, 1 unchanged", false);
        "#,
        move |message: &str, failed: bool| {
            context.report(Event::Finished { message: message.into(), failed });
        },
    );
    let context = Arc::clone(host);
    global.add(
        "services_begin(total: int)",
        r#"
        Says that so many services will be dealt with; `service_done` counts them.
        Shown as one line of progress.

            services_begin(2);
            for name in ["one", "two"] { service_done(); }
        "#,
        move |total: i64| {
            let (done, total) = context.begin(u64::try_from(total).unwrap_or(0));
            context.report(Event::Stack { done, total });
        },
    );
    let context = Arc::clone(host);
    global.add(
        "service_done()",
        r#"
        Says that one more service has been dealt with, of those that
        `services_begin` told.

            services_begin(1);
            service_done();
        "#,
        move || {
            let (done, total) = context.done_one();
            context.report(Event::Stack { done, total });
        },
    );
}

fn told(global: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    global.add(
        "service_skipped(service: string, why: string)",
        r#"
        Says that a service was not tried.

            service_skipped("mine", "`db` does not run");
        "#,
        move |service: &str, why: &str| {
            context.report(Event::Skipped { service: service.into(), detail: why.into() });
        },
    );
    let context = Arc::clone(host);
    global.add(
        "service_failed(service: string, step: string)",
        r#"
        Says that a step of a service failed, for a script that goes on with
        the next one.

            try { fs::read("none"); } catch { service_failed("mine", "build"); }
        "#,
        move |service: &str, step: &str| {
            context.report(Event::Failed { service: service.into(), detail: step.into() });
        },
    );
}

/// Called from the standard library, a closure would find neither the
/// constants of its script nor, if that is not the one that runs, itself. So it
/// is called in its own script.
fn call_hook(
    host: &Host,
    call: &NativeCallContext,
    hook: &FnPtr,
    argument: Map,
) -> Result<Dynamic> {
    let service = argument.get("service").and_then(Dynamic::read_lock::<Value<Described>>);
    let label = service.and_then(|service| service.get().service.script.clone());
    match host.sources.closure(hook.fn_name(), label.as_deref()) {
        Some(closure) => {
            let mut arguments: Vec<Dynamic> = hook.iter_curry().cloned().collect();
            arguments.push(argument.into());
            let options = CallFnOptions::new().eval_ast(true);
            call.engine()
                .call_fn_with_options(
                    options,
                    &mut Scope::new(),
                    &closure.script,
                    hook.fn_name(),
                    arguments,
                )
                .map_err(|error| within(error, &closure.label))
        }
        None => hook.call_within_context(call, (argument,)),
    }
}

fn service_scripts(engine: &rhai::Engine, path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return Err(Fault::script(
            "script_not_found",
            format!("there is no script or folder `{}`", path.display()),
        )
        .hint("name a service script, or a folder with `services/*.rhai`")
        .throw());
    }
    let services = path.join("services");
    let scripts = if services.is_dir() { in_folder(&services)? } else { defining(engine, path)? };
    if scripts.is_empty() {
        return Err(Fault::script(
            "no_service",
            format!("there are no service scripts in `{}`", path.display()),
        )
        .hint("hero new NAME --repo URL makes one")
        .throw());
    }
    Ok(scripts)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_script = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rhai");
    Ok(fs::list(folder).throw()?.into_iter().filter(is_script).collect())
}

/// Scripts that define `fn service()`; one that does not even parse counts if
/// it looks like it, so that its fault is reported rather than hidden.
fn defining(engine: &rhai::Engine, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut candidates = in_folder(folder)?;
    for path in fs::list(folder).throw()? {
        candidates.extend(Some(path.join("install.rhai")).filter(|path| path.is_file()));
    }
    candidates.retain(|path| {
        fs::read_to_string(path).is_ok_and(|text| match engine.compile(&text) {
            Ok(ast) => describe::defines_service(&ast),
            Err(_) => text.contains("fn service()"),
        })
    });
    candidates.sort();
    Ok(candidates)
}
