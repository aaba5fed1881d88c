//! Everything a person or a program reads: the only place that prints.

mod console;
mod fault;
mod human;
mod json;
mod progress;
mod table;

pub(crate) use console::{BOLD, Color, Console, DONE, ERROR, NOTE, WARNING};
pub(crate) use fault::{Frame, Place, Report};
pub(crate) use human::{Human, Verbosity};
pub(crate) use json::Json;
pub(crate) use table::{ago, duration, millis, table};

pub(crate) use crate::sys::disk::bytes;
