//! What `systemctl show` says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::supervise::{State, Status};
use crate::sys::processes::Identity;

/// The properties that are asked for.
pub(super) const PROPERTIES: &str =
    "LoadState,ActiveState,SubState,Type,MainPID,ExecMainCode,ExecMainStatus,NRestarts,Result";

/// Reads the properties of a unit.
pub(super) fn status(text: &str) -> Status {
    let known: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once('=')).collect();
    let get = |name: &str| known.get(name).copied().unwrap_or_default();
    if get("LoadState") != "loaded" {
        return Status::new(State::Unknown);
    }
    let pid = get("MainPID").parse().ok().filter(|pid| *pid != 0);
    let ended = how(get("ExecMainCode"), get("ExecMainStatus"), get("Result"));
    let well = get("Result") == "success";
    let state = match get("ActiveState") {
        "active" | "reloading" if get("SubState") == "exited" => State::Done,
        "active" | "reloading" => State::Running,
        "activating" => State::Starting,
        "deactivating" => State::Stopping,
        "failed" => State::Failed,
        // One that ended by itself, and well, is as inactive as one never started.
        _ if get("Type") == "oneshot" && well && ended.is_some() => State::Done,
        _ => State::Stopped,
    };
    let since = pid
        .and_then(Identity::read)
        .and_then(|process| Timestamp::from_second(i64::try_from(process.started).ok()?).ok());
    let restarts = get("NRestarts").parse().unwrap_or(0);
    Status { state, pid, since, ended: ended.filter(|_| pid.is_none()), restarts, lost: false }
}

/// How the main process ended last: the code is that of `waitid`.
fn how(code: &str, status: &str, result: &str) -> Option<String> {
    match code {
        "1" => Some(format!("exited with {status}")),
        "2" | "3" => Some(format!("was killed by signal {status}")),
        _ if !matches!(result, "" | "success") => Some(format!("systemd says: {result}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(words: &str) -> (State, Option<u32>, Option<String>, u64) {
        let text = words.replace(' ', "\n");
        let status = status(&format!("LoadState=loaded\n{text}"));
        (status.state, status.pid, status.ended, status.restarts)
    }

    #[test]
    fn every_state_is_told() {
        assert_eq!(status("LoadState=not-found\nActiveState=inactive").state, State::Unknown);
        assert_eq!(
            seen(
                "ActiveState=active SubState=running MainPID=7 NRestarts=2 ExecMainCode=0 Result=success"
            ),
            (State::Running, Some(7), None, 2)
        );
        assert_eq!(
            seen(
                "ActiveState=activating SubState=auto-restart MainPID=0 ExecMainCode=1 ExecMainStatus=101 Result=exit-code"
            ),
            (State::Starting, None, Some("exited with 101".into()), 0)
        );
        assert_eq!(
            seen("ActiveState=failed MainPID=0 ExecMainCode=2 ExecMainStatus=9 Result=signal"),
            (State::Failed, None, Some("was killed by signal 9".into()), 0)
        );
        assert_eq!(
            seen("ActiveState=failed MainPID=0 ExecMainCode=0 ExecMainStatus=0 Result=start-limit-hit").2,
            Some("systemd says: start-limit-hit".into())
        );
        assert_eq!(
            seen("ActiveState=inactive Type=exec MainPID=0 Result=success").0,
            State::Stopped
        );
        assert_eq!(
            seen("ActiveState=inactive Type=oneshot MainPID=0 ExecMainCode=1 ExecMainStatus=0 Result=success").0,
            State::Done
        );
        assert_eq!(seen("ActiveState=deactivating MainPID=3").0, State::Stopping);
    }
}
