//! Installed services: generations, their receipts, and what `bin/` shows.
//!
//! ```text
//! store/<service>/<generation>/receipt.json    what it was built from
//! store/<service>/<generation>/bin/<name>      the binaries, never changed
//! current/<service>      -> store/<service>/<generation>
//! bin/<name>             -> current/<service>/bin/<name>
//! replaced/<name>@<time>                       strangers' files, moved aside
//! ```
//!
//! Every binary of a service is reached through `current/<service>`, so one
//! rename changes all of them. Whatever is built up or taken down lies in
//! folders whose names start with a dot (`.staging-…`, `.removed-…`); what a
//! killed process leaves of them is swept by the next change, which also mends
//! the links in `bin/`. Changes happen under the lock of the install root;
//! reading needs none.

mod activate;
mod aside;
mod begin;
mod bridge;
mod clear;
mod commit;
mod doctor;
mod elevate;
mod error;
mod evict;
mod generation;
mod inputs;
mod inspect;
mod install;
mod layout;
mod list;
mod model;
mod open;
mod problem;
mod receipt;
mod recover;
mod remove;
mod repair;
mod running;
mod stage;
mod state;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub(crate) use doctor::{examine_installed, examine_system};
pub(crate) use elevate::Request;
pub(crate) use error::Error;
pub(crate) use evict::{Idle, ServiceUsage};
pub(crate) use model::{
    Clear, Installed, KeptGeneration, Listing, NewGeneration, Policy, Removed, Service,
};
pub(crate) use open::Store;
pub(crate) use problem::Problem;
pub(crate) use receipt::Receipt;
pub(crate) use verify::Verified;
