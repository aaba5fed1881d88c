//! An error on its way to a report: what every layer above the domains returns.

use super::{Diagnostic, ErrorKind, Exit, causes};

/// What a thrown map holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fault {
    /// A stable word, such as `ref_not_found`.
    pub(crate) kind: String,
    /// One line: what was wrong.
    pub(crate) message: String,
    /// What to type next.
    pub(crate) hint: Option<String>,
    /// Further lines.
    pub(crate) details: Vec<String>,
    /// The option at fault, to be pointed at.
    pub(crate) option: Option<String>,
    /// The script the fault belongs to, where that is not the running one.
    pub(crate) script: Option<String>,
    /// Where in that script, 1-based line and column.
    pub(crate) at: Option<(i64, i64)>,
    /// The exit code when no script catches it.
    pub(crate) exit: Option<i64>,
    /// Faults of the parts, for an operation on several services.
    pub(crate) errors: Vec<Fault>,
}

/// Whether a text says what a cause says; the system's reasons are quoted in
/// lower case and without their numbers.
fn says(text: &str, cause: &str) -> bool {
    let reason = cause.split(" (os error").next().unwrap_or(cause).to_lowercase();
    text.to_lowercase().contains(&reason)
}

impl Fault {
    /// A fault of the kind with this word, with the exit code that the table of errors has for
    /// it.
    pub(crate) fn script(kind: &str, message: impl Into<String>) -> Self {
        let exit = ErrorKind::find(kind).map_or(Exit::Script, ErrorKind::exit);
        Self { kind: kind.into(), message: message.into(), ..Self::default() }.exit(exit)
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to do next, if anything is known.
    #[must_use]
    pub(crate) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Names the option at fault.
    #[must_use]
    pub(crate) fn option(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Adds a line.
    #[must_use]
    pub(crate) fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Sets the exit code.
    #[must_use]
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = Some(i64::from(exit as u8));
        self
    }

    /// The exit code this leads to when no script catches it; an error never ends
    /// with 0.
    pub(crate) fn exit_code(&self) -> u8 {
        let given = self.exit.and_then(|exit| u8::try_from(exit).ok());
        given.filter(|exit| *exit != 0).unwrap_or(Exit::Script as u8)
    }

    /// The fault of a typed error.
    pub(crate) fn from_error(error: &dyn Diagnostic) -> Self {
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
}

impl<E: Diagnostic> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::from_error(&error)
    }
}
