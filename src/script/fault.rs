//! Errors on their way through a script: a typed error below becomes a thrown
//! map, so that `catch (e)` can read `e.kind`, `e.message` and `e.hint`.

use rhai::{Array, Dynamic, EvalAltResult, Map, Position};

use crate::error::{Diagnostic, ErrorKind, Exit, causes};

/// What a thrown map holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fault {
    /// A stable word, such as `ref_not_found`.
    pub kind: String,
    /// One line: what was wrong.
    pub message: String,
    /// What to type next.
    pub hint: Option<String>,
    /// Further lines.
    pub details: Vec<String>,
    /// The option at fault, to be pointed at.
    pub option: Option<String>,
    /// The script the fault belongs to, where that is not the running one.
    pub script: Option<String>,
    /// Where in that script, 1-based line and column.
    pub at: Option<(i64, i64)>,
    /// The exit code when nobody catches it.
    pub exit: Option<i64>,
    /// Faults of the parts, for an operation on several services.
    pub errors: Vec<Fault>,
}

/// Whether a text says what a cause says; the system's reasons are quoted in
/// lower case and without their numbers.
fn says(text: &str, cause: &str) -> bool {
    let reason = cause.split(" (os error").next().unwrap_or(cause).to_lowercase();
    text.to_lowercase().contains(&reason)
}

/// The error type of native functions.
pub type Error = Box<EvalAltResult>;

/// The result of native functions.
pub type Result<T> = std::result::Result<T, Error>;

impl Fault {
    /// A fault of the kind with this word, with the exit code that the table of errors has for
    /// it.
    pub fn script(kind: &str, message: impl Into<String>) -> Self {
        let exit = ErrorKind::find(kind).map_or(Exit::Script, ErrorKind::exit);
        Self { kind: kind.into(), message: message.into(), ..Self::default() }.exit(exit)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to do next, if anything is known.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Names the option at fault.
    #[must_use]
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Adds a line.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Sets the exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = Some(i64::from(exit as u8));
        self
    }

    /// The exit code this leads to when nobody catches it; an error never ends
    /// with 0.
    pub fn exit_code(&self) -> u8 {
        let given = self.exit.and_then(|exit| u8::try_from(exit).ok());
        given.filter(|exit| *exit != 0).unwrap_or(Exit::Script as u8)
    }

    /// The fault of a typed error.
    pub fn from_error(error: &dyn Diagnostic) -> Self
where {
        let mut details = error.details();
        let sources = error.source().map(|source| (source.to_string(), causes(source)));
        if let Some((first, rest)) = sources {
            let known = error.to_string();
            for line in std::iter::once(first).chain(rest) {
                let is_said = |text: &String| says(text, &line);
                if !is_said(&known) && !details.iter().any(is_said) {
                    details.push(format!("caused by: {line}"));
                }
            }
        }
        Self {
            kind: error.kind().to_string(),
            message: error.to_string(),
            hint: error.hint(),
            details,
            option: error.option().map(Into::into),
            script: None,
            at: None,
            exit: Some(i64::from(error.exit() as u8)),
            errors: Vec::new(),
        }
    }

    /// The map a script catches.
    pub fn to_map(&self) -> Map {
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
    pub fn throw(&self) -> Error {
        EvalAltResult::ErrorRuntime(self.to_map().into(), Position::NONE).into()
    }

    /// Reads a caught or thrown value: a map of ours or of a script's own
    /// making, one that Rhai makes of its errors, or anything else.
    pub fn from_value(value: &Dynamic) -> Self {
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
pub struct ExitRequest(pub i64);

impl ExitRequest {
    /// Reads the token of a terminated script.
    pub fn from_token(token: &Dynamic) -> Option<Self> {
        token.clone().try_cast::<Self>()
    }
}

/// Turns the typed error of a lower layer into a thrown map.
pub trait Throw<T> {
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
