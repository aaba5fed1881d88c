//! What zinit is told of a unit, and what it says of one.

use serde_json::{Value, json};

use crate::supervise::{Restart, State, Status, Unit};

/// The variable by which hero knows its own: zinit keeps no comments.
const MARK: &str = "HERO_UNIT";

/// The configuration of a unit. With `run` zinit starts it at once, and whenever it
/// starts itself.
///
/// It is told nothing of `after`: stopping a service would stop all that come after it.
pub(super) fn service(unit: &Unit, run: bool) -> Value {
    let mut env = json!(unit.env);
    env[MARK] = "1".into();
    let restart = match unit.restart {
        _ if unit.one_shot => "never",
        Restart::Always => "always",
        Restart::OnFailure => "on-failure",
        Restart::Never => "never",
    };
    json!({
        "service": {
            "name": unit.name,
            // zinit looks for the first word on PATH, where every folder has a `.`, and gives the
            // text to a shell. Without `exec` that shell would be the process it knows, and the
            // program an orphan when it is ended.
            "exec": format!(". /dev/null; exec {}", shell_words::join(unit.command())),
            "dir": unit.cwd,
            "oneshot": unit.one_shot,
            "env": env,
            "status": if run { "start" } else { "ignore" },
            "class": "user",
            "critical": false,
            "ports": [],
            "kill_others": false,
            "process_filters": [],
        },
        "dependencies": { "after": [], "requires": [], "wants": [], "conflicts": [] },
        "lifecycle": {
            "restart": restart,
            "restart_delay_ms": 1000,
            "restart_delay_max_ms": 30_000,
            "max_restarts": 10,
            "stability_period_ms": 30_000,
            "start_timeout_ms": millis(unit.timeout),
            "stop_timeout_ms": millis(unit.stop_timeout),
            "stop_signal": "SIGTERM",
        },
        "health": null,
        "logging": { "buffer_lines": 1000, "file": null, "forward": null },
    })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a configuration is hero's.
pub(super) fn is_own(config: &Value) -> bool {
    config["service"]["env"].get(MARK).is_some()
}

/// Whether two configurations are the same but for whether it runs. Keys that zinit
/// leaves out are as good as empty ones.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    plain(one) == plain(other)
}

fn plain(config: &Value) -> Value {
    let mut config = config.clone();
    config["service"]["status"] = Value::Null;
    without_nothing(&config)
}

fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| (key.clone(), without_nothing(value))).collect()
        }
        other => other.clone(),
    }
}

/// What zinit says of a unit.
pub(super) fn status(said: &Value) -> Status {
    let pid = said["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0);
    let code = said["exit_code"].as_i64();
    let error = said["error"].as_str();
    let state = match said["state"].as_str().unwrap_or_default() {
        "inactive" => State::Stopped,
        // Without a health check it runs as soon as there is a process.
        "starting" if pid.is_some() => State::Running,
        "starting" | "blocked" => State::Starting,
        "running" => State::Running,
        "stopping" => State::Stopping,
        "exited" if code == Some(0) => State::Done,
        // Without a code it was told to.
        "exited" if code.is_none() => State::Stopped,
        "exited" | "failed" => State::Failed,
        _ => State::Unknown,
    };
    let ended = match (code, error) {
        (_, Some(error)) => Some(error.replace("killed by", "was killed by")),
        (Some(code), None) => Some(format!("exited with {code}")),
        (None, None) => None,
    };
    Status { pid, ended, ..Status::new(state) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_it_runs_makes_no_difference_and_nothing_is_as_good_as_empty() {
        let one = json!({ "service": { "name": "a", "status": "start" }, "health": null });
        let other = json!({ "service": { "name": "a", "status": "ignore", "dir": null } });
        assert!(is_same(&one, &other));
        assert!(!is_same(&one, &json!({ "service": { "name": "b" } })));
    }

    #[test]
    fn every_state_is_told() {
        let state = |said| status(&said).state;
        assert_eq!(state(json!({ "state": "running", "pid": 3 })), State::Running);
        assert_eq!(state(json!({ "state": "blocked", "pid": 0 })), State::Starting);
        assert_eq!(state(json!({ "state": "exited", "exit_code": 0 })), State::Done);
        assert_eq!(state(json!({ "state": "inactive" })), State::Stopped);
        let failed = status(&json!({ "state": "failed", "exit_code": 3, "pid": 0 }));
        assert_eq!((failed.state, failed.pid), (State::Failed, None));
        assert_eq!(failed.ended.as_deref(), Some("exited with 3"));
        let killed = status(&json!({ "state": "failed", "error": "killed by signal 9" }));
        assert_eq!(killed.ended.as_deref(), Some("was killed by signal 9"));
    }
}
