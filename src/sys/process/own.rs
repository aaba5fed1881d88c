//! Facts about this process and the programs on its PATH.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::sys::fs;

/// Whether standard error is a terminal, where the user can read a question.
pub(crate) fn is_attended() -> bool {
    use std::io::IsTerminal;
    io::stderr().is_terminal()
}

/// Programs that talk to servers are ended after this much silence.
const SILENCE: Duration = Duration::from_mins(1);

/// How long a program that talks to a server may print nothing: `HERO_GIT_TIMEOUT` in
/// seconds, at least two.
pub(crate) fn silence_limit() -> Duration {
    let text = std::env::var("HERO_GIT_TIMEOUT").ok();
    let seconds = text.and_then(|text| text.trim().parse::<u64>().ok());
    // Progress may come once a second only.
    seconds.map_or(SILENCE, |seconds| Duration::from_secs(seconds.max(2)))
}

/// Whether the user can be asked at the terminal.
pub(crate) fn is_interactive() -> bool {
    use std::io::IsTerminal;
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether `sudo` gave this process the administrator's rights.
pub(crate) fn is_under_sudo() -> bool {
    let user = std::env::var("SUDO_UID").ok().and_then(|text| text.parse::<u32>().ok());
    effective_user() == 0 && user.is_some_and(|user| user != 0)
}

/// Closes standard output, so that its reader sees the end; later output is lost.
pub(crate) fn close_stdout() {
    let nowhere = std::fs::OpenOptions::new().write(true).open("/dev/null");
    if let Ok(nowhere) = nowhere {
        let _kept = rustix::stdio::dup2_stdout(nowhere);
    }
}

/// The user whose rights this process has; 0 is the administrator.
pub(crate) fn effective_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The first executable file called `program` on PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| is_program(path))
}

/// Whether a path leads to a file with a right to execute it.
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
