//! hero installs stacks of Rust services from their git repositories.

pub mod cargo;
pub mod error;
pub mod event;
pub mod git;
pub mod store;
pub mod sys;
