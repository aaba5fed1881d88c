//! Looks for secrets where they do not belong.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scene::Scene;

/// A text that only one server may see.
pub struct Secret {
    /// The text; no two cases have the same.
    pub text: String,
    /// `http://host:port` of the server that it belongs to; may be empty.
    pub origin: String,
}

/// The files below HOME and the working directory that have a secret in them.
pub fn files(scene: &Scene) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    if !scene.secrets.is_empty() {
        let mut holds = |path: &Path, bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            if scene.secrets.iter().any(|secret| text.contains(&secret.text)) {
                found.insert(path.to_owned());
            }
        };
        visit(&scene.world.home(""), &mut holds);
        visit(&scene.world.work(""), &mut holds);
    }
    found
}

/// A request that took a secret to a server that it does not belong to.
pub fn astray(secrets: &[Secret], log: &str) -> Option<String> {
    for line in log.lines() {
        let origin = line.split('\t').next().unwrap_or_default();
        let seen = decoded(line);
        for secret in secrets {
            if seen.contains(&secret.text) && secret.origin != origin {
                return Some(format!("a secret of `{}` was sent to `{origin}`", secret.origin));
            }
        }
    }
    None
}

/// Whether a text shows a secret, in clear or as web servers are sent it.
pub fn shown(secrets: &[Secret], text: &str) -> bool {
    let text = decoded(text);
    secrets.iter().any(|secret| text.contains(&secret.text))
}

/// A text with its `Basic` logins in clear.
fn decoded(line: &str) -> String {
    let mut text = line.to_owned();
    for (start, word) in line.match_indices("Basic ") {
        let rest = &line[start + word.len()..];
        let ends = |letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter);
        let end = rest.find(ends).unwrap_or(rest.len());
        text.push('\t');
        text.push_str(&String::from_utf8_lossy(&STANDARD.decode(&rest[..end]).unwrap_or_default()));
    }
    text
}

fn visit(folder: &Path, holds: &mut impl FnMut(&Path, &[u8])) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            visit(&entry.path(), holds);
        } else if kind.is_file()
            && let Ok(bytes) = std::fs::read(entry.path())
        {
            holds(&entry.path(), &bytes);
        }
    }
}

#[test]
fn a_secret_on_its_way_to_another_server_is_seen() {
    let secret = Secret { text: "canary".into(), origin: "http://a:1".into() };
    let sent = STANDARD.encode("alice:canary");
    let astray = |line: String| astray(std::slice::from_ref(&secret), &line);
    assert_eq!(astray(format!("http://a:1\tGET / HTTP/1.1\tBasic {sent}\t-")), None);
    assert_eq!(astray("http://b:1\tGET / HTTP/1.1\t-\t-".into()), None);
    for line in [
        format!("http://b:1\tGET / HTTP/1.1\tBasic {sent}\t-"),
        format!("https://a:1\tGET / HTTP/1.1\tBasic {sent}\t-"),
        format!("http://a:2\tGET / HTTP/1.1\t-\tBasic {sent}"),
        "http://b:1\tGET /?key=canary HTTP/1.1\t-\t-".into(),
    ] {
        assert!(astray(line.clone()).is_some(), "{line}");
    }
}
