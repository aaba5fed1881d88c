//! Starting what was installed, proving that it boots, stopping it.
//!
//! A [`Supervisor`] keeps processes running: zinit, systemd, or, where there is
//! none, a small one of hero's own (`direct`). Whichever it is, hero itself sees
//! to it that a start is proven ([`Boot::up`]): the process must be there, be ready,
//! own its port, run the file that is installed, and stay alive for a moment.
//!
//! ```text
//! run/<service>.json     what was started last, and with what it was proven
//! run/<unit>/            state of the direct supervisor
//! logs/services/<unit>.log  what a unit said, with older parts beside it
//! ```

mod boot;
mod choose;
mod direct;
mod doctor;
mod elevate;
mod error;
mod kind;
mod log;
mod machine;
mod notice;
mod order;
mod overview;
mod places;
mod port;
mod probe;
mod record;
mod stop;
mod supervisor;
mod systemd;
#[cfg(test)]
pub(crate) mod tests;
mod unit;
mod verify;
mod zinit;

pub(crate) use boot::{Boot, Up};
pub(crate) use choose::supervisor;
pub(crate) use direct::{SUBCOMMAND, attend};
pub(crate) use doctor::examine;
pub(crate) use elevate::{Request, down, forget, up};
pub(crate) use error::Error;
pub(crate) use kind::Kind;
pub(crate) use machine::{Local, Machine};
pub(crate) use order::levels;
pub(crate) use overview::{Overview, UnitOverview, overview};
pub(crate) use places::Places;
pub(crate) use port::require_free;
pub(crate) use record::Record;
pub(crate) use supervisor::Supervisor;
pub(crate) use unit::{Probe, Ready, Restart, State, Status, Unit};
