//! Running a command: its pipes, its end, and what it printed.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use process_wrap::std::{CommandWrap, CommandWrapper, ProcessSession};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::cmd::Cmd;
use super::error::Error;
use super::foreground::{Foreground, MARK};
use super::wait::Wait;
use crate::event::Stream;
use crate::sys::cancel::Cancel;
use crate::sys::environment;

/// How a command ended.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    /// Its exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// From start to end.
    pub(crate) elapsed: Duration,
}

impl Status {
    /// Whether it exited with 0.
    pub(crate) fn success(&self) -> bool {
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
pub(crate) struct Output {
    /// How it ended.
    pub(crate) status: Status,
    /// Everything on standard output.
    pub(crate) stdout: Vec<u8>,
    /// Everything on standard error.
    pub(crate) stderr: Vec<u8>,
}

enum PipeEvent {
    Chunk(Stream, Vec<u8>),
    /// A pipe has ended.
    Closed,
    /// Look at the flags.
    Wake,
}

impl Cmd {
    /// Runs it and keeps what it says.
    ///
    /// # Errors
    /// When it cannot be started, takes too long, or is interrupted. An exit
    /// code other than 0 is not an error here.
    pub(crate) fn output(&self, cancel: &Cancel) -> Result<Output, Error> {
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
    pub(crate) fn run(
        &self,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Status, Error> {
        self.run_patiently(cancel, sink, &mut |_| ())
    }

    /// As [`Cmd::run`]; with a limit on silence, `quiet` is told every ten
    /// seconds for how long nothing was printed.
    ///
    /// # Errors
    /// As for [`Cmd::output`].
    pub(crate) fn run_patiently(
        &self,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Stream, &[u8]),
        quiet: &mut dyn FnMut(Duration),
    ) -> Result<Status, Error> {
        if cancel.is_cancelled() {
            return Err(Error::Interrupted(self.display()));
        }
        let started = Instant::now();
        tracing::debug!(command = %self.display(), cwd = ?self.cwd, "run");
        let foreground = self.foreground.then(|| Arc::new(Foreground::new()));
        let mut child = self.spawn(foreground.as_deref())?;
        let group = Pid::from_child(&child);
        let shared = foreground.clone();
        let _registered = cancel.register(move || match &shared {
            Some(foreground) => {
                foreground.signal(group, Signal::KILL);
                foreground.restore();
            }
            None => _ = kill_process_group(group, Signal::KILL),
        });
        // Few pieces wait at a time: a command that talks faster than it is
        // listened to is slowed down, as by a full pipe.
        let (sender, receiver) = mpsc::sync_channel(64);
        let wake = sender.clone();
        // Where the queue is full nobody sleeps.
        let _subscription = cancel.subscribe(move || drop(wake.try_send(PipeEvent::Wake)));
        self.attach(&mut child, &sender);
        let gone = watch(group, sender);

        let mut wait = Wait::new(group, foreground.clone(), started, self);
        while wait.goes_on(self, gone.load(Ordering::SeqCst), cancel.is_cancelled(), quiet) {
            let message = match wait.deadline(self) {
                Some(at) => receiver.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(PipeEvent::Chunk(stream, bytes)) => {
                    sink(stream, &bytes);
                    wait.heard();
                }
                Ok(PipeEvent::Closed) => wait.open_pipes -= 1,
                Ok(PipeEvent::Wake) | Err(_) => {}
            }
        }
        // Only now: while its leader was unreaped, the number of the group
        // could not belong to another one.
        let status = child.wait().map_err(|source| self.start_error(source))?;
        if let Some(foreground) = foreground {
            foreground.restore();
        }
        if let Some(error) = wait.stopped() {
            return Err(error);
        }
        let status = status_of(status, started.elapsed());
        tracing::debug!(command = %self.name(), %status, elapsed = ?status.elapsed, "done");
        Ok(status)
    }

    fn spawn(&self, foreground: Option<&Foreground>) -> Result<Child, Error> {
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
        command.args(&self.args);
        if self.session {
            // Only the call in the child is of use here: the wait is `Wait`'s.
            let unused = CommandWrap::from(Command::new(&self.program));
            let session = ProcessSession.pre_spawn(&mut command, &unused);
            session.map_err(|source| self.start_error(source))?;
        } else if !self.foreground {
            command.process_group(0);
        }
        if !self.files.is_empty() {
            self.pass_files(&mut command).map_err(|source| self.start_error(source))?;
        }
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        if let Some(jobs) = &self.jobs {
            jobs.client().configure(&mut command);
        }
        for name in environment::hidden(self.keeps_git_settings) {
            command.env_remove(name);
        }
        if let Some(foreground) = foreground {
            command.env(MARK, &foreground.mark);
        }
        for (key, value) in &self.env {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        command.spawn().map_err(|source| self.start_error(source))
    }

    fn pass_files(&self, command: &mut Command) -> io::Result<()> {
        let mut mappings = Vec::new();
        for (child_fd, file) in &self.files {
            mappings.push(FdMapping { parent_fd: file.try_clone()?, child_fd: *child_fd });
        }
        command.fd_mappings(mappings).map_err(io::Error::other).map(drop)
    }

    /// Starts the threads that feed and drain the child's pipes.
    fn attach(&self, child: &mut Child, sender: &SyncSender<PipeEvent>) {
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), self.stdin.clone()) {
            // A child that does not read its input gets EPIPE here: its choice.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let stdout = child.stdout.take().map(|pipe| (Box::new(pipe) as Pipe, Stream::Stdout));
        let stderr = child.stderr.take().map(|pipe| (Box::new(pipe) as Pipe, Stream::Stderr));
        for (pipe, stream) in stdout.into_iter().chain(stderr) {
            let sender = sender.clone();
            std::thread::spawn(move || drain(pipe, stream, &sender));
        }
    }

    fn start_error(&self, source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound(self.name()),
            _ => Error::Start { program: self.name(), source },
        }
    }
}

type Pipe = Box<dyn Read + Send>;

/// Hands over what comes out of a pipe until its end.
fn drain(mut pipe: Pipe, stream: Stream, sender: &SyncSender<PipeEvent>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length) = pipe.read(&mut buffer) {
        let piece = buffer[..length].to_vec();
        if length == 0 || sender.send(PipeEvent::Chunk(stream, piece)).is_err() {
            break;
        }
    }
    let _gone = sender.send(PipeEvent::Closed);
}

/// Tells when the leader has ended, without reaping it: while it is unreaped
/// its group's number cannot be given to another process.
fn watch(leader: Pid, sender: SyncSender<PipeEvent>) -> Arc<AtomicBool> {
    let gone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&gone);
    std::thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(leader), options) {}
        told.store(true, Ordering::SeqCst);
        drop(sender.try_send(PipeEvent::Wake));
    });
    gone
}

fn status_of(status: ExitStatus, elapsed: Duration) -> Status {
    use std::os::unix::process::ExitStatusExt;
    Status { code: status.code(), signal: status.signal(), elapsed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Diagnostic;

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
        // The child says when its trap stands; cancel only then. Its leader may
        // be gone before or after that arrives.
        let cmd = sh("trap '' TERM; (trap '' TERM; exec sleep 3600) & echo ready; kill -9 $$");
        let result = cmd.run(&cancel, &mut |_, _| token.cancel(signal_hook::consts::SIGINT));
        assert!(matches!(result, Err(Error::Interrupted(_))), "{result:?}");
    }

    #[test]
    fn a_time_out_ends_a_command_that_never_pauses() {
        let cmd = sh("yes aaaaaaaa").timeout(Duration::from_millis(200));
        assert!(matches!(cmd.output(&Cancel::default()), Err(Error::Timeout { .. })));
        let forever = Cmd::new("true").timeout(Duration::MAX);
        assert!(forever.output(&Cancel::default()).is_ok_and(|output| output.status.success()));
    }

    #[test]
    fn addresses_are_shown_without_credentials() {
        let cmd = Cmd::new("git").args(["ls-remote", "https://me:secret@host/x"]);
        assert_eq!(cmd.display(), "git ls-remote https://***@host/x");
    }

    #[test]
    fn input_reaches_the_child() {
        let output = Cmd::new("cat").stdin(b"hello".to_vec()).output(&Cancel::default()).unwrap();
        assert_eq!(output.stdout, b"hello");
    }
}
