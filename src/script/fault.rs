//! Errors on their way through a script: a typed error below becomes a thrown
//! map, so that `catch (e)` can read `e.kind`, `e.message` and `e.hint`.

use rhai::{Array, Dynamic, EvalAltResult, Map, Position};

use crate::error::Diagnostic;
pub(crate) use crate::error::Fault;

/// The error type of native functions.
pub(crate) type Error = Box<EvalAltResult>;

/// The result of native functions.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Fault {
    /// The map a script catches.
    pub(crate) fn to_map(&self) -> Map {
        let mut map = Map::new();
        map.insert("kind".into(), self.kind.clone().into());
        map.insert("message".into(), self.message.clone().into());
        map.insert("hint".into(), optional(self.hint.as_ref()));
        map.insert(
            "details".into(),
            self.details.iter().cloned().map(Dynamic::from).collect::<Array>().into(),
        );
        map.insert("option".into(), optional(self.option.as_ref()));
        map.insert("script".into(), optional(self.script.as_ref()));
        if let Some((line, column)) = self.at {
            map.insert("line".into(), line.into());
            map.insert("column".into(), column.into());
        }
        map.insert("exit".into(), self.exit.map_or(Dynamic::UNIT, Dynamic::from));
        if !self.errors.is_empty() {
            let errors: Array = self.errors.iter().map(|fault| fault.to_map().into()).collect();
            map.insert("errors".into(), errors.into());
        }
        map
    }

    /// The error that a native function returns.
    pub(crate) fn throw(&self) -> Error {
        EvalAltResult::ErrorRuntime(self.to_map().into(), Position::NONE).into()
    }

    /// Reads a caught or thrown value: a map of ours or of a script's own
    /// making, one that Rhai makes of its errors, or anything else.
    pub(crate) fn from_value(value: &Dynamic) -> Self {
        let Some(map) = value.read_lock::<Map>() else {
            return Self { kind: "error".into(), message: value.to_string(), ..Self::default() };
        };
        let text =
            |key: &str| map.get(key).filter(|value| !value.is_unit()).map(ToString::to_string);
        let number = |key: &str| map.get(key).and_then(|value| value.as_int().ok());
        let list = |key: &str| {
            map.get(key)
                .and_then(|value| value.read_lock::<Array>().map(|list| list.clone()))
                .unwrap_or_default()
        };
        Self {
            kind: text("kind").or_else(|| text("error")).unwrap_or_else(|| "error".into()),
            message: text("message").map_or_else(
                || "a script threw an error without a message".into(),
                |message| {
                    let line = message.lines().next().unwrap_or_default();
                    // Rhai puts the place behind the words of its own errors.
                    let words =
                        if map.contains_key("error") { line.split(" @ '").next() } else { None };
                    words.unwrap_or(line).to_owned()
                },
            ),
            hint: text("hint"),
            details: text("message")
                .iter()
                .flat_map(|message| message.lines().skip(1).map(str::to_owned))
                .chain(list("details").iter().map(ToString::to_string))
                .collect(),
            option: text("option"),
            script: text("script"),
            at: number("line").zip(number("column")),
            exit: map.get("exit").and_then(|value| value.as_int().ok()),
            errors: list("errors").iter().map(Self::from_value).collect(),
        }
    }
}

fn optional(value: Option<&String>) -> Dynamic {
    value.map_or(Dynamic::UNIT, |value| value.clone().into())
}

/// What a script that calls `exit` is terminated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExitRequest(pub(crate) i64);

impl ExitRequest {
    /// Reads the token of a terminated script.
    pub(crate) fn from_token(token: &Dynamic) -> Option<Self> {
        token.clone().try_cast::<Self>()
    }
}

/// Marks an error as having happened in the script `label`.
pub(crate) fn within(error: Error, label: &str) -> Error {
    EvalAltResult::ErrorInFunctionCall("service".into(), label.into(), error, Position::NONE).into()
}

/// Turns the typed error of a lower layer into a thrown map.
pub(crate) trait Throw<T> {
    /// # Errors
    /// The same error, as a script sees it.
    fn throw(self) -> Result<T>;
}

impl<T, E: Diagnostic> Throw<T> for std::result::Result<T, E> {
    fn throw(self) -> Result<T> {
        self.map_err(|error| Fault::from_error(&error).throw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_the_way_through_a_script() {
        let fault = Fault::script("kind", "message").hint("hint").detail("line").option("branch");
        let errors = vec![fault.clone()];
        let fault = Fault { errors, ..fault };
        assert_eq!(Fault::from_value(&fault.to_map().into()), fault);
    }

    #[test]
    fn a_thrown_string_is_a_message() {
        assert_eq!(Fault::from_value(&"no".into()).message, "no");
    }
}
