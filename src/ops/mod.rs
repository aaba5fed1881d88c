//! What hero can do, one file an operation: typed options in, a typed outcome out. Operations
//! take the locks, call the domains, call hooks, and report events. Nothing here knows Rhai.

pub(crate) mod account;
pub(crate) mod build;
pub(crate) mod build_options;
mod check;
pub(crate) mod complete;
mod context;
pub(crate) mod fetch;
pub(crate) mod install;
mod logs;
mod path;
mod rollback;
mod sandbox;
mod stale;
mod start;
pub(crate) mod status;
mod stop;
#[cfg(test)]
mod tests;
mod uninstall;
pub(crate) mod units;
mod verify;
pub(crate) mod watch;

pub(crate) use check::check_command;
pub(crate) use context::{Context, Setup};
pub(crate) use logs::{logs, show_logs};
pub(crate) use path::warn_if_not_on_path;
pub(crate) use rollback::rollback;
pub(crate) use stale::warn_if_stale;
pub(crate) use start::{restart, start};
pub(crate) use stop::{forget, stop};
pub(crate) use uninstall::uninstall;
pub(crate) use verify::verify;
