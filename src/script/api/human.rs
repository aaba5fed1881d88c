//! `human`: numbers as people read them.

use std::time::Duration;

use super::namespace::Namespace;
use crate::report;

/// The namespace `human`.
pub(crate) fn namespace() -> Namespace {
    let mut human = Namespace::new("human");
    human.add(
        "bytes(count: int) -> string",
        "
        Bytes as `31.2 MiB`.

            print(human::bytes(fs::size(\"target\")));
        ",
        |count: i64| report::bytes(u64::try_from(count).unwrap_or(0)),
    );
    human.add(
        "duration(seconds: float) -> string",
        "
        Seconds as `0.3s`, `42s`, `1m 04s` or `2h 03m`.

            print(human::duration(64));
        ",
        duration,
    );
    human.add("duration(seconds: int) -> string", "", |seconds: i64| {
        report::duration(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    });
    human.add(
        "millis(count: int) -> string",
        "
        Milliseconds as `12 ms`, or as `human::duration` from a second on.

            print(human::millis(12));
        ",
        |count: i64| report::millis(u64::try_from(count).unwrap_or(0)),
    );
    human.add(
        "ago(time: string) -> string",
        "
        A time as in receipts (`installed_at`) as `3 days ago`.

            print(human::ago(\"2026-01-01T00:00:00Z\"));
        ",
        |time: &str| {
            time.parse()
                .map_or_else(|_| time.to_owned(), |time| report::ago(time, jiff::Timestamp::now()))
        },
    );
    human
}

fn duration(seconds: f64) -> String {
    report::duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}
