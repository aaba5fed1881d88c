//! Whether there is the git program.

use std::time::Duration;

use crate::sys::cancel::Cancel;
use crate::sys::dirs::Dirs;
use crate::sys::finding::Finding;
use crate::sys::process::{Cmd, which};

const NEEDED: &str = "local repositories and ~/.ssh/config need it";

/// The git program, which is started once.
pub fn examine(dirs: &Dirs, cancel: &Cancel) -> Finding {
    let Some(path) = which("git") else {
        let detail = format!("no `git` on PATH: {NEEDED}");
        return Finding::warning("git", detail, "install it, for instance: sudo apt install git");
    };
    let shown = dirs.display(&path);
    let cmd = Cmd::new("git").arg("--version").timeout(Duration::from_secs(10));
    match cmd.output(cancel) {
        Ok(output) if output.status.success() => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let version = said.split_whitespace().nth(2).unwrap_or("of unknown version");
            Finding::ok("git", format!("{version} ({shown})"))
        }
        _ => {
            let detail = format!("{shown} does not run: {NEEDED}");
            Finding::warning("git", detail, "see what it says: git --version")
        }
    }
}
