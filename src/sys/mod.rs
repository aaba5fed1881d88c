//! The operating system: processes, files, folders, locks, signals. The only
//! home of raw `std::fs` and `std::process::Command` calls.

pub mod cancel;
pub mod config;
pub mod detached;
pub mod dirs;
pub mod disk;
pub mod doctor;
pub mod elevated;
pub mod environment;
pub mod finding;
pub mod fs;
pub mod jobs;
pub mod lock;
pub mod name;
pub mod process;
pub mod processes;
pub mod quantity;
pub mod redact;
pub mod sudo;
pub mod text;
pub mod watch;
