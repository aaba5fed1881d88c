//! Commands: argument lists, never a shell, each in a process group of its own
//! that ends as a whole on cancellation and time-out.
#![allow(clippy::disallowed_types, reason = "the home of raw commands")]

mod cmd;
mod error;
mod foreground;
mod own;
mod run;
mod wait;

pub(crate) use cmd::Cmd;
pub(crate) use error::Error;
pub(crate) use own::{
    close_stdout, effective_user, is_attended, is_interactive, is_program, is_under_sudo,
    silence_limit, which,
};
pub(crate) use run::{Output, Status};
