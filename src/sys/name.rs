//! Names that become parts of paths: services, binaries, generations.

use crate::error::{Diagnostic, ErrorKind};

/// A name that is safe as one segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

/// A name that is not.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{}` is not a valid {what} name: {reason}", name.escape_debug())]
pub(crate) struct Error {
    what: &'static str,
    name: String,
    reason: &'static str,
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        ErrorKind::BadName
    }

    fn hint(&self) -> Option<String> {
        Some(match self.what {
            // The name is the repository's, not the script's.
            "binary" => "leave it out by naming the others, `bins: [\"…\"]`, or give it another \
                         name in its manifest: ASCII letters, digits, `-`, `_` and `.`"
                .into(),
            _ => "use ASCII letters, digits, `-`, `_` and `.`, for instance `my-service`".into(),
        })
    }
}

impl Name {
    /// Checks a name; `what` (such as "service") is for the message.
    ///
    /// # Errors
    /// When it is empty, longer than 100 bytes, starts with `-` or `.`, or has
    /// other characters than `[A-Za-z0-9._-]`.
    pub(crate) fn new(what: &'static str, name: &str) -> Result<Self, Error> {
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.len() > 100 {
            "it is longer than 100 characters"
        } else if name.starts_with('-') {
            "it starts with `-`"
        } else if name.starts_with('.') {
            "it starts with `.`"
        } else if name.contains("..") {
            "it contains `..`"
        } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            "it has characters other than ASCII letters, digits, `-`, `_` and `.`"
        } else {
            return Ok(Self(name.to_owned()));
        };
        Err(Error { what, name: name.to_owned(), reason })
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name from a file is as little trusted as one from a script.
impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new("stored", &text).map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<std::path::Path> for Name {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_segments_are_names() {
        for good in ["a", "my-service", "zinit_2.x", "0"] {
            assert_eq!(Name::new("service", good).unwrap().as_str(), good);
        }
        for bad in
            ["", ".", "..", "-rf", "a/b", "a\0", "a\n", "ü", "a..b", ".git", &"a".repeat(101)]
        {
            assert!(Name::new("service", bad).is_err(), "{bad:?}");
        }
    }
}
