//! Checkouts that only git's own program can move: libgit2 knows neither the user's
//! filter drivers (git-crypt), nor `working-tree-encoding`, nor sparse checkouts.
//!
//! - `attributes`: whether a checkout is one of these
//! - `state`: what differs from HEAD
//! - `plan`, `moves`: moving the tree
//! - `content`: files as a checkout would write them, and all that lies in a tree
//! - `readable`: an index that libgit2 cannot read

mod attributes;
mod content;
mod moves;
mod plan;
mod readable;
mod state;

use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::Repository;

use super::classify;
use super::error::Error;
use super::program::{self, Git, MARK, Prompt};
use super::recovery::Work;
use super::remote::Remote;
use super::tree::{self, In};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::{Cmd, Output};
use crate::sys::redact::redact;

pub(super) use attributes::needs_git;
pub(super) use content::{restore_index, whole_tree, write_files};
pub(super) use moves::{checkout_forcibly, checkout_safely};
pub(super) use readable::{ensure_readable, is_extension, is_unreadable};
pub(super) use state::{edits, is_clean_submodule};

/// How long git may work on a tree without a word: filters are the user's programs.
const PATIENCE: Duration = Duration::from_hours(1);

/// On whose behalf a tree is moved.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(crate) service: &'a str,
    pub(crate) work: &'a Work,
    pub(crate) cancel: &'a Cancel,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(remote: &Remote<'a>) -> Self {
        Self { service: remote.service, work: remote.work, cancel: remote.cancel }
    }

    /// A git in the checkout that may change something there.
    fn git<'r>(self, repo: &'r Repository) -> Result<Native<'r>, Error>
    where
        'a: 'r,
    {
        self.work.begin()?;
        Ok(Native {
            repo,
            service: self.service.to_owned(),
            mark: Some(self.work.checkout().to_owned()),
            cancel: self.cancel.clone(),
            env: Vec::new(),
        })
    }
}

/// Git's own program in one checkout.
struct Native<'r> {
    repo: &'r Repository,
    service: String,
    mark: Option<PathBuf>,
    cancel: Cancel,
    env: Vec<(&'static str, PathBuf)>,
}

impl<'r> Native<'r> {
    /// One that only looks, and writes nothing, not even a fresher index.
    fn looking(repo: &'r Repository, cancel: &Cancel) -> Self {
        let service = tree::root(repo).file_name().unwrap_or_default().to_string_lossy().into();
        let env = vec![("GIT_OPTIONAL_LOCKS", PathBuf::from("0"))];
        Self { repo, service, mark: None, cancel: cancel.clone(), env }
    }

    /// The same with a variable for each call.
    fn with(mut self, name: &'static str, value: &Path) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    fn call(&self, args: &[&str], input: Vec<u8>) -> Result<Output, Error> {
        let git = Git::find(&self.cancel)?;
        let cmd = git.command(Some(&tree::root(self.repo)), Prompt::Never).silence(PATIENCE);
        let cmd = cmd.args(args.iter().copied()).stdin(input);
        let cmd = self.env.iter().fold(cmd, |cmd, (name, value)| cmd.env(name, value));
        let cmd = self.mark.iter().fold(cmd, |cmd: Cmd, mark| cmd.env(MARK, mark));
        cmd.output(&self.cancel).map_err(|error| program::failed(&self.service, error))
    }

    /// Runs git, which must succeed; what it printed. `action` completes "cannot …
    /// `path`".
    fn run(&self, action: &'static str, args: &[&str], input: Vec<u8>) -> Result<Vec<u8>, Error> {
        let output = self.call(args, input)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.failed(action, &output))
    }

    fn failed(&self, action: &'static str, output: &Output) -> Error {
        let lock = self.repo.path().join("index.lock");
        if fs::exists(&lock) {
            return Error::Locked { age: classify::age(&lock), path: lock };
        }
        let text = String::from_utf8_lossy(&output.stderr).replace('\r', "\n");
        let told = |line: &&str| line.starts_with("error: ") || line.starts_with("fatal: ");
        let lines: Vec<&str> = text.lines().filter(told).take(3).collect();
        let reason = match lines.as_slice() {
            [] => format!("git {}", output.status),
            lines => redact(&lines.join("; ")),
        };
        Error::Git { action, what: tree::root(self.repo).display().to_string(), reason }
    }

    /// Brings git's notes about the files' times and sizes up to date, without which it
    /// takes files that libgit2 has written for edited ones.
    fn refresh(&self) -> Result<(), Error> {
        // It fails when there are edits.
        self.call(&["update-index", "-q", "--ignore-submodules", "--refresh"], Vec::new())?;
        Ok(())
    }

    /// Lets git look at files again that the user has told it not to look at.
    fn look_at<'p>(&self, paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Error> {
        let input = list(paths);
        if input.is_empty() {
            return Ok(());
        }
        for option in ["--no-assume-unchanged", "--no-skip-worktree"] {
            let args = ["update-index", option, "-z", "--stdin"];
            self.run("change the index of", &args, input.clone())?;
        }
        Ok(())
    }

    /// Lets libgit2 see the index that git has written.
    fn reload(&self) -> Result<(), Error> {
        let mut index = self.repo.index().in_repo("read the index of", self.repo)?;
        index.read(true).in_repo("read the index of", self.repo)
    }
}

/// The bytes of a path that git has printed, as a path.
fn path(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// The bytes of a path, as git takes them.
fn bytes(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes()
}

/// Paths as git takes them from its standard input.
fn list<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Vec<u8> {
    paths.into_iter().flat_map(|path| [bytes(path), b"\0"].concat()).collect()
}

/// One line for `git update-index --index-info -z`: puts this at a path, or removes it.
fn index_line(path: &Path, entry: Option<(git2::Oid, u32)>, zero: &git2::Oid) -> Vec<u8> {
    let (id, mode) = entry.unwrap_or((*zero, 0));
    let mut line = format!("{mode:o} {id}\t").into_bytes();
    line.extend_from_slice(bytes(path));
    line.push(0);
    line
}
