//! The Rhai host: finds a script, runs it, explains why it failed.

pub mod api;
pub mod args;
mod callback;
mod catalogue;
pub mod check;
pub mod describe;
pub mod diagnose;
mod engine;
pub mod fault;
mod flags;
mod hints;
pub mod host;
pub mod loader;
mod mode;
pub mod options;
mod reads;
mod runner;
mod value;

pub(crate) use catalogue::catalogue;
pub(crate) use loader::find;
pub(crate) use runner::{build_engine, planning_host, run};
