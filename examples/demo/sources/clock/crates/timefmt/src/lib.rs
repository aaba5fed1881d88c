//! Durations in words.

use std::time::Duration;

/// Seconds as `1m 30s`.
pub fn words(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}
