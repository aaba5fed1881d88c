//! What hero can do, one file an operation: typed options in, a typed outcome out. Operations
//! take the locks, call the domains, call hooks, and report events. Nothing here knows Rhai.

pub(crate) mod account;
mod context;
mod rollback;
mod sandbox;
mod stale;
mod stop;
mod uninstall;
mod verify;

pub(crate) use context::{Context, Setup};
pub(crate) use rollback::rollback;
pub(crate) use stale::warn_if_stale;
pub(crate) use stop::stop;
pub(crate) use uninstall::uninstall;
pub(crate) use verify::verify;
