//! Addresses of repositories: strict about what is accepted, and safe to show.
//!
//! Written here rather than taken from a URL crate because hero refuses most
//! of what git accepts (helpers, relative paths, queries, `..`), must hand the
//! very same text to libgit2 and to git, and must never quote what it could
//! not parse with a password in it.

mod address;
mod error;
mod join;
mod parse;
mod redact;

pub(crate) use address::{RemoteUrl, Scheme};
pub(crate) use error::UrlError;
pub(super) use redact::redact;

#[cfg(test)]
mod tests;
