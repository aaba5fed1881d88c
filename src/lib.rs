//! hero installs stacks of Rust services from their git repositories.

#![warn(unreachable_pub)]

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("hero runs on Linux and macOS only");

mod cargo;
mod cli;
mod disk;
mod error;
mod event;
mod git;
mod model;
mod ops;
mod report;
mod script;
mod store;
mod supervise;
mod sys;

pub use cli::main;
