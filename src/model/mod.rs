//! What operations work with: plain data, checked when it is made. Nothing here knows Rhai.

mod checkout;
mod flags;
mod hook;
mod revision;
mod run;
mod service;
mod start;

pub(crate) use checkout::Checkout;
pub(crate) use flags::Flags;
pub(crate) use hook::Hook;
pub(crate) use revision::Revision;
pub(crate) use run::{ModeValue, Run};
pub(crate) use service::{Description, Service, Wanted, check_folder};
pub(crate) use start::{PORT, ReadySpec, StartSpec, ports};

/// One installed build of a service, as an install leaves it.
pub(crate) use crate::store::Installed;

/// What cargo has built.
pub(crate) use crate::cargo::Built as Build;
