//! Programs that outlive hero.
#![allow(clippy::disallowed_types, reason = "a home of raw commands")]

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use super::environment;
use super::process::Error;

/// What a detached program has said first, and the line to it.
#[derive(Debug)]
pub(crate) struct Detached {
    /// Everything it said before it closed its standard output.
    pub(crate) answer: Vec<u8>,
    /// Its standard input. It sees the end when this is dropped.
    pub(crate) input: ChildStdin,
}

/// Starts a program that goes on when hero ends, hands it `input` and waits until it
/// has closed its standard output. It must leave the session by itself.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn detach(program: &Path, arguments: &[&str], input: &[u8]) -> Result<Detached, Error> {
    let name = program.display().to_string();
    let failed = |source| Error::Start { program: name.clone(), source };
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/");
    for name in environment::hidden(false) {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (mut stdin, mut stdout) =
        pipes.ok_or_else(|| failed(std::io::Error::other("it has no pipes")))?;
    // Whoever does not read ends, and the answer is empty.
    let _closed = stdin.write_all(input);
    let mut answer = Vec::new();
    stdout.read_to_end(&mut answer).map_err(failed)?;
    // Should it end while hero is there, somebody must take note.
    std::thread::spawn(move || child.wait());
    Ok(Detached { answer, input: stdin })
}

/// A program to run in a group of its own, with both its outputs in one pipe.
#[derive(Debug, Clone)]
pub(crate) struct Daemon<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// Its arguments.
    pub(crate) args: &'a [String],
    /// The folder it runs in.
    pub(crate) cwd: &'a Path,
    /// Variables that are set; the others are inherited.
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Variables that are not inherited.
    pub(crate) hidden: Vec<OsString>,
}

impl Daemon<'_> {
    /// Starts it; `ended` is told how it ended, `said` what it says.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(
        &self,
        ended: impl FnOnce(std::process::ExitStatus) + Send + 'static,
        mut said: impl FnMut(&[u8]) + Send + 'static,
    ) -> Result<u32, Error> {
        use std::os::unix::process::CommandExt;
        let name = self.program.display().to_string();
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound(name.clone()),
            _ => Error::Start { program: name.clone(), source },
        };
        if !self.cwd.is_dir() {
            return Err(Error::NoDirectory { program: name, cwd: self.cwd.to_owned() });
        }
        let (mut reader, writer) = std::io::pipe().map_err(failed)?;
        let mut command = Command::new(self.program);
        command.args(self.args).current_dir(self.cwd).process_group(0);
        command.stdin(Stdio::null());
        command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        for variable in self.hidden.iter().cloned().chain(environment::hidden(false)) {
            command.env_remove(variable);
        }
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        let mut child = command.spawn().map_err(failed)?;
        // It holds the writing ends, which would keep the pipe open.
        drop(command);
        let pid = child.id();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 16 * 1024];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                said(&buffer[..length]);
            }
        });
        std::thread::spawn(move || {
            if let Ok(status) = child.wait() {
                ended(status);
            }
        });
        Ok(pid)
    }
}
