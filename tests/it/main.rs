//! hero end to end: one module a feature, in one binary. `cargo test --test it install::` runs
//! the tests of one.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod api;
mod broken_disks;
mod builds;
mod complete;
mod contracts;
mod disk;
mod doctor;
#[cfg(target_os = "linux")]
mod elevation;
mod environment;
mod examples;
mod faults;
mod fetch_faults;
mod filters;
mod flags;
mod forge;
mod freshness;
mod install;
mod list;
mod output;
mod rollback;
mod running;
mod script_errors;
mod side_by_side;
mod signals;
mod stack;
mod support;
#[cfg(target_os = "linux")]
mod systemd;
mod together;
mod update;
mod verify;
mod watch;
mod why;
mod wrong_input;
#[cfg(target_os = "linux")]
mod zinit;
