//! Rhai's own errors in the words of a script author, with near names.

use rhai::{Engine, EvalAltResult, ParseErrorType};

use super::fault::Fault;
use super::host::Source;
use super::options::type_name;
use crate::error::nearest;

/// Keys that the results of native functions have, for near names.
const KNOWN_KEYS: &[&str] = &[
    "profile",
    "update",
    "reset",
    "root",
    "jobs",
    "verb",
    "dry_run",
    "clear_debug_bins",
    "path",
    "commit",
    "reference",
    "changed",
    "dirty",
    "artifacts",
    "name",
    "code",
    "success",
    "stdout",
    "stderr",
    "kind",
    "message",
    "hint",
    "details",
    "checkout",
    "build",
    "service",
    "flags",
    "generation",
    "size",
    "bins",
];

/// The fault of an innermost error; `source` is the script it happened in.
pub(crate) fn fault(error: &EvalAltResult, engine: &Engine, source: Option<&Source>) -> Fault {
    let words = || source.map_or_else(Vec::new, |source| identifiers(&source.text));
    match error {
        EvalAltResult::ErrorRuntime(value, _) => Fault::from_value(value),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => function(signature, engine, &words()),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let near = nearest(name, words().iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"));
            let quotes = "text needs double quotes, or backticks to fill in `${values}`";
            Fault::script("unknown_variable", format!("there is no variable `{name}`"))
                .hint(near.unwrap_or_else(|| quotes.into()))
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            let name = name.split(' ').next().unwrap_or(name);
            let own = words();
            let known = KNOWN_KEYS.iter().copied().chain(own.iter().map(String::as_str));
            let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            let other = format!(
                "`\"{name}\" in map` tells whether it is there; `map.get(\"{name}\")` is `()` if not"
            );
            Fault::script("unknown_key", format!("the map has no key `{name}`"))
                .hint(near.unwrap_or(other))
        }
        EvalAltResult::ErrorModuleNotFound(name, _) => {
            let known = namespaces(engine);
            let near = nearest(name, known.iter().map(String::as_str));
            let hint = near.map_or_else(
                || format!("there are {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            Fault::script("unknown_namespace", format!("there is no namespace `{name}`")).hint(hint)
        }
        EvalAltResult::ErrorMismatchDataType(wanted, found, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, found, _) => {
            let message = format!("expected {}, found {}", type_name(wanted), type_name(found));
            Fault::script("wrong_type", message)
        }
        EvalAltResult::ErrorParsing(kind, _) => parsing(kind),
        EvalAltResult::ErrorStackOverflow(_) => {
            Fault::script("too_deep", "functions call each other too deep")
                .hint("a function that calls itself needs a way to end")
        }
        EvalAltResult::ErrorTerminated(..) => Fault::script("interrupted", "interrupted"),
        other => {
            let mut bare = other.unwrap_inner().to_string();
            if let Some(end) = bare.rfind(" (line ") {
                bare.truncate(end);
            }
            Fault::script("error", lower(&bare))
        }
    }
}

/// `name (i64, map)`: the name is unknown, or the types do not fit.
fn function(signature: &str, engine: &Engine, words: &[String]) -> Fault {
    let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
    let signatures = engine.gen_fn_signatures(true);
    let mut same: Vec<&String> =
        signatures.iter().filter(|known| function_name(known) == name).collect();
    // Rhai lists them in no order.
    same.sort();
    if is_operator(name) {
        let types: Vec<&str> =
            types.strip_suffix(')').unwrap_or(types).split(", ").map(type_name).collect();
        return Fault::script(
            "wrong_type",
            format!("`{name}` does not work on {}", types.join(" and ")),
        )
        .hint("to_string() makes text of a value, parse_int() a number of text");
    }
    if same.is_empty() {
        let mut names: Vec<&str> = signatures.iter().map(|known| function_name(known)).collect();
        names.sort_unstable();
        let known = names.iter().copied().chain(words.iter().map(String::as_str));
        let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let hint = near.unwrap_or_else(|| "`hero api` lists what scripts may call".into());
        return Fault::script("unknown_function", format!("there is no function `{name}`"))
            .hint(hint);
    }
    let types: Vec<&str> = types
        .strip_suffix(')')
        .unwrap_or(types)
        .split(", ")
        .filter(|name| !name.is_empty())
        .map(type_name)
        .collect();
    let given = if types.is_empty() { "no arguments".to_owned() } else { types.join(", ") };
    let mut fault =
        Fault::script("wrong_arguments", format!("`{name}` cannot be called with {given}"));
    for known in same.iter().take(4) {
        fault = fault.detail(format!("it is `{}`", known.replace("NativeCallContext, ", "")));
    }
    fault
}

fn is_operator(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| "+-*/%=!<>&|^~.[]".contains(character))
}

/// `git::fetch(options: map) -> map` is called `git::fetch`.
fn function_name(signature: &str) -> &str {
    signature.split('(').next().unwrap_or(signature).trim()
}

fn namespaces(engine: &Engine) -> Vec<String> {
    let mut names: Vec<String> = engine
        .gen_fn_signatures(false)
        .iter()
        .filter_map(|signature| {
            function_name(signature).split_once("::").map(|(space, _)| space.to_owned())
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn parsing(kind: &ParseErrorType) -> Fault {
    let message = lower(&kind.to_string()).replace('\'', "`");
    let fault = Fault::script("syntax", message.clone());
    match kind {
        ParseErrorType::Reserved(word) if word == "debug" => {
            fault.hint("`debug` is a reserved word of Rhai; compare `flags.profile == \"debug\"`, or write `map[\"debug\"]`")
        }
        ParseErrorType::Reserved(word) if word == "package" => {
            fault.hint("`package` is a reserved word of Rhai; a package of a workspace is named by `member: \"…\"`")
        }
        ParseErrorType::Reserved(word) => fault.hint(format!("`{word}` is a reserved word of Rhai: choose another name, or quote it where it is the key of a map")),
        _ if message.contains("is a reserved") || message.contains("reserved keyword") => {
            fault.hint("that is a reserved word of Rhai: choose another name, or quote it as `map[\"word\"]`")
        }
        ParseErrorType::MissingToken(token, _) if token == ";" => fault.hint("the line above it may lack a `;`"),
        _ => fault,
    }
}

/// Everything in a text that could be a name.
fn identifiers(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| word.len() > 1 && !word.starts_with(|first: char| first.is_ascii_digit()))
        .map(ToOwned::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}
