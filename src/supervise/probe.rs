//! Whether a process is ready.

use std::time::Duration;

use super::error::Reason;
use super::notice::Notice;
use super::{Error, Kind, Machine, Probe, Supervisor, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::process::{self, Cmd};

/// How long a command may take that asks.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// What one look shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is ready.
    Ready,
    /// It is not, for this reason.
    NotYet(String),
    /// It will not be.
    Never(Reason),
}

/// Looks once whether the process `pid` of a unit is ready.
///
/// # Errors
/// When the user interrupts, or the supervisor does not answer.
pub(super) fn look(
    machine: &dyn Machine,
    supervisor: &dyn Supervisor,
    unit: &Unit,
    pid: u32,
    notice: Option<&Notice>,
    cancel: &Cancel,
) -> Result<Look, Error> {
    if let Some(port) = unit.ready.port {
        match listens(machine, pid, port) {
            Look::Ready => {}
            other => return Ok(other),
        }
    }
    Ok(match &unit.ready.probe {
        Probe::None => Look::Ready,
        Probe::Http { url, status } => http(machine, url, *status),
        Probe::Log(pattern) => said(&supervisor.said(&unit.name, cancel)?, pattern),
        // systemd says that a unit runs only when it has said so itself.
        Probe::Notify if supervisor.kind() == Kind::Systemd => Look::Ready,
        // Of one that was ready before nobody has heard.
        Probe::Notify if notice.is_none_or(Notice::is_ready) => Look::Ready,
        Probe::Notify => Look::NotYet("it has not said READY=1".into()),
        Probe::Cmd(command) => asks(machine, command, unit, cancel)?,
    })
}

/// Whether the process, or one of its own, listens on the port.
fn listens(machine: &dyn Machine, pid: u32, port: u16) -> Look {
    let listeners = machine.listeners(port);
    if listeners.is_empty() {
        // Those of other users are not shown.
        if machine.accepts(port) {
            return Look::Ready;
        }
        return Look::NotYet(format!("nobody listens on port {port}"));
    }
    let family = machine.family(pid);
    match listeners.iter().find(|listener| !family.contains(listener)) {
        _ if listeners.iter().any(|listener| family.contains(listener)) => Look::Ready,
        Some(stranger) => Look::Never(Reason::Stranger { port, by: machine.describe(*stranger) }),
        None => Look::NotYet(format!("nobody listens on port {port}")),
    }
}

fn http(machine: &dyn Machine, url: &str, wanted: Option<u16>) -> Look {
    match machine.http(url) {
        Ok(status) => {
            let good = wanted.map_or((200..400).contains(&status), |wanted| status == wanted);
            if good { Look::Ready } else { Look::NotYet(format!("{url} answers with {status}")) }
        }
        Err(error) => Look::NotYet(format!("{url} does not answer: {error}")),
    }
}

fn said(log: &[u8], pattern: &str) -> Look {
    let text = String::from_utf8_lossy(log);
    // It was checked when the script was loaded.
    let found = regex::Regex::new(pattern)
        .is_ok_and(|pattern| text.lines().any(|line| pattern.is_match(line)));
    if found {
        Look::Ready
    } else {
        Look::NotYet(format!("no line of its log matches `{pattern}`"))
    }
}

fn asks(
    machine: &dyn Machine,
    command: &[String],
    unit: &Unit,
    cancel: &Cancel,
) -> Result<Look, Error> {
    let Some((program, arguments)) = command.split_first() else { return Ok(Look::Ready) };
    let mut cmd = Cmd::new(program).args(arguments).timeout(COMMAND_LIMIT).cwd(&unit.cwd);
    for (key, value) in &unit.env {
        cmd = cmd.env(key, value);
    }
    Ok(match machine.output(&cmd, cancel) {
        Ok(output) if output.status.success() => Look::Ready,
        Ok(output) => Look::NotYet(format!("`{}` {}", cmd.display(), output.status)),
        Err(process::Error::Interrupted(what)) => {
            return Err(process::Error::Interrupted(what).into());
        }
        Err(error) => Look::NotYet(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::super::Local;
    use super::*;

    /// A server that answers once with a status.
    fn answers(status: &str) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/health", listener.local_addr().unwrap());
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nlocation: /else\r\n\r\n");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 1024];
            let _request = stream.read(&mut buffer).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
        });
        (url, server)
    }

    #[test]
    fn a_status_is_wanted_or_any_good_one() {
        for (status, wanted, ready) in [
            ("200 OK", None, true),
            ("302 Found", None, true),
            ("503 Wait", None, false),
            ("401 No", Some(401), true),
            ("200 OK", Some(204), false),
        ] {
            let (url, server) = answers(status);
            assert_eq!(http(&Local, &url, wanted) == Look::Ready, ready, "{status} {wanted:?}");
            server.join().unwrap();
        }
    }

    #[test]
    fn a_line_of_the_log_is_enough() {
        assert_eq!(said(b"\xff\nlistening on 1\n", "^listening on \\d"), Look::Ready);
        assert!(matches!(said(b"starting\n", "^listening"), Look::NotYet(_)));
    }

    #[test]
    #[allow(clippy::disallowed_types, reason = "a process that is nobody's")]
    fn a_listener_of_another_process_is_a_stranger() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(listens(&Local, std::process::id(), port), Look::Ready);
        let mut other = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let look = listens(&Local, other.id(), port);
        other.kill().unwrap();
        other.wait().unwrap();
        assert!(matches!(look, Look::Never(Reason::Stranger { .. })), "{look:?}");
    }
}
