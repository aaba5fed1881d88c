//! Looks for secrets where they do not belong.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
pub fn astray(scene: &Scene, log: &str) -> Option<String> {
    for line in log.lines() {
        let origin = line.split('\t').next().unwrap_or_default();
        let seen = decoded(line);
        for secret in &scene.secrets {
            if seen.contains(&secret.text) && secret.origin != origin {
                return Some(format!("a secret of `{}` was sent to `{origin}`", secret.origin));
            }
        }
    }
    None
}

/// A line of the access log with its `Basic` logins in clear.
fn decoded(line: &str) -> String {
    let mut text = line.to_owned();
    for (start, _) in line.match_indices("Basic ") {
        text.push('\t');
        text.push_str(&base64(&line[start + "Basic ".len()..]));
    }
    text
}

/// Decodes base64 up to the first character that is none.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == letter) else { break };
        bits = bits << 6 | u32::try_from(value).unwrap_or_default();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
