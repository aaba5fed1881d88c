//! Talking to one remote: what it has, clone, fetch, with retries where they can
//! help.

mod call;
mod connection;
mod refs;
mod requests;
mod retry;
mod terminal;

pub(super) use connection::Remote;
pub(super) use refs::{RemoteRef, RemoteRefs, oid};
pub(super) use terminal::Terminal;
