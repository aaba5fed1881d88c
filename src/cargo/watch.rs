//! Follows a running build: messages, progress, the log.

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};

use super::artifact::Artifact;
use super::inputs::Unit;
use super::libraries::Made;
use super::lines::{Line, Lines};
use super::log::Log;
use super::progress::{Progress, Tracker};
use super::said::Said;
use super::select::Selection;
use super::{Error, Options};
use crate::event::{Event, MessageLevel, Reporter, Stream};
use crate::sys::cancel::Cancel;
use crate::sys::process::{Cmd, Status};
use crate::sys::text;

/// What is known of a build so far.
pub(super) struct Watch<'a> {
    options: &'a Options<'a>,
    selection: &'a Selection<'a>,
    reporter: &'a dyn Reporter,
    log: Log<'a>,
    tracker: Tracker,
    seen: Seen,
}

/// What a build that ended has left.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The wanted binaries.
    pub(super) artifacts: Vec<Artifact>,
    /// Everything that cargo built or found up to date.
    pub(super) units: Vec<Unit>,
    /// Shared libraries for Rust programs.
    pub(super) libraries: Made,
    /// Whether something was compiled.
    pub(super) compiled: bool,
    /// The compiler's warnings.
    pub(super) warnings: u64,
    /// The compiler's errors.
    pub(super) errors: u64,
    /// cargo's own errors.
    pub(super) said: Said,
}

impl<'a> Watch<'a> {
    /// Begins the log.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub(super) fn new(
        options: &'a Options<'a>,
        selection: &'a Selection<'a>,
        reporter: &'a dyn Reporter,
        cmd: &Cmd,
    ) -> Result<Self, Error> {
        let log = Log::create(options.log, options.source, &cmd.display())?;
        let (tracker, seen) = (Tracker::default(), Seen::default());
        Ok(Self { options, selection, reporter, log, tracker, seen })
    }

    /// Runs the build to its end; the first part is an error when it cannot be started or
    /// is interrupted.
    pub(super) fn run(mut self, cmd: &Cmd, cancel: &Cancel) -> (Result<Status, Error>, Seen) {
        let (mut stdout, mut stderr) = (Lines::default(), Lines::default());
        let status = cmd.run(cancel, &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.push(bytes, &mut |line| self.message(line)),
            Stream::Stderr => stderr.push(bytes, &mut |line| self.line(line)),
        });
        stdout.finish(&mut |line| self.message(line));
        stderr.finish(&mut |line| self.line(line));
        match &status {
            Ok(status) => self.log.text(&format!("cargo {status}")),
            Err(error) => self.log.text(&error.to_string()),
        }
        self.log.finish(self.reporter);
        (status.map_err(Error::from), self.seen)
    }

    /// A line of standard output: a message of cargo in JSON.
    fn message(&mut self, line: Line) {
        let (Line::Plain(line) | Line::Drawn(line)) = line;
        match serde_json::from_str(&line) {
            Ok(Message::CompilerArtifact(artifact)) => self.artifact(artifact),
            Ok(Message::CompilerMessage(message)) => self.diagnostic(message.message),
            Ok(Message::BuildScriptExecuted(script)) => {
                self.seen.units.push(Unit::script(&script));
            }
            Ok(_) => {}
            // Not a message of a kind that is known.
            Err(_) if line.starts_with('{') => {}
            Err(_) => self.log.text(&line),
        }
    }

    fn artifact(&mut self, artifact: cargo_metadata::Artifact) {
        self.seen.compiled |= !artifact.fresh;
        self.seen.units.push(Unit::compiled(&artifact));
        if artifact.target.is_dylib() {
            let names = artifact.filenames.iter().filter_map(|file| file.file_name());
            let made = names.map(|name| (name.to_owned(), artifact.target.name.clone()));
            self.seen.libraries.extend(made);
        }
        let Some(path) = artifact.executable.filter(|_| artifact.target.is_bin()) else { return };
        // On macOS it is a folder, `app.dSYM`, which is left where it is.
        let package = format!("{path}.dwp");
        let debug_files = artifact.filenames.iter().filter(|file| **file == *package);
        let debug_files = debug_files.map(|file| file.clone().into_std_path_buf()).collect();
        let name = artifact.target.name;
        let Some(member) = self.selection.wants(&name, &artifact.package_id.repr) else { return };
        self.seen.artifacts.push(Artifact {
            name,
            path: path.into_std_path_buf(),
            debug_files,
            package: member.name.clone(),
            version: member.version.clone(),
            fresh: artifact.fresh,
        });
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        let level = match diagnostic.level {
            DiagnosticLevel::Ice | DiagnosticLevel::Error => MessageLevel::Error,
            DiagnosticLevel::Warning => MessageLevel::Warning,
            _ => MessageLevel::Note,
        };
        match level {
            MessageLevel::Error => {
                self.seen.errors += 1;
                self.unplaced(&diagnostic);
            }
            MessageLevel::Warning => self.seen.warnings += 1,
            MessageLevel::Note => {}
        }
        let rendered = diagnostic.rendered.unwrap_or(diagnostic.message);
        self.log.text(&rendered);
        let service = self.options.service.to_string();
        self.reporter.report(Event::BuildMessage { service, level, rendered });
    }

    /// An error without a place in the code is no matter of the code: the
    /// linker is missing or failed. Nor is a target without a standard library.
    fn unplaced(&mut self, diagnostic: &Diagnostic) {
        let children = || diagnostic.children.iter().map(|child| &child.message);
        if let Some(note) = children().find(|note| note.contains("target may not be installed")) {
            self.seen.said.error(note);
            return;
        }
        if !diagnostic.spans.is_empty() || diagnostic.code.is_some() {
            return;
        }
        self.seen.said.error(&diagnostic.message);
        let notes = diagnostic.children.iter().flat_map(|child| child.message.lines());
        let causes = ["error: ", "cannot find ", "undefined ", "os error "];
        for note in notes.filter(|note| causes.iter().any(|cause| note.contains(cause))) {
            // The whole command line of the linker is in the log.
            if note.len() < 500 {
                self.seen.said.more(note);
            }
        }
    }

    /// A line of standard error: cargo's own words and its progress.
    fn line(&mut self, line: Line) {
        let text = match line {
            Line::Plain(text) => text,
            Line::Drawn(text) => return self.progress(&text),
        };
        // A bar may end in a line's end where another text follows.
        if Progress::parse(&text).is_some() {
            return self.progress(&text);
        }
        let plain = text::plain(&text);
        self.log.text(&plain);
        self.seen.said.line(&plain);
        let lock = plain.trim().strip_prefix("Blocking waiting for file lock on ");
        // Cargos side by side take turns at the package cache, a moment each.
        if let Some(lock) = lock.filter(|lock| !lock.ends_with("package cache")) {
            self.reporter.report(Event::Waiting {
                lock: lock.to_owned(),
                holder: "another cargo".to_owned(),
            });
        }
    }

    fn progress(&mut self, text: &str) {
        let news = Progress::parse(text).and_then(|progress| self.tracker.update(progress));
        if let Some((done, total, current)) = news {
            self.reporter.report(Event::BuildProgress {
                service: self.options.service.to_string(),
                profile: self.options.profile.to_string(),
                done,
                total,
                current,
            });
        }
    }
}
