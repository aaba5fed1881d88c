//! Commands: argument lists, never a shell, each in a process group of its own
//! that ends as a whole on cancellation and time-out.
#![allow(clippy::disallowed_types, reason = "the home of raw commands")]

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::cancel::Cancel;
use crate::error::{Diagnostic, Exit};
use crate::event::Stream;

/// How long a group may take to end after SIGTERM before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// A command to run.
#[derive(Debug, Clone, Default)]
pub struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    cwd: Option<PathBuf>,
    env: Vec<(OsString, Option<OsString>)>,
    stdin: Option<Vec<u8>>,
    timeout: Option<Duration>,
    nice: Option<i32>,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Status {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// From start to end.
    pub elapsed: Duration,
}

impl Status {
    /// Whether it exited with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(formatter, "exited with {code}"),
            (None, Some(signal)) => write!(formatter, "was killed by signal {signal}"),
            (None, None) => formatter.write_str("ended"),
        }
    }
}

/// What a command said and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// Everything on standard output.
    pub stdout: Vec<u8>,
    /// Everything on standard error.
    pub stderr: Vec<u8>,
}

/// A command that could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such program.
    #[error("cannot find the program `{0}`")]
    NotFound(String),
    /// The system would not start it.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The folder it should run in does not exist.
    #[error("cannot run `{program}` in `{}`: no such folder", cwd.display())]
    NoDirectory {
        /// The program.
        program: String,
        /// The folder.
        cwd: PathBuf,
    },
    /// It ran longer than allowed and was ended.
    #[error("`{command}` did not end within {}", humantime::format_duration(*limit))]
    Timeout {
        /// The command line.
        command: String,
        /// The time it was given.
        limit: Duration,
    },
    /// The user interrupted it.
    #[error("interrupted while `{0}` was running")]
    Interrupted(String),
}

impl Diagnostic for Error {
    fn kind(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "program_not_found",
            Self::Start { .. } | Self::NoDirectory { .. } => "cannot_start",
            Self::Timeout { .. } => "timeout",
            Self::Interrupted(_) => "interrupted",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound(program) if program.contains('/') => None,
            Self::NotFound(program) => Some(format!("install `{program}`, or put it on your PATH")),
            _ => None,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Interrupted(_) => Exit::Interrupted,
            _ => Exit::Failed,
        }
    }
}

enum Message {
    Chunk(Stream, Vec<u8>),
    Exited,
    Cancelled,
}

impl Cmd {
    /// A command without arguments.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), ..Self::default() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs it in a folder.
    #[must_use]
    pub fn cwd(mut self, path: &Path) -> Self {
        self.cwd = Some(path.to_owned());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), Some(value.into())));
        self
    }

    /// Removes an inherited variable.
    #[must_use]
    pub fn env_remove(mut self, key: impl Into<OsString>) -> Self {
        self.env.push((key.into(), None));
        self
    }

    /// Bytes for its standard input, which is empty otherwise.
    #[must_use]
    pub fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = Some(bytes);
        self
    }

    /// Ends it after this long.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Lowers its priority (1 to 19).
    #[must_use]
    pub fn nice(mut self, nice: i32) -> Self {
        self.nice = Some(nice);
        self
    }

    /// The command line for people, quoted as a shell would need it.
    pub fn display(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        shell_words::join(words.map(|word| word.to_string_lossy()))
    }

    /// Runs it and keeps what it says.
    ///
    /// # Errors
    /// When it cannot be started, takes too long, or is interrupted. An exit
    /// code other than 0 is not an error here.
    pub fn output(&self, cancel: &Cancel) -> Result<Output, Error> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = self.run(cancel, &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        })?;
        Ok(Output { status, stdout, stderr })
    }

    /// Runs it and hands over what it says as it comes, in pieces of any size.
    ///
    /// # Errors
    /// As for [`Cmd::output`].
    pub fn run(
        &self,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Status, Error> {
        if cancel.is_cancelled() {
            return Err(Error::Interrupted(self.display()));
        }
        let started = Instant::now();
        let mut child = self.spawn()?;
        let (sender, receiver) = mpsc::channel();
        let wake = sender.clone();
        let _subscription = cancel.subscribe(move || drop(wake.send(Message::Cancelled)));
        let readers = self.attach(&mut child, &sender);
        let group = Pid::from_child(&child);
        watch(group, sender);

        let mut deadline = self.timeout.map(|limit| started + limit);
        let mut stop: Option<Error> = None;
        let mut killed = false;
        loop {
            let message = match deadline {
                Some(at) => receiver.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Chunk(stream, bytes)) => sink(stream, &bytes),
                Ok(Message::Exited) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(Message::Cancelled) => {
                    stop.get_or_insert_with(|| Error::Interrupted(self.display()));
                    signal(group, Signal::TERM);
                    deadline = Some(Instant::now() + GRACE);
                }
                Err(RecvTimeoutError::Timeout) if killed => break,
                Err(RecvTimeoutError::Timeout) if stop.is_some() => {
                    killed = true;
                    signal(group, Signal::KILL);
                    deadline = Some(Instant::now() + GRACE);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let limit = self.timeout.unwrap_or_default();
                    stop = Some(Error::Timeout { command: self.display(), limit });
                    signal(group, Signal::TERM);
                    deadline = Some(Instant::now() + GRACE);
                }
            }
        }
        if stop.is_some() {
            // What is left of the group ignored SIGTERM; its leader is still
            // unreaped, so the number cannot belong to somebody else yet.
            signal(group, Signal::KILL);
        }
        let status = child.wait().map_err(|source| self.start_error(source))?;
        // The pipes end when the last writer has gone. A process that left the
        // group may keep them open for ever, so do not wait long for that.
        let drained = Instant::now() + Duration::from_millis(500);
        while !readers.iter().all(std::thread::JoinHandle::is_finished) {
            match receiver.recv_timeout(drained.saturating_duration_since(Instant::now())) {
                Ok(Message::Chunk(stream, bytes)) => sink(stream, &bytes),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        for message in receiver.try_iter() {
            if let Message::Chunk(stream, bytes) = message {
                sink(stream, &bytes);
            }
        }
        match stop {
            Some(error) => Err(error),
            None => Ok(status_of(status, started.elapsed())),
        }
    }

    fn spawn(&self) -> Result<Child, Error> {
        use std::os::unix::process::CommandExt;
        if let Some(cwd) = self.cwd.as_ref().filter(|cwd| !cwd.is_dir()) {
            return Err(Error::NoDirectory { program: self.name(), cwd: cwd.clone() });
        }
        let mut command = match self.nice {
            Some(nice) => {
                let mut command = Command::new("nice");
                command.arg("-n").arg(nice.to_string()).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(&self.args).process_group(0);
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        for (key, value) in &self.env {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        command.spawn().map_err(|source| self.start_error(source))
    }

    /// Starts the threads that feed and drain the child's pipes.
    fn attach(
        &self,
        child: &mut Child,
        sender: &Sender<Message>,
    ) -> Vec<std::thread::JoinHandle<()>> {
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), self.stdin.clone()) {
            // A child that does not read its input gets EPIPE here: its choice.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let stdout = child.stdout.take().map(|pipe| drain(pipe, Stream::Stdout, sender.clone()));
        let stderr = child.stderr.take().map(|pipe| drain(pipe, Stream::Stderr, sender.clone()));
        stdout.into_iter().chain(stderr).collect()
    }

    fn start_error(&self, source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound(self.name()),
            _ => Error::Start { program: self.name(), source },
        }
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}

fn drain(
    mut pipe: impl Read + Send + 'static,
    stream: Stream,
    sender: Sender<Message>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length) = pipe.read(&mut buffer) {
            if length == 0
                || sender.send(Message::Chunk(stream, buffer[..length].to_vec())).is_err()
            {
                break;
            }
        }
    })
}

/// Tells when the leader has ended, without reaping it: while it is unreaped
/// its group's number cannot be given to another process.
fn watch(leader: Pid, sender: Sender<Message>) {
    std::thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(leader), options) {}
        drop(sender.send(Message::Exited));
    });
}

/// Sends a signal to a whole group; one that is gone needs none.
fn signal(group: Pid, signal: Signal) {
    let _gone = kill_process_group(group, signal);
}

fn status_of(status: ExitStatus, elapsed: Duration) -> Status {
    use std::os::unix::process::ExitStatusExt;
    Status { code: status.code(), signal: status.signal(), elapsed }
}

/// The first executable file called `program` on PATH.
pub fn which(program: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|candidate| {
        super::fs::metadata(candidate)
            .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Cmd {
        Cmd::new("sh").arg("-c").arg(script)
    }

    #[test]
    fn output_has_both_streams_and_the_code() {
        let output = sh("echo out; echo err >&2; exit 3").output(&Cancel::default()).unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(output.status.code, Some(3));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Cmd::new("no-such-program").output(&Cancel::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot find the program `no-such-program`");
        assert!(error.hint().unwrap().contains("PATH"));
    }

    #[test]
    fn a_time_out_ends_the_whole_group() {
        // The grandchild would keep the pipe open for an hour.
        let cmd = sh("sleep 3600 & wait").timeout(Duration::from_millis(100));
        let started = Instant::now();
        assert!(matches!(cmd.output(&Cancel::default()), Err(Error::Timeout { .. })));
        assert!(started.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn cancelling_kills_a_child_that_ignores_sigterm() {
        let cancel = Cancel::default();
        let token = cancel.clone();
        // The child says when its trap stands; cancel only then.
        let cmd = sh("trap '' TERM; (trap '' TERM; exec sleep 3600) & echo ready; kill -9 $$");
        let result = cmd.run(&cancel, &mut |_, _| token.cancel(signal_hook::consts::SIGINT));
        assert!(matches!(result, Err(Error::Interrupted(_))), "{result:?}");
    }

    #[test]
    fn input_reaches_the_child() {
        let output = Cmd::new("cat").stdin(b"hello".to_vec()).output(&Cancel::default()).unwrap();
        assert_eq!(output.stdout, b"hello");
    }
}
