//! Everything a person or a program reads: the only place that prints.

mod console;
mod fault;
mod human;
mod json;
mod progress;
mod table;

pub use console::{BOLD, Color, Console, DONE, ERROR, NOTE, WARNING};
pub use fault::{Frame, Place, Report};
pub use human::{Human, Verbosity};
pub use json::Json;
pub use table::{ago, duration, millis, table};

pub use crate::sys::disk::bytes;
