//! Descriptions of services: what `fn service()` returns, checked and with
//! every key present, so that the standard library can read them plainly.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, FnPtr, Map, Position, Scope};
use serde::{Deserialize, Serialize};

use super::fault::{Error, Fault, Result, Throw};
use super::host::{Host, quiet};
use super::loader::{self, Loaded};
use super::options;
use super::start;
use crate::cargo::Profile;
use crate::git::{Reference, RemoteUrl};
use crate::sys::name::Name;

/// The closures a description may carry, by the step they belong to.
pub const HOOKS: &[&str] = &[
    "before_fetch",
    "after_fetch",
    "before_build",
    "after_build",
    "before_install",
    "after_install",
    "after_uninstall",
];

/// The keys of a description, hooks aside.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Description {
    name: Option<String>,
    about: Option<String>,
    repo: String,
    branch: Option<String>,
    tag: Option<String>,
    commit: Option<String>,
    #[serde(rename = "ref")]
    full_ref: Option<String>,
    dir: Option<String>,
    submodules: serde_json::Value,
    member: Option<String>,
    bins: Vec<String>,
    features: Vec<String>,
    all_features: bool,
    no_default_features: bool,
    locked: Option<bool>,
    profile: Option<String>,
    target: Option<String>,
    share: Option<bool>,
    env: BTreeMap<String, String>,
    flags: Vec<serde_json::Value>,
    check: Vec<String>,
    after: Vec<String>,
    script: Option<String>,
}

/// Checks a description and fills in what it leaves out.
///
/// # Errors
/// An unknown or missing key, a value of the wrong type, a name, address or
/// folder that is not safe to use.
pub fn describe(mut map: Map, script: Option<String>) -> Result<Map> {
    let mut hooks = Map::new();
    for hook in HOOKS {
        let value = map.remove(*hook).unwrap_or(Dynamic::UNIT);
        if !value.is_unit() && !value.is::<FnPtr>() {
            let message = format!(
                "the hook `{hook}` must be a closure, found {}",
                options::type_name(value.type_name())
            );
            return Err(Fault::script("wrong_option", message)
                .option(*hook)
                .hint(format!("{hook}: |ctx| {{ … }}"))
                .throw());
        }
        hooks.insert((*hook).into(), value);
    }
    let of_script = |fault: Fault| {
        Fault { script: fault.script.clone().or_else(|| script.clone()), ..fault }.throw()
    };
    let starts = start::read(&map.remove("start").unwrap_or(Dynamic::UNIT)).map_err(of_script)?;
    let description = read(&map).map_err(of_script)?;
    let mut full: Map = rhai::serde::to_dynamic(Description {
        script: description.script.clone().or(script),
        ..description
    })?
    .cast();
    full.extend(hooks);
    full.insert("start".into(), rhai::serde::to_dynamic(starts)?);
    Ok(full)
}

fn read(map: &Map) -> std::result::Result<Description, Fault> {
    let value = Dynamic::from(map.clone());
    let mut description: Description =
        options::read_value(&value).map_err(|problem| problem_fault(&problem))?;
    if description.repo.is_empty() {
        return Err(Fault::script("missing_option", "the description of a service needs a `repo`")
            .hint("repo: \"https://github.com/owner/name\""));
    }
    let url = RemoteUrl::parse(&description.repo)
        .map_err(|error| Fault::from_error(&error).option("repo"))?;
    let name = description.name.get_or_insert_with(|| url.name());
    Name::new("service", name).map_err(|error| Fault::from_error(&error).option("name"))?;
    for bin in &description.bins {
        Name::new("binary", bin).map_err(|error| Fault::from_error(&error).option("bins"))?;
    }
    reference(&Revision {
        branch: description.branch.as_deref(),
        tag: description.tag.as_deref(),
        commit: description.commit.as_deref(),
        full_ref: description.full_ref.as_deref(),
    })?;
    if let Some(dir) = &description.dir {
        folder(dir)?;
    }
    if let Some(profile) = &description.profile {
        Profile::parse(profile).map_err(|error| Fault::from_error(&error).option("profile"))?;
    }
    Ok(description)
}

/// The words of a service author, where the general ones are about options.
fn problem_fault(problem: &options::Problem) -> Fault {
    match problem {
        options::Problem::Unknown(key, known) => {
            let known: Vec<&str> = known
                .iter()
                .map(String::as_str)
                .filter(|key| *key != "script")
                .chain(HOOKS.iter().copied())
                .chain(["start"])
                .collect();
            let hint = match crate::error::nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may have {}", known.join(", ")),
            };
            Fault::script(
                "unknown_option",
                format!("a description of a service has no key `{key}`"),
            )
            .option(key)
            .hint(hint)
        }
        other => other.fault("the description of a service"),
    }
}

/// The options that name a revision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Revision<'a> {
    /// A branch.
    pub branch: Option<&'a str>,
    /// A tag.
    pub tag: Option<&'a str>,
    /// A commit.
    pub commit: Option<&'a str>,
    /// A full name: the option `ref`.
    pub full_ref: Option<&'a str>,
}

/// The revision that a script asks for.
///
/// # Errors
/// More than one given, or one that git would not accept.
pub fn reference(revision: &Revision) -> std::result::Result<Reference, Fault> {
    let Revision { branch, tag, commit, full_ref } = *revision;
    let given = [("branch", branch), ("tag", tag), ("commit", commit), ("ref", full_ref)];
    let given: Vec<_> = given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let reference = match given.as_slice() {
        [] => Ok(Reference::Default),
        [("branch", name)] => Reference::branch(name),
        [("tag", name)] => Reference::tag(name),
        [("commit", hash)] => Reference::commit(hash),
        [(_, name)] => Reference::full(name),
        [_, .., (key, _)] => {
            return Err(Fault::script(
                "wrong_option",
                "only one of `branch`, `tag`, `commit` and `ref` can be given",
            )
            .option(*key)
            .hint("keep the one that should be installed"));
        }
    };
    reference.map_err(|error| Fault::from_error(&error))
}

/// A folder inside a repository: relative and without `..`.
///
/// # Errors
/// When it could lead outside.
pub fn folder(dir: &str) -> std::result::Result<(), Fault> {
    let path = std::path::Path::new(dir);
    let inside = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    if inside && !dir.is_empty() && !dir.contains(char::is_control) {
        return Ok(());
    }
    Err(Fault::script(
        "wrong_option",
        format!("`{}` is not a folder inside the repository", dir.escape_debug()),
    )
    .option("dir")
    .hint("a relative path without `..`, such as `crates/server`"))
}

/// Loads the description in a script without running the script: constants,
/// variables and imports at its top are evaluated, nothing else is, and
/// `fn service()` is called.
///
/// # Errors
/// When it has no `fn service()`, does not parse, or the description is wrong.
pub fn load(engine: &Engine, host: &Arc<Host>, loaded: &Loaded) -> Result<Map> {
    loader::once(&loaded.script.source, || load_once(engine, host, loaded))
}

fn load_once(engine: &Engine, host: &Arc<Host>, loaded: &Loaded) -> Result<Map> {
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
    match value.try_cast::<Map>() {
        Some(map) => {
            let mut description = describe(map, Some(label))?;
            let about = description.get("about").is_none_or(Dynamic::is_unit);
            if let Some(first) = doc(&ast).lines().next().filter(|_| about) {
                description.insert("about".into(), first.to_owned().into());
            }
            Ok(description)
        }
        None => Err(Fault::script(
            "no_service",
            format!("`fn service()` in `{}` does not return a map", loaded.script.name),
        )
        .hint("its last expression should be `#{ repo: \"…\" }`, without a semicolon after it")
        .throw()),
    }
}

/// Whether a script has `fn service()` without parameters.
pub fn defines_service(ast: &AST) -> bool {
    ast.iter_functions().any(|function| function.name == "service" && function.params.is_empty())
}

/// The doc comment of a script, without its comment marks.
pub fn doc(ast: &AST) -> String {
    let lines = ast.doc().lines().map(|line| {
        let line = line.trim_start_matches("//!");
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Marks an error as having happened in the script `label`.
pub fn within(error: Error, label: &str) -> Error {
    rhai::EvalAltResult::ErrorInFunctionCall("service".into(), label.into(), error, Position::NONE)
        .into()
}

/// The checked name of a service, as an option called `option`.
///
/// # Errors
/// When it is not safe to use.
pub fn service_name(name: &str) -> Result<Name> {
    Name::new("service", name).throw()
}
