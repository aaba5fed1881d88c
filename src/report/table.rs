//! Numbers and tables for people.

use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};

use crate::sys::text::printable;

/// Milliseconds as `12 ms`, or as [`duration`] from a second on.
pub(crate) fn millis(count: u64) -> String {
    match count {
        0..1000 => format!("{count} ms"),
        _ => duration(Duration::from_millis(count)),
    }
}

/// A duration as `0.3s`, `42s`, `1m 04s` or `2h 03m`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How long ago a time was, in its largest unit: `just now`, `5 minutes ago`,
/// `3 days ago`. Times in the future are `just now`.
pub(crate) fn ago(time: jiff::Timestamp, now: jiff::Timestamp) -> String {
    let seconds = now.as_second() - time.as_second();
    let units = [
        ("year", 31_557_600),
        ("month", 2_629_800),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
    ];
    match units.iter().find(|(_, length)| seconds >= *length) {
        Some((unit, length)) => {
            let count = seconds / length;
            format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
        }
        None => "just now".into(),
    }
}

/// Columns aligned by spaces, with a heading line unless all headings are
/// empty; lines without trailing spaces, joined by line feeds.
pub(crate) fn table(columns: &[String], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    if columns.iter().any(|column| !column.is_empty()) {
        table.set_header(columns.iter().map(|column| column.to_uppercase()));
    }
    table.add_rows(
        rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect::<Vec<_>>()),
    );
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_two_parts() {
        let text = |millis| duration(Duration::from_millis(millis));
        assert_eq!(
            [text(340), text(9_940), text(42_900), text(64_000), text(7_380_000)],
            ["0.3s", "9.9s", "42s", "1m 04s", "2h 03m"]
        );
    }

    #[test]
    fn columns_are_aligned() {
        let columns = ["a".to_owned(), "bb".to_owned()];
        let rows = [vec!["long".to_owned(), "1".to_owned()], vec!["x".to_owned(), String::new()]];
        assert_eq!(table(&columns, &rows), "A     BB\nlong  1\nx");
    }
}
