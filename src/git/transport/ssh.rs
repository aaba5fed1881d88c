//! What only `ssh` itself knows: the user's `~/.ssh/config`, and whose keys
//! are in `known_hosts`.

use std::path::PathBuf;

use directories::BaseDirs;

use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::Cmd;

/// The user's ssh folder.
pub(super) fn folder() -> Option<PathBuf> {
    BaseDirs::new().map(|base| base.home_dir().join(".ssh"))
}

/// Whether `~/.ssh/config` says anything about this host, which libgit2 would
/// not heed.
pub(super) fn is_configured(host: &str) -> bool {
    let text = folder().and_then(|folder| fs::read_to_string(&folder.join("config")).ok());
    text.is_some_and(|text| mentions(&text, host))
}

/// Whether `known_hosts` has a key for this host, which then was another one.
pub(super) fn is_known(host: &str, port: u16) -> bool {
    let place = if port == 22 { host.to_owned() } else { format!("[{host}]:{port}") };
    let found = Cmd::new("ssh-keygen").arg("-F").arg(place).output(&Cancel::default());
    found.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

fn mentions(config: &str, host: &str) -> bool {
    config.lines().any(|line| {
        let mut words = line
            .split(|letter: char| letter.is_whitespace() || letter == '=')
            .filter(|word| !word.is_empty());
        match words.next().map(str::to_ascii_lowercase).as_deref() {
            // What these lead to is not worth following: ssh will know.
            Some("match" | "include") => true,
            Some("host") => {
                let patterns: Vec<&str> = words.collect();
                let negated = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!'));
                patterns.iter().any(|pattern| matches(pattern, host))
                    && !negated.into_iter().any(|pattern| matches(pattern, host))
            }
            _ => false,
        }
    })
}

/// ssh's patterns: `*` for any letters, `?` for one.
fn matches(pattern: &str, host: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return host.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    let tail = |host: &str| host.chars().next().map(|letter| host[letter.len_utf8()..].to_owned());
    match first {
        '*' => matches(rest, host) || tail(host).is_some_and(|tail| matches(pattern, &tail)),
        '?' => tail(host).is_some_and(|tail| matches(rest, &tail)),
        letter => host
            .strip_prefix(|other: char| other.eq_ignore_ascii_case(&letter))
            .is_some_and(|host| matches(rest, host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_by_ssh_s_own_patterns() {
        let config = "# Host x\nHost forge *.corp !bad.corp\n  User git\nHOST=eq\nHost a?c\n";
        for (host, expected) in [
            ("forge", true),
            ("Forge", true),
            ("git.corp", true),
            ("bad.corp", false),
            ("eq", true),
            ("abc", true),
            ("ac", false),
            ("x", false),
            ("github.com", false),
        ] {
            assert_eq!(mentions(config, host), expected, "{host}");
        }
        assert!(mentions("Include other\n", "github.com"));
    }
}
