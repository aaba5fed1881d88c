//! Building: which binaries a folder has, and one build of them by cargo.
//!
//! The path of a build: [`metadata`] asks cargo what the workspace holds,
//! [`select`] finds the packages of the wanted binaries (and every fault of the
//! request that can be found without compiling), [`settings`] reads profiles
//! from manifest and configuration, [`command`] puts the command line together,
//! [`environment`] the variables, [`watch`] follows the output, and [`build`] runs it.
//!
//! On disk a build directory belongs to one checkout, which its `hero.json`
//! names ([`claim`]): two checkouts with equal package names in one directory
//! can make cargo deliver the binary of the other. What lies in it otherwise
//! is cargo's own: [`layout`] knows which folders belong to which profile, [`clean`]
//! removes them, and [`inputs`] reads the notes on what a build read. Where two services
//! have most crates in common,
//! one may build in the directory of the other, under a compiler's name of its
//! own ([`share`]).

mod artifact;
mod attempt;
mod build;
mod capabilities;
mod chosen;
mod claim;
mod clean;
mod command;
mod dependencies;
mod diagnostic;
mod doctor;
mod environment;
mod error;
mod folders;
mod hints;
mod inputs;
mod layout;
mod libraries;
mod lines;
mod linker;
mod lockfile;
mod log;
mod manifest;
mod metadata;
mod options;
mod profile;
mod progress;
mod refresh;
mod said;
mod select;
mod settings;
mod share;
mod target;
mod toolchain;
mod units;
mod watch;
mod wrapper;
mod wrote;

#[cfg(test)]
mod tests;

pub(crate) use artifact::{Binary, Built};
pub(crate) use build::build;
pub(crate) use clean::{Clean, Part, clean};
pub(crate) use doctor::examine;
pub(crate) use error::Error;
pub(crate) use folders::{BuildDir, build_dirs, note_use};
pub(crate) use inputs::Inputs;
pub(crate) use metadata::binaries;
pub(crate) use options::{Git, Options, Refresh};
pub(crate) use profile::Profile;
pub(crate) use wrote::Wrote;
