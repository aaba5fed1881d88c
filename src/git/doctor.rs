//! The git program of this machine, and settings that matter for fetching.

use super::credentials::Credentials;
use super::program;
use super::version::MINIMUM;
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Dirs;
use crate::sys::finding::Finding;
use crate::sys::process::which;

/// Looks at the git program, which is started once or twice.
pub(crate) fn examine(dirs: &Dirs, cancel: &Cancel) -> Finding {
    let Some(path) = which("git") else {
        let detail = "there is no `git` on PATH, and every fetch needs it";
        return Finding::problem("git", detail, "install it, for instance: sudo apt install git");
    };
    let shown = dirs.display(&path);
    match program::version(&path, cancel) {
        Ok(version) if version >= MINIMUM => Finding::ok("git", format!("{version} ({shown})")),
        Ok(version) => {
            let detail = format!("{shown} is {version}, and hero needs {MINIMUM} or newer");
            Finding::problem("git", detail, "install a newer git, or put it first on PATH")
        }
        Err(error) => {
            Finding::problem("git", error.to_string(), "see what it prints: git --version")
        }
    }
}

/// Looks for settings with tokens that no server gets.
pub(crate) fn examine_tokens(credentials: &Credentials) -> Vec<Finding> {
    let ignored = credentials.ignored().iter();
    ignored.map(|it| Finding::warning("tokens", &it.message, &it.hint)).collect()
}
