//! What a command is: its program, arguments, environment and limits.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::sys::jobs::Jobs;
use crate::sys::redact::redact;

/// A command to run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cmd {
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    pub(super) cwd: Option<PathBuf>,
    pub(super) env: Vec<(OsString, Option<OsString>)>,
    pub(super) stdin: Option<Vec<u8>>,
    pub(super) timeout: Option<Duration>,
    pub(super) silence: Option<Duration>,
    pub(super) nice: Option<i32>,
    pub(super) foreground: bool,
    pub(super) session: bool,
    pub(super) keeps_git_settings: bool,
    /// Open files that it inherits, with the numbers that they have there.
    pub(super) files: Vec<(i32, Arc<OwnedFd>)>,
    pub(super) jobs: Option<Jobs>,
}

impl Cmd {
    /// A command without arguments.
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), ..Self::default() }
    }

    /// Adds an argument.
    #[must_use]
    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub(crate) fn args<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs it in a folder.
    #[must_use]
    pub(crate) fn cwd(mut self, path: &Path) -> Self {
        self.cwd = Some(path.to_owned());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub(crate) fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), Some(value.into())));
        self
    }

    /// Removes an inherited variable.
    #[must_use]
    pub(crate) fn env_remove(mut self, key: impl Into<OsString>) -> Self {
        self.env.push((key.into(), None));
        self
    }

    /// Bytes for its standard input, which is empty otherwise.
    #[must_use]
    pub(crate) fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = Some(bytes);
        self
    }

    /// Ends it after this long.
    #[must_use]
    pub(crate) fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Ends it after it has printed nothing for this long.
    #[must_use]
    pub(crate) fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Runs it in a session of its own, without a terminal: no program below it
    /// can ask anything there.
    #[must_use]
    pub(crate) fn session(mut self) -> Self {
        self.session = true;
        self
    }

    /// Lets it inherit the user's settings for git (`GIT_CONFIG_COUNT` and the
    /// like) and the forges' own token variables, which other programs do not see.
    #[must_use]
    pub(crate) fn keep_git_settings(mut self) -> Self {
        self.keeps_git_settings = true;
        self
    }

    /// Lets it inherit an open file as the descriptor `number`.
    #[must_use]
    pub(crate) fn file(mut self, number: i32, file: impl Into<OwnedFd>) -> Self {
        self.files.push((number, Arc::new(file.into())));
        self
    }

    /// Lowers its priority (1 to 19).
    #[must_use]
    pub(crate) fn nice(mut self, nice: i32) -> Self {
        self.nice = Some(nice);
        self
    }

    /// Leaves it in this process's group, so that it may ask something at the
    /// terminal. Cancellation ends its processes one by one, and restores the terminal's
    /// settings.
    #[must_use]
    pub(crate) fn foreground(mut self) -> Self {
        self.foreground = true;
        self
    }

    /// Lets it share these slots, of which it holds one.
    #[must_use]
    pub(crate) fn jobs(mut self, jobs: &Jobs) -> Self {
        self.jobs = Some(jobs.clone());
        self
    }

    /// The command line for people, quoted as a shell would need it, without
    /// the credentials in addresses.
    pub(crate) fn display(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        redact(&shell_words::join(words.map(|word| word.to_string_lossy())))
    }

    /// The program for people.
    pub(super) fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}
