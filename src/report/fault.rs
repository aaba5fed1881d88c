//! An error as a person reads it: what, where, and what to type next.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::console::{Console, DIM, ERROR, NOTE};
use crate::error::{Diagnostic, Fault};
use crate::sys::redact::mask;
use crate::sys::text::printable;

/// An error, ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// A stable word.
    pub(crate) kind: String,
    /// One line.
    pub(crate) message: String,
    /// The lines of the script at fault.
    pub(crate) place: Option<Place>,
    /// The calls that led there, innermost first.
    pub(crate) chain: Vec<Frame>,
    /// Further lines.
    pub(crate) details: Vec<String>,
    /// What to type next.
    pub(crate) hint: Option<String>,
    /// The exit code.
    pub(crate) exit: u8,
    /// The errors of the parts, shown before this one.
    pub(crate) parts: Vec<Report>,
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The script, as its user knows it.
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: usize,
    /// 1-based, in characters.
    pub(crate) column: usize,
    /// The whole script.
    pub(crate) text: String,
    /// What is wrong there, if the message does not say it.
    pub(crate) label: Option<String>,
}

/// One call on the way to the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The function that was called.
    pub(crate) function: String,
    /// Where from.
    pub(crate) file: String,
    /// 1-based line of the call.
    pub(crate) line: usize,
}

impl From<Fault> for Report {
    fn from(fault: Fault) -> Self {
        let exit = fault.exit_code();
        Self {
            kind: fault.kind,
            message: fault.message,
            details: fault.details,
            hint: fault.hint,
            exit,
            ..Self::default()
        }
    }
}

impl<E: Diagnostic> From<E> for Report {
    fn from(error: E) -> Self {
        Fault::from_error(&error).into()
    }
}

impl Report {
    /// Writes the report to standard error.
    pub(crate) fn show(&self, console: Console) {
        console.message(&self.render(console.color()));
    }

    /// The report as text, without a line feed at its end.
    pub(crate) fn render(&self, color: bool) -> String {
        let paint = |style: anstyle::Style, text: &str| {
            if color { format!("{style}{text}{style:#}") } else { text.to_owned() }
        };
        let mut out = String::new();
        for part in &self.parts {
            out.push_str(&part.render(color));
            out.push_str("\n\n");
        }
        match &self.place {
            Some(place) => out.push_str(&place.render(&self.message, color)),
            None => out = format!("{out}{}: {}", paint(ERROR, "error"), printable(&self.message)),
        }
        for line in &self.details {
            out.push_str("\n  ");
            out.push_str(&printable(line));
        }
        for frame in &self.chain {
            let line = format!("  in {} called at {}:{}", frame.function, frame.file, frame.line);
            out.push('\n');
            out.push_str(&paint(DIM, &line));
        }
        if let Some(hint) = &self.hint {
            out = format!("{out}\n\n{}: {hint}", paint(NOTE, "hint"));
        }
        out
    }
}

impl Place {
    fn render(&self, message: &str, color: bool) -> String {
        // A line may have an address with a password.
        let text = mask(&self.text);
        let span = self.span();
        let mut annotation = AnnotationKind::Primary.span(span);
        if let Some(label) = &self.label {
            annotation = annotation.label(label.as_str());
        }
        let snippet =
            Snippet::source(text.as_str()).path(self.file.as_str()).annotation(annotation);
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let report = [Level::ERROR.primary_title(message).element(snippet)];
        let text = renderer.render(&report);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// The bytes to mark: the word at the position, or one character.
    fn span(&self) -> std::ops::Range<usize> {
        let before: usize = self.text.split_inclusive('\n').take(self.line - 1).map(str::len).sum();
        let rest = self.text.get(before..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let start: usize =
            line.chars().take(self.column.saturating_sub(1)).map(char::len_utf8).sum();
        let word = &line[start..];
        let length = word
            .char_indices()
            .find(|(_, character)| !(character.is_alphanumeric() || "_:".contains(*character)))
            .map_or(word.len(), |(index, _)| index)
            .max(word.chars().next().map_or(0, char::len_utf8));
        before + start..before + start + length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_fault_is_marked() {
        let report = Report {
            message: "`git::fetch` has no option `brnach`".into(),
            place: Some(Place {
                file: "install.rhai".into(),
                line: 2,
                column: 14,
                text: "let a = 1;\ngit::fetch(#{brnach: 1});\n".into(),
                label: None,
            }),
            hint: Some("did you mean `branch`?".into()),
            details: vec!["a detail".into()],
            ..Report::default()
        };
        snapbox::assert_data_eq!(
            report.render(false) + "\n",
            snapbox::str![[r#"
error: `git::fetch` has no option `brnach`
 --> install.rhai:2:14
  |
2 | git::fetch(#{brnach: 1});
  |              ^^^^^^^
  a detail

hint: did you mean `branch`?

"#]]
        );
    }

    #[test]
    fn a_position_past_the_end_is_harmless() {
        let place = |line, column, text: &str| Place {
            file: "a".into(),
            line,
            column,
            text: text.into(),
            label: None,
        };
        assert_eq!(place(9, 9, "a\n").span(), 2..2);
        assert_eq!(place(1, 9, "é").span(), 2..2);
        assert_eq!(place(1, 1, "é x").span(), 0..2);
        assert!(place(1, 1, "").render("m", false).contains("error: m"));
    }
}
