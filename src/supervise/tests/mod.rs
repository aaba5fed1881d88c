//! Starts, on a machine that is made up.

mod boot;
pub(crate) mod fake;
mod scene;
