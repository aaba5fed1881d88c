//! The laws of fetching, against repositories on disk, a `git daemon` and a
//! small web server, all on this machine.

mod encoded;
mod fetching;
mod native;
mod network;
mod resetting;
mod safety;
mod sparse;
mod submodule;
mod support;
mod updating;
