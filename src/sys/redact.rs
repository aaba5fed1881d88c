//! Credentials never reach a terminal, a log or an error: cargo and git quote
//! addresses as they are written, or as `insteadOf` makes them, and servers repeat
//! what they were sent.

use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What ends the part of an address that can have credentials.
const ENDS: &[char] = &['/', ' ', '`', '\'', '"', '<', '>', '(', ')', '\t'];

/// Shorter texts are parts of too many words.
const SHORTEST: usize = 8;

/// The secrets of this run.
static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides a secret from now on, wherever it would be shown.
pub(crate) fn hide(secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    if !secrets.iter().any(|known| known == secret) {
        secrets.push(secret.to_owned());
        // One may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }
}

/// Hides a password, also as http servers are sent it.
pub(crate) fn hide_login(user: &str, password: &str) {
    hide(password);
    if password.len() >= SHORTEST {
        hide(&STANDARD_NO_PAD.encode(format!("{user}:{password}")));
    }
}

/// The text with `***` for the user and password of every address and for every
/// known secret. The user of an ssh address is no secret.
pub(crate) fn redact(text: &str) -> String {
    replace(text, |_| "***".to_owned())
}

/// The same with as many `*` as each secret has bytes, so that positions in the text
/// stay right.
pub(crate) fn mask(text: &str) -> String {
    replace(text, |secret| "*".repeat(secret.len()))
}

fn replace(text: &str, by: impl Fn(&str) -> String) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let scheme_is_ssh = clean.ends_with("ssh");
        clean.push_str("://");
        let authority = part.find(ENDS).map_or(part, |end| &part[..end]);
        match authority.rfind('@') {
            Some(at) if !scheme_is_ssh || authority[..at].contains(':') => {
                clean.push_str(&by(&authority[..at]));
                clean.push_str(&part[at..]);
            }
            _ => clean.push_str(part),
        }
    }
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let there = secrets.iter().filter(|secret| text.contains(secret.as_str()));
    there.fold(clean, |text, secret| text.replace(secret.as_str(), &by(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_passwords_are_hidden_and_the_rest_stays() {
        for (text, clean) in [
            ("from `https://me:s3cret@host/a@b`", "from `https://***@host/a@b`"),
            ("https://tok@h and ssh://git@h/x", "https://***@h and ssh://git@h/x"),
            ("ssh://git:pw@h/x", "ssh://***@h/x"),
            ("https://crates.io/a@1", "https://crates.io/a@1"),
            ("a@b.c: `path+file:///x#a@0.1.0`", "a@b.c: `path+file:///x#a@0.1.0`"),
        ] {
            assert_eq!(redact(text), clean);
        }
    }

    #[test]
    fn known_secrets_are_hidden_in_every_form_that_is_sent() {
        hide_login("zoe", "qwertz-uiop");
        hide("qwertz-uiop-long");
        let sent = STANDARD_NO_PAD.encode("zoe:qwertz-uiop");
        assert_eq!(redact(&format!("Basic {sent}= qwertz-uiop!")), "Basic ***= ***!");
        assert_eq!(redact("qwertz-uiop-long"), "***");
        assert_eq!(mask("a qwertz-uiop b"), "a *********** b");
        assert_eq!(mask("http://me:pw@h/qwertz-uiop"), "http://*****@h/***********");
        hide("abc");
        assert_eq!(redact("abc"), "abc");
    }
}
