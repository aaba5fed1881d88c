//! What operations work with: plain data, checked when it is made. Nothing here knows Rhai.

mod run;

pub(crate) use run::{ModeValue, Run};
