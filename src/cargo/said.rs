//! cargo's own error lines, sifted out of everything on its standard error.

use std::collections::VecDeque;

use crate::sys::redact::redact;

/// How many lines are kept of an endless error.
const MOST: usize = 200;
/// How many of the last lines stand in where nothing looks like an error.
const TAIL: usize = 5;

/// Collects what cargo says went wrong.
#[derive(Debug, Default)]
pub(super) struct Said {
    errors: Vec<String>,
    last: VecDeque<String>,
    part: Part,
}

/// Where in the output we are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Not in an error.
    #[default]
    Outside,
    /// In an error.
    Error,
    /// In what a build script printed for cargo, or a stack of calls.
    Noise,
}

impl Said {
    /// Takes a line without colour.
    pub(super) fn line(&mut self, line: &str) {
        let line = &*redact(line.trim_end());
        if line.is_empty() {
            return;
        }
        if self.last.len() == TAIL {
            self.last.pop_front();
        }
        self.last.push_back(line.to_owned());
        self.part = self.next_part(line);
        if self.part == Part::Error && !is_filler(line) {
            self.keep(line.to_owned());
        }
    }

    /// Takes an error that cargo did not say itself, such as the linker's.
    pub(super) fn error(&mut self, message: &str) {
        self.keep(redact(&format!("error: {message}")));
    }

    /// Takes a line below the last error.
    pub(super) fn more(&mut self, line: &str) {
        self.keep(redact(&format!("  {}", line.trim())));
    }

    /// The errors, or the last lines where none was found.
    pub(super) fn finish(self, fallback: bool) -> Vec<String> {
        if self.errors.is_empty() && fallback { self.last.into() } else { self.errors }
    }

    fn keep(&mut self, line: String) {
        if self.errors.len() < MOST && !self.errors.contains(&line) {
            self.errors.push(line);
        }
    }

    fn next_part(&self, line: &str) -> Part {
        let text = line.trim_start();
        if line.starts_with("error") {
            if is_summary(line) { Part::Outside } else { Part::Error }
        } else if self.part == Part::Outside || line.starts_with("warning") || is_status(line) {
            Part::Outside
        } else if text.starts_with("--- stderr") || text.starts_with("Caused by:") {
            Part::Error
        } else if text.starts_with("--- stdout") || is_stack(text) {
            Part::Noise
        } else {
            self.part
        }
    }
}

/// Lines that sum up what was said before.
fn is_summary(line: &str) -> bool {
    ["could not compile `", "build failed", "aborting due to "]
        .iter()
        .any(|words| line.trim_start_matches("error: ").starts_with(words))
}

/// Lines inside an error that tell nothing.
fn is_filler(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("--- std")
        || text.starts_with("cargo:")
        || text.starts_with("note: run with `RUST_BACKTRACE")
        || text.starts_with("note: To improve backtraces")
}

fn is_stack(text: &str) -> bool {
    text.eq_ignore_ascii_case("stack backtrace:")
}

/// `   Compiling serde v1.0.2`: a verb that ends in the twelfth column.
fn is_status(line: &str) -> bool {
    let Some((head, _)) = line.split_at_checked(12) else { return false };
    let verb = head.trim_start();
    verb.len() < 12
        && line[12..].starts_with(' ')
        && verb.starts_with(|first: char| first.is_ascii_uppercase())
        && verb.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let mut said = Said::default();
        text.lines().for_each(|line| said.line(line));
        said.finish(true)
    }

    #[test]
    fn a_failed_build_script_is_told_without_noise() {
        let text = "   Compiling bs v0.1.0 (/x)
warning: unused
error: failed to run custom build command for `bs v0.1.0 (/x)`
note: To improve backtraces for build dependencies, set the X=true environment variable

Caused by:
  process didn't exit successfully: `/x/build-script-build` (exit status: 101)
  --- stdout
  cargo::rerun-if-changed=x
  something

  --- stderr
  thread 'main' (15625) panicked at build.rs:1:80:
  The system library `foo` required by crate `foo-sys` was not found.
  note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
  stack backtrace:
     0: __rustc::rust_begin_unwind
warning: build failed, waiting for other jobs to finish...
   Compiling other v0.1.0 (/x)";
        assert_eq!(
            said(text),
            [
                "error: failed to run custom build command for `bs v0.1.0 (/x)`",
                "Caused by:",
                "  process didn't exit successfully: `/x/build-script-build` (exit status: 101)",
                "  thread 'main' (15625) panicked at build.rs:1:80:",
                "  The system library `foo` required by crate `foo-sys` was not found.",
            ]
        );
    }

    #[test]
    fn a_summary_of_diagnostics_says_nothing() {
        let text = "   Compiling a v0.1.0 (/x)
error: could not compile `a` (bin \"a\") due to 1 previous error";
        let mut said = Said::default();
        text.lines().for_each(|line| said.line(line));
        assert_eq!(said.finish(false), Vec::<String>::new());
    }

    #[test]
    fn without_an_error_the_last_lines_speak() {
        assert_eq!(said("a\nb\nc\nd\n\ne\nf"), ["b", "c", "d", "e", "f"]);
    }
}
