//! Where the programs of this machine are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that the servers are made of.
pub struct Programs {
    /// `timeout` of coreutils.
    pub timeout: PathBuf,
    /// The folder of git's own parts.
    pub git_exec: PathBuf,
    /// The user that runs the tests.
    pub user: String,
}

impl Programs {
    /// Looks for what every case needs.
    pub fn find() -> Self {
        let git_exec = said("git", &["--exec-path"]);
        let timeout = find("timeout").expect("coreutils are there");
        Self { timeout, git_exec: git_exec.into(), user: said("id", &["-un"]) }
    }
}

/// A program, or that it is missing.
pub fn installed(name: &str) -> Result<PathBuf, String> {
    find(name).ok_or_else(|| format!("{name} is not installed"))
}

/// The first program of that name on PATH, or where servers are.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Runs a program that must succeed, in silence.
pub fn must(program: impl AsRef<Path>, arguments: &[&str]) {
    said(program, arguments);
}

/// What a program that must succeed prints.
pub fn said(program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let program = program.as_ref();
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {arguments:?}: {error}", program.display());
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
