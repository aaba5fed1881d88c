//! The operating system: processes, files, folders, locks, signals. The only
//! home of raw `std::fs` and `std::process::Command` calls.

pub(crate) mod cancel;
pub(crate) mod config;
pub(crate) mod detached;
pub(crate) mod dirs;
pub(crate) mod disk;
pub(crate) mod doctor;
pub(crate) mod elevated;
pub(crate) mod environment;
pub(crate) mod finding;
pub(crate) mod fs;
pub(crate) mod jobs;
pub(crate) mod lock;
pub(crate) mod name;
pub(crate) mod process;
pub(crate) mod processes;
pub(crate) mod quantity;
pub(crate) mod redact;
pub(crate) mod sudo;
pub(crate) mod text;
pub(crate) mod watch;
