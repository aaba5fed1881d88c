//! The Rhai host: finds a script, runs it, explains why it failed.

pub(crate) mod api;
pub(crate) mod args;
mod callback;
mod catalogue;
pub(crate) mod check;
pub(crate) mod describe;
pub(crate) mod diagnose;
mod engine;
pub(crate) mod fault;
mod flags;
mod hints;
pub(crate) mod host;
pub(crate) mod loader;
mod mode;
pub(crate) mod options;
mod reads;
mod runner;
mod value;

pub(crate) use catalogue::catalogue;
pub(crate) use loader::find;
pub(crate) use runner::{build_engine, planning_host, run};
