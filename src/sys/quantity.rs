//! Sizes and ages as people write them: `20GB`, `14d`.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use super::disk;
use crate::error::{Diagnostic, ErrorKind};

/// An amount of disk space, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(pub(crate) u64);

/// A length of time since something was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age(pub(crate) Duration);

/// A text that is neither.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Error {
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

    /// Reads numbers with units: `s`, `m` (minutes), `h`, `d`, `w`, `mo`, `y`, or their names.
    /// Months and years are those before now.
    fn from_str(text: &str) -> Result<Self, Error> {
        let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
        let span = SpanParser::new().parse_span(text.trim()).ok();
        let since = span.filter(|span| !span.is_negative()).and_then(|it| now.checked_sub(it).ok());
        let age = since.and_then(|since| now.duration_since(&since).try_into().ok());
        age.map(Self).ok_or_else(|| Error::Age(text.into()))
    }
}

/// A duration in all its units: `2m`, `1m 30s`, `1day 2h`, `500ms`.
pub(crate) fn in_units(duration: Duration) -> String {
    // The mean lengths of years and months.
    let units = [("year", 31_557_600), ("month", 2_630_016), ("day", 86_400)];
    let clock = [("h", 3600), ("m", 60), ("s", 1)];
    let parts = [("ms", 1_000_000), ("us", 1_000), ("ns", 1)];
    let mut words = Vec::new();
    let mut split = |mut left: u64, units: &[(&str, u64)], has_plural: bool| {
        for (unit, length) in units {
            let count = left / length;
            left %= length;
            let plural = if has_plural && count > 1 { "s" } else { "" };
            if count > 0 {
                words.push(format!("{count}{unit}{plural}"));
            }
        }
        left
    };
    let seconds = split(duration.as_secs(), &units, true);
    split(seconds, &clock, false);
    split(duration.subsec_nanos().into(), &parts, false);
    if words.is_empty() { "0s".into() } else { words.join(" ") }
}

impl Age {
    /// The moment that long ago.
    pub(crate) fn ago(self) -> SystemTime {
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
            ("1day12hours", Age(Duration::from_hours(36))),
            ("3 weeks", days(21)),
            ("0s", Age(Duration::ZERO)),
        ] {
            assert_eq!(text.parse(), Ok(age), "{text}");
        }
        assert!(("1 month".parse::<Age>().unwrap().0.as_secs() / 86_400).abs_diff(30) <= 2);
        assert!(("1y".parse::<Age>().unwrap().0.as_secs() / 86_400).abs_diff(365) <= 1);
        for bad in ["", "14", "d", "-1d", "1d ago", "14 fortnights", "9999999999y", "P14D"] {
            assert_eq!(bad.parse::<Age>(), Err(Error::Age(bad.into())));
        }
        assert_eq!(Age(Duration::MAX).ago(), SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn durations_are_written_in_all_their_units() {
        let text = |milliseconds| in_units(Duration::from_millis(milliseconds));
        assert_eq!([text(0), text(500), text(90_500)], ["0s", "500ms", "1m 30s 500ms"]);
        assert_eq!([text(120_000), text(3_600_000)], ["2m", "1h"]);
        let days = |days: u64| in_units(Duration::from_hours(24 * days));
        assert_eq!([days(1), days(2), days(40)], ["1day", "2days", "1month 9days 13h 26m 24s"]);
        assert_eq!(days(366), "1year 18h");
        assert_eq!(in_units(Duration::from_nanos(2_003)), "2us 3ns");
    }
}
