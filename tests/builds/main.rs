//! Builds where cargo works: with a wrapper around rustc, an older cargo, in unusual
//! places and repositories.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod dependencies;
mod edits;
mod old_cargo;
mod places;
mod profiles;
mod sccache;
#[path = "../support/mod.rs"]
mod support;
mod variables;
