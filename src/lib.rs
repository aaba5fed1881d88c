//! hero installs stacks of Rust services from their git repositories.

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("hero runs on Linux and macOS only");

pub mod cargo;
mod cli;
pub mod disk;
pub mod error;
pub mod event;
pub mod git;
pub mod report;
pub mod script;
pub mod store;
pub mod supervise;
pub mod sys;

pub use cli::main;
