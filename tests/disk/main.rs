//! Disk space: what is cleared, that the figures are those of `du`, and that it stays
//! bounded.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod collecting;
mod debug_information;
mod layouts;
mod measure;
mod robust;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
