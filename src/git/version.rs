//! Versions of git.

use std::fmt;

/// The oldest git that hero works with: it reads settings from
/// `GIT_CONFIG_COUNT`, which keeps them out of the arguments.
pub(crate) const MINIMUM: Version = Version { major: 2, minor: 31, patch: 0 };

/// A version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads `git version 2.39.5 (Apple Git-154)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = text.trim().strip_prefix("git version ")?;
        let mut parts = number.split(|letter: char| !letter.is_ascii_digit());
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        let patch = parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
        Some(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(formatter, ".{}", self.patch) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_vendors_are_read_and_compared() {
        for (text, enough) in [
            ("git version 2.31.0\n", true),
            ("git version 2.30.2", false),
            ("git version 2.39.5 (Apple Git-154)", true),
            ("git version 2.51.0.windows.1", true),
            ("git version 1.8.3.1", false),
            ("git version 3.0.0-rc1", true),
        ] {
            assert_eq!(Version::parse(text).unwrap() >= MINIMUM, enough, "{text}");
        }
        for text in ["", "git", "hub version 2.31", "git version x"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
