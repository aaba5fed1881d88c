//! Descriptions of services: what `fn service()` returns, checked once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{AST, Array, CallFnOptions, Dynamic, Engine, FnPtr, Map, Scope};

use super::fault::{Fault, Result, Throw, within};
use super::host::{Host, quiet};
use super::loader::{self, Loaded};
use super::options::{self, Problem};
use super::value::{Described, Value};
use crate::model::{Description, Hook, Service, StartSpec};
use crate::sys::name::Name;

/// Checks a description.
///
/// # Errors
/// An unknown or missing key, a value of the wrong type, a name, address or
/// folder that is not safe to use.
pub(crate) fn describe(map: Map, script: Option<String>) -> Result<Value<Described>> {
    checked(map, script, None)
}

fn checked(mut map: Map, script: Option<String>, about: Option<&str>) -> Result<Value<Described>> {
    // A changed copy of a service has the script of the service.
    let own = map.remove("script").and_then(|script| script.into_string().ok());
    let script = own.or(script);
    let of_script = |fault: Fault| {
        Fault { script: fault.script.clone().or_else(|| script.clone()), ..fault }.throw()
    };
    let mut hooks = BTreeMap::new();
    for hook in Hook::ALL {
        let value = map.remove(hook.name()).unwrap_or(Dynamic::UNIT);
        if !value.is_unit() {
            hooks.insert(hook, closure(hook, value).map_err(of_script)?);
        }
    }
    let start = starts(&map.remove("start").unwrap_or(Dynamic::UNIT)).map_err(of_script)?;
    let description: Description = options::read_value(&Dynamic::from(map))
        .map_err(|problem| of_script(problem_fault(&problem)))?;
    let service = Service::new(description, start, script.clone()).map_err(of_script)?;
    Value::new(Described { service: service.or_about(about), hooks })
}

fn closure(hook: Hook, value: Dynamic) -> std::result::Result<FnPtr, Fault> {
    value.try_cast_result::<FnPtr>().map_err(|other| {
        let found = options::type_name(other.type_name()).to_owned();
        let hook = hook.name();
        Fault::script("wrong_option", format!("the hook `{hook}` must be a closure, found {found}"))
            .option(hook)
            .hint(format!("{hook}: |ctx| {{ … }}"))
    })
}

/// Reads `start`: one map, or an array of them for several processes. What they say is
/// checked when a service is made of them.
///
/// # Errors
/// An unknown or missing key, a value of the wrong type.
pub(crate) fn starts(value: &Dynamic) -> std::result::Result<Vec<StartSpec>, Fault> {
    if value.is_unit() {
        return Ok(Vec::new());
    }
    let maps = match value.read_lock::<Array>() {
        Some(list) => list.clone(),
        None => vec![value.clone()],
    };
    let read = |map: &Dynamic| {
        if !map.is::<Map>() {
            let message = "`start` is a map, or an array of maps";
            return Err(Fault::script("wrong_option", message).option("start").hint(
                "start: #{ cmd: [\"server\", \"--port\", \"8080\"], ready: #{ port: 8080 } }",
            ));
        }
        options::read_value(map).map_err(|problem| match problem {
            Problem::Missing(key) if key == "cmd" => {
                Fault::script("missing_option", "`start` needs a `cmd`: what is run")
                    .option("start")
                    .hint("cmd: [\"server\", \"--port\", \"8080\"]")
            }
            other => {
                let fault = other.fault("start");
                let option = fault.option.clone().map(|option| format!("start.{option}"));
                Fault { option, ..fault }
            }
        })
    };
    maps.iter().map(read).collect()
}

/// The words of a service author, where the general ones are about options.
fn problem_fault(problem: &Problem) -> Fault {
    match problem {
        Problem::Unknown(key, known) => {
            let known = Service::keys(known);
            let hint = match crate::error::nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may have {}", known.join(", ")),
            };
            let message = format!("a description of a service has no key `{key}`");
            Fault::script("unknown_option", message).option(key).hint(hint)
        }
        other => other.fault("the description of a service"),
    }
}

/// Loads the description in a script without running the script: constants,
/// variables and imports at its top are evaluated, nothing else is, and
/// `fn service()` is called.
///
/// # Errors
/// When it has no `fn service()`, does not parse, or the description is wrong.
pub(crate) fn load(engine: &Engine, host: &Arc<Host>, loaded: &Loaded) -> Result<Value<Described>> {
    loader::once(&loaded.script.source, || load_once(engine, host, loaded))
}

fn load_once(engine: &Engine, host: &Arc<Host>, loaded: &Loaded) -> Result<Value<Described>> {
    let ast = loader::compile(engine, host, loaded)?;
    let label = loaded.script.source.clone();
    if !defines_service(&ast) {
        let message = format!("`{}` does not define `fn service()`", loaded.script.name);
        return Err(Fault::script("no_service", message)
            .hint("a service script has `fn service() { #{ repo: \"…\" } }` and ends with `service::main(service());`")
            .throw());
    }
    let quiet = quiet(&ast);
    let options = CallFnOptions::new().eval_ast(true);
    let value: Dynamic = engine
        .call_fn_with_options(options, &mut Scope::new(), &quiet, "service", ())
        .map_err(|error| within(error, &label))?;
    let value = match value.try_cast_result::<Value<Described>>() {
        Ok(described) => return Ok(described),
        Err(value) => value,
    };
    let Some(map) = value.try_cast::<Map>() else {
        let message = format!("`fn service()` in `{}` does not return a map", loaded.script.name);
        return Err(Fault::script("no_service", message)
            .hint("its last expression should be `#{ repo: \"…\" }`, without a semicolon after it")
            .throw());
    };
    checked(map, Some(label), doc(&ast).lines().next())
}

/// Whether a script has `fn service()` without parameters.
pub(crate) fn defines_service(ast: &AST) -> bool {
    ast.iter_functions().any(|function| function.name == "service" && function.params.is_empty())
}

/// The doc comment of a script, without its comment marks.
pub(crate) fn doc(ast: &AST) -> String {
    let lines = ast.doc().lines().map(|line| {
        let line = line.trim_start_matches("//!");
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The checked name of a service, as an option called `option`.
///
/// # Errors
/// When it is not safe to use.
pub(crate) fn service_name(name: &str) -> Result<Name> {
    Name::new("service", name).throw()
}
