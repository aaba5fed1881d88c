//! The value of an environment variable, as far as it may be written down.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::mark;
use crate::sys::redact;

/// Parts of the names of variables that hold secrets.
const SECRETS: &[&str] =
    &["AUTH", "COOKIE", "CREDENTIAL", "DSN", "KEY", "PASS", "PRIVATE", "SECRET", "TOKEN"];
/// Longer values are compared, but not shown.
const LONGEST: usize = 64;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Value {
    /// It is not set.
    Unset,
    /// It is shown to people.
    Shown(String),
    /// Only a hash of it is kept.
    Hashed(String),
}

impl Value {
    /// Keeps a short value that does not look like a secret, and a hash of any other.
    pub(super) fn new(name: &str, value: Option<OsString>) -> Self {
        let Some(value) = value else { return Self::Unset };
        let name = name.to_uppercase();
        let named = SECRETS.iter().any(|part| name.contains(part));
        match value.to_str() {
            Some(text) if !named && may_be_shown(text) => Self::Shown(text.to_owned()),
            _ => Self::Hashed(mark::hash(value.as_encoded_bytes())),
        }
    }

    /// The value for people.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Unset => "not set".into(),
            Self::Shown(text) => format!("`{text}`"),
            Self::Hashed(_) => "set (its value is not kept)".into(),
        }
    }
}

fn may_be_shown(text: &str) -> bool {
    // An address may have a password in it.
    text.len() <= LONGEST && !text.contains(['@', '\n']) && redact::redact(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        for (name, value, shown) in [
            ("APP_VERSION", "1.0", true),
            ("RUSTFLAGS", "-Ctarget-cpu=native", true),
            ("NPM_TOKEN", "abc", false),
            ("DATABASE_URL", "postgres://me:secret@host/db", false),
            ("api_key", "abc", false),
            ("LONG", &"a".repeat(65), false),
        ] {
            let value = Value::new(name, Some(value.into()));
            assert_eq!(matches!(value, Value::Shown(_)), shown, "{name}");
        }
        assert_eq!(Value::new("A", None), Value::Unset);
        assert_ne!(Value::new("A_KEY", Some("1".into())), Value::new("A_KEY", Some("2".into())));
    }
}
