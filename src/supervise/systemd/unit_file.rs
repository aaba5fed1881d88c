//! Unit files: what they hold, and how it is escaped.

use std::path::Path;
use std::time::Duration;

use crate::supervise::{Probe, Restart, Unit};

/// The first line of every file of hero's; one without it is somebody else's.
pub(super) const MARK: &str = "# Written by hero; changes are overwritten.";
/// What goes before a unit's name, so that no unit of the distribution has it.
pub(super) const PREFIX: &str = "hero-";

/// What systemd calls a unit.
pub(super) fn file_name(unit: &str) -> String {
    format!("{PREFIX}{unit}.service")
}

/// The text of a unit file. `Err` is what systemd cannot be told.
pub(super) fn text(unit: &Unit, system: bool) -> Result<String, String> {
    let mut lines = vec![MARK.to_owned(), "[Unit]".into()];
    lines.push(format!("Description={} (installed by hero)", unit.name));
    if !unit.after.is_empty() {
        let names: Vec<String> = unit.after.iter().map(|name| file_name(name.as_str())).collect();
        lines.push(format!("After={}", names.join(" ")));
    }
    lines.extend([String::new(), "[Service]".into()]);
    let kind = match (&unit.ready.probe, unit.one_shot) {
        (_, true) => "oneshot",
        (Probe::Notify, false) => "notify",
        _ => "exec",
    };
    lines.push(format!("Type={kind}"));
    if kind == "notify" {
        lines.push("NotifyAccess=all".into());
    }
    let command =
        std::iter::once(program(&unit.program)?).chain(unit.args.iter().map(|it| argument(it)));
    lines.push(format!("ExecStart={}", command.collect::<Vec<_>>().join(" ")));
    lines.push(format!("WorkingDirectory={}", folder(&unit.cwd)?));
    for (name, value) in &unit.env {
        lines.push(format!("Environment={}", quoted(&format!("{name}={value}"), &['%'])));
    }
    if let Some(user) = &unit.user {
        lines.push(format!("User={}", user.replace('%', "%%")));
    }
    if !unit.one_shot {
        let restart = match unit.restart {
            Restart::Always => "always",
            Restart::OnFailure => "on-failure",
            Restart::Never => "no",
        };
        lines.push(format!("Restart={restart}"));
        lines.push("RestartSec=1".into());
    }
    lines.push(format!("TimeoutStartSec={}", seconds(unit.timeout)));
    lines.push(format!("TimeoutStopSec={}", seconds(unit.stop_timeout)));
    lines.extend(["KillMode=control-group".into(), String::new(), "[Install]".into()]);
    let target = if system { "multi-user.target" } else { "default.target" };
    lines.push(format!("WantedBy={target}"));
    Ok(lines.join("\n") + "\n")
}

fn seconds(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

/// Of a command the first word: specifiers are replaced in it, variables are not.
fn program(path: &Path) -> Result<String, String> {
    let text = path.to_str().ok_or("the path of its program is no text")?;
    Ok(quoted(text, &['%']))
}

fn argument(text: &str) -> String {
    quoted(text, &['%', '$'])
}

/// A folder is read to the end of the line, and knows no quotes.
fn folder(path: &Path) -> Result<String, String> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    Ok(text.ok_or("its folder has a name that is no text")?.replace('%', "%%"))
}

/// A word in quotes, with C's escapes; `doubled` characters mean themselves when they
/// come twice.
fn quoted(text: &str, doubled: &[char]) -> String {
    let mut word = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => word.extend(['\\', letter]),
            '\n' => word.push_str("\\n"),
            '\t' => word.push_str("\\t"),
            letter if letter.is_ascii_control() => {
                let code = u32::from(letter);
                let digit = |value| char::from_digit(value, 16).unwrap_or('0');
                word.extend(['\\', 'x', digit(code / 16), digit(code % 16)]);
            }
            letter if doubled.contains(&letter) => word.extend([letter, letter]),
            letter => word.push(letter),
        }
    }
    word.push('"');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_they_are() {
        for (text, word) in [
            ("plain", "\"plain\""),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("50% of $HOME", "\"50%% of $$HOME\""),
            ("say \"hi\" \\o/", "\"say \\\"hi\\\" \\\\o/\""),
            ("a\nb\tc\u{1}", "\"a\\nb\\tc\\x01\""),
            ("'; rm -rf /", "\"'; rm -rf /\""),
        ] {
            assert_eq!(argument(text), word);
        }
        assert_eq!(quoted("A=$x %h", &['%']), "\"A=$x %%h\"");
        assert_eq!(program(Path::new("/o p/$a%")).unwrap(), "\"/o p/$a%%\"");
        assert_eq!(folder(Path::new("/a b/100%")).unwrap(), "/a b/100%%");
        assert!(folder(Path::new("/a\nExecStart=/bin/sh")).is_err());
    }
}
