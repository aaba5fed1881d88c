//! Strict options: a map of a script becomes a struct, and a typing error in
//! a key or a value of the wrong type is an error with a hint.

use rhai::{Dynamic, Map};
use serde::de::DeserializeOwned;

use super::fault::{Fault, Result};
use crate::error::nearest;

/// Reads the options of `function` from a map.
///
/// # Errors
/// An unknown key (with the nearest known one), a missing one, a value of the
/// wrong type.
pub(crate) fn read<T: DeserializeOwned>(function: &str, options: Map) -> Result<T> {
    let value = Dynamic::from(options);
    read_value(&value).map_err(|problem| problem.fault(function).throw())
}

/// What is wrong with a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A key that is unknown, with its path, and the known ones.
    Unknown(String, Vec<String>),
    /// A key that must be there.
    Missing(String),
    /// A value that cannot be used, and why.
    Wrong(String, String),
}

/// Reads a value without saying whose it is.
///
/// # Errors
/// The first problem found.
pub(crate) fn read_value<T: DeserializeOwned>(value: &Dynamic) -> std::result::Result<T, Problem> {
    // By way of JSON: its messages name the type found and the one wanted,
    // which Rhai's own deserializer mixes up.
    let value = serde_json::to_value(value)
        .map_err(|error| Problem::Wrong(String::new(), error.to_string()))?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Problem::parse(&path, &error.into_inner().to_string())
    })
}

impl Problem {
    /// serde's messages are its documented interface to deserializers; they
    /// name the keys in backticks.
    fn parse(path: &str, text: &str) -> Self {
        let path = path.trim_start_matches('.').trim_end_matches('?').trim_end_matches('.');
        let words: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
        match words.split_first() {
            Some((key, known)) if text.contains("unknown field") => {
                let inside = path == *key || path.ends_with(&format!(".{key}"));
                let path = match path {
                    "" => (*key).to_owned(),
                    path if inside => path.to_owned(),
                    path => format!("{path}.{key}"),
                };
                Self::Unknown(path, known.iter().map(ToString::to_string).collect())
            }
            Some((key, _)) if text.contains("missing field") => Self::Missing((*key).into()),
            _ => Self::Wrong(path.into(), expected(text)),
        }
    }

    /// The fault, for the options of `function` (a qualified name).
    pub(crate) fn fault(&self, function: &str) -> Fault {
        match self {
            Self::Unknown(key, known) => {
                let word = key.rsplit('.').next().unwrap_or(key);
                let near = nearest(word, known.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it knows {}", known.join(", ")),
                };
                Fault::script("unknown_option", format!("`{function}` has no option `{key}`"))
                    .option(without_indices(key))
                    .hint(hint)
            }
            Self::Missing(key) => {
                Fault::script("missing_option", format!("`{function}` needs the option `{key}`"))
                    .hint(format!(
                        "add `{key}: …` to its map; `hero api {function}` shows an example"
                    ))
            }
            Self::Wrong(key, why) => {
                let message = match key.as_str() {
                    "" | "." | "?" => format!("`{function}`: {why}"),
                    key => format!("the option `{key}` of `{function}` is wrong: {why}"),
                };
                Fault::script("wrong_option", message).option(without_indices(key))
            }
        }
    }
}

/// `start[0].env` as `start.env`.
fn without_indices(path: &str) -> String {
    let parts = path.split('.').map(|part| part.split('[').next().unwrap_or(part));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

/// The name of one of Rhai's types for script authors.
pub(crate) fn type_name(name: &str) -> &str {
    let short = name.rsplit("::").next().unwrap_or(name);
    match short.trim_end_matches('>') {
        "i64" | "INT" => "an integer",
        "f64" | "FLOAT" => "a float",
        _ if name.contains("ImmutableString") => "a string",
        "string" | "String" | "&str" | "str" => "a string",
        "bool" => "a boolean",
        "array" | "Array" => "an array",
        "map" | "Map" => "a map",
        "()" => "nothing",
        "FnPtr" | "Fn" => "a function",
        "char" => "a character",
        _ => short,
    }
}

/// "invalid type: integer `5`, expected a string" the other way round, in the
/// words of a script author.
fn expected(text: &str) -> String {
    let rest = text.strip_prefix("invalid type: ").or(text.strip_prefix("invalid value: "));
    match rest.and_then(|text| text.split_once(", expected ")) {
        Some((found, wanted)) => {
            let wanted = match wanted {
                "a sequence" => "an array",
                "u16" => "an integer from 0 to 65535",
                "u32" | "u64" | "usize" => "a positive integer",
                "i32" | "i64" => "an integer",
                "f64" => "a number",
                wanted if wanted.starts_with("struct ") => "a map",
                wanted => wanted,
            };
            let found = found.replace("sequence", "array").replace("null", "nothing");
            format!("expected {wanted}, found {found}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read")]
    struct Options {
        branch: String,
        #[serde(default)]
        bins: Vec<String>,
        #[serde(default)]
        jobs: Option<u32>,
    }

    fn fault(script: &str) -> Fault {
        let map = rhai::Engine::new().eval::<Dynamic>(script).unwrap();
        read_value::<Options>(&map).unwrap_err().fault("git::fetch")
    }

    #[test]
    fn an_unknown_key_has_a_near_name() {
        let fault = fault("#{branch: \"a\", bnis: []}");
        assert_eq!(fault.message, "`git::fetch` has no option `bnis`");
        assert_eq!(fault.hint.unwrap(), "did you mean `bins`?");
    }

    #[test]
    fn a_missing_key_is_named() {
        assert_eq!(fault("#{}").message, "`git::fetch` needs the option `branch`");
    }

    #[test]
    fn a_wrong_type_names_the_key_and_both_types() {
        assert_eq!(
            fault("#{branch: 5}").message,
            "the option `branch` of `git::fetch` is wrong: expected a string, found integer `5`"
        );
        assert_eq!(
            fault("#{branch: \"a\", bins: \"b\"}").message,
            "the option `bins` of `git::fetch` is wrong: expected an array, found string \"b\""
        );
        assert_eq!(
            fault("#{branch: \"a\", bins: [1]}").message,
            "the option `bins[0]` of `git::fetch` is wrong: expected a string, found integer `1`"
        );
        let fault = fault("#{branch: \"a\", jobs: -1}");
        assert!(fault.message.contains("`jobs`"), "{}", fault.message);
    }
}
