//! Checkouts of services: clone, update, reset, submodules, LFS, and the state of a
//! tree. Silent: a `Reporter` is told what happens.
//!
//! - `options`, `fetch`: one fetch, from its options to a [`Fetched`]
//! - `url`, `percent`, `reference`, `credentials`, `login`: what is asked for, checked and redacted
//! - `program`, `version`: git's own program, how it is called, and its credential helper
//! - `remote`, `refusal`: talking to a remote, and why it refuses
//! - `resolve`, `target`, `room`: from a reference to a commit that is here
//! - `steps`, `clone`, `checkout`, `update`, `reset`, `keep`, `submodules`, `lfs`: the changes of a tree
//! - `recovery`: what a killed git or hero left
//! - `place`, `marker`, `moving`, `tree`, `edits`, `index`, `status`: what a tree is, and its state
//! - `built`, `building`: what builds change in a tree
//! - `native`: trees that only git's own program can move
//! - `doctor`: the git program and its settings on this machine
//! - `error`, `diagnose`, `classify`: what went wrong and what to do

mod building;
mod built;
mod checkout;
mod classify;
mod clone;
mod credentials;
mod diagnose;
mod doctor;
mod edits;
mod error;
mod fetch;
mod index;
mod keep;
mod lfs;
mod login;
mod marker;
mod mend;
mod moving;
mod native;
mod options;
mod percent;
mod place;
mod program;
mod recovery;
mod reference;
mod refusal;
mod remote;
mod reset;
mod resolve;
mod room;
mod status;
mod steps;
mod submodules;
mod target;
mod tree;
mod update;
mod url;
mod version;

#[cfg(test)]
mod tests;

pub(crate) use building::before_build;
pub(crate) use credentials::Credentials;
pub(crate) use doctor::{examine, examine_tokens};
pub(crate) use fetch::fetch;
pub(crate) use index::{is_tracked, tracked_files};
pub(crate) use options::{Fetched, Mode, Options, Submodules};
pub(crate) use program::{Prompt, SUBCOMMAND, answer, lend};
pub(crate) use reference::Reference;
pub(crate) use status::{Tracked, status};
pub(crate) use url::RemoteUrl;
