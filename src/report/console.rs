//! The two streams: colour decided once, every write in one place.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::event::Stream;
use crate::sys::redact::redact;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Standard output for data, standard error for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    stdout_color: bool,
    stderr_color: bool,
    stderr_terminal: bool,
}

/// An error or what failed.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// A warning.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Something done.
pub(crate) const DONE: Style = AnsiColor::Green.on_default().bold();
/// Something under way, a hint.
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// Less important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A heading.
pub(crate) const BOLD: Style = Style::new().bold();

#[allow(clippy::unused_self, reason = "who holds the console prints")]
impl Console {
    /// A console for this process. `NO_COLOR`, not empty, turns colour off; a
    /// terminal called `dumb` has none and is not redrawn.
    pub(crate) fn new(color: Color) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let wanted = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !unwanted && !dumb,
        };
        let terminal = std::io::stderr().is_terminal();
        Self {
            stdout_color: wanted(std::io::stdout().is_terminal()),
            stderr_color: wanted(terminal),
            stderr_terminal: terminal && !dumb,
        }
    }

    /// Whether messages are coloured.
    pub(crate) fn color(self) -> bool {
        self.stderr_color
    }

    /// Whether data is coloured.
    pub(crate) fn stdout_color(self) -> bool {
        self.stdout_color
    }

    /// Whether lines on standard error can be redrawn.
    pub(crate) fn is_terminal(self) -> bool {
        self.stderr_terminal
    }

    /// Text in a style, if messages are coloured.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.stderr_color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Text in a style, if data is coloured.
    pub(crate) fn paint_data(self, style: Style, text: &str) -> String {
        if self.stdout_color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Writes a line of data, without secrets. A reader that went away is not our failure.
    pub(crate) fn data(self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _closed = writeln!(stdout, "{}", redact(text)).and_then(|()| stdout.flush());
    }

    /// Writes a line for the person, without secrets.
    pub(crate) fn message(self, text: &str) {
        let _closed = writeln!(std::io::stderr().lock(), "{}", redact(text));
    }

    /// Writes a part of a command's output, without secrets.
    pub(crate) fn output(self, stream: Stream, text: &str) {
        let text = redact(text);
        let _closed = match stream {
            Stream::Stdout => std::io::stdout().lock().write_all(text.as_bytes()),
            Stream::Stderr => std::io::stderr().lock().write_all(text.as_bytes()),
        };
    }
}
