//! Sizes and ages as people write them: `20GB`, `14d`.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer};

use super::disk;
use crate::error::{Diagnostic, ErrorKind};

/// An amount of disk space, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// A length of time since something was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub Duration);

/// A text that is neither.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not a size.
    #[error("`{}` is not a size such as `20GB` or `500MiB`", .0.escape_debug())]
    Size(String),
    /// Not an age.
    #[error("`{}` is not an age such as `14d`, `12h` or `2w`", .0.escape_debug())]
    Age(String),
}

/// Whether a message is that of a text which is neither; it quotes that text alone.
pub(super) fn refuses(message: &str) -> bool {
    message.starts_with('`')
        && [" is not a size ", " is not an age "].iter().any(|it| message.contains(it))
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Size(_) => ErrorKind::BadSize,
            Self::Age(_) => ErrorKind::BadAge,
        }
    }
}

impl FromStr for Size {
    type Err = Error;

    /// Reads a number with a unit: `GB` is 1000³ bytes, `GiB` is 1024³. A number
    /// without one is refused: it would be bytes to some and gigabytes to others.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bare = text.trim().trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let size = text.trim().parse::<bytesize::ByteSize>().ok();
        let size = size.filter(|_| bare.len() < text.trim().len() || bare == "0");
        size.map(|size| Self(size.as_u64())).ok_or_else(|| Error::Size(text.into()))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&disk::bytes(self.0))
    }
}

impl FromStr for Age {
    type Err = Error;

    /// Reads a number with a unit: `m` (minutes), `h`, `d`, `w`, or their names.
    fn from_str(text: &str) -> Result<Self, Error> {
        humantime::parse_duration(text.trim()).map(Self).map_err(|_| Error::Age(text.into()))
    }
}

impl Age {
    /// The moment that long ago.
    pub fn ago(self) -> SystemTime {
        SystemTime::now().checked_sub(self.0).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit() {
        for (text, bytes) in [
            ("20GB", 20_000_000_000),
            ("20 GB", 20_000_000_000),
            ("1.5GiB", 3 << 29),
            ("500MiB", 500 << 20),
            ("500M", 500_000_000),
            ("10kb", 10_000),
            ("0", 0),
            ("0B", 0),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for bad in ["", "20", "GB", "-1GB", "20 GX", "1,5GB", "20GBs"] {
            assert_eq!(bad.parse::<Size>(), Err(Error::Size(bad.into())));
        }
    }

    #[test]
    fn ages_have_a_unit() {
        let days = |days: u64| Age(Duration::from_hours(24 * days));
        for (text, age) in [
            ("14d", days(14)),
            ("14 days", days(14)),
            ("2w", days(14)),
            ("36h", Age(Duration::from_hours(36))),
            ("90m", Age(Duration::from_mins(90))),
            ("1d 12h", Age(Duration::from_hours(36))),
            ("0s", Age(Duration::ZERO)),
        ] {
            assert_eq!(text.parse(), Ok(age), "{text}");
        }
        for bad in ["", "14", "d", "-1d", "14 fortnights"] {
            assert_eq!(bad.parse::<Age>(), Err(Error::Age(bad.into())));
        }
        assert!(
            "9999999999y".parse::<Age>().is_err()
                || Age(Duration::MAX).ago() == SystemTime::UNIX_EPOCH
        );
    }
}
