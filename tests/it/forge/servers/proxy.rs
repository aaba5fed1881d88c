//! tinyproxy, for one case each.

use std::path::PathBuf;
use std::process::Command;

use super::super::scene::{Scene, write};
use super::process::{Process, free_port, listens};

/// Starts a proxy; `login` is `user:password` if it wants one. Returns the
/// port and the log.
pub fn start(scene: &mut Scene, login: Option<&str>) -> (u16, PathBuf) {
    let folder = scene.servers.folder();
    let (port, log) = (free_port(), folder.join("log"));
    let login = login.map(|login| format!("BasicAuth {}\n", login.replace(':', " ")));
    let config = format!(
        "Port {port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\nLogFile \"{}\"\nLogLevel Info\n\
         PidFile \"{}\"\nAllow 127.0.0.1\n{}",
        log.display(),
        folder.join("pid").display(),
        login.unwrap_or_default()
    );
    let config = write(&folder.join("conf"), &config, 0o644);
    let mut command = Command::new("tinyproxy");
    command.arg("-d").arg("-c").arg(config);
    let process = Process::start(command, || listens(port)).expect("a proxy");
    scene.keep(process);
    (port, log)
}
