//! A checkout after a fetch.

use std::ops::Deref;

use serde::Serialize;

use crate::git::Fetched;

/// The working tree of a service, as a fetch has left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Checkout {
    #[serde(flatten)]
    fetched: Fetched,
    /// Where its repository is.
    pub(crate) repo: String,
}

impl Checkout {
    /// What was fetched from `repo`.
    pub(crate) fn new(fetched: Fetched, repo: String) -> Self {
        Self { fetched, repo }
    }
}

impl Deref for Checkout {
    type Target = Fetched;

    fn deref(&self) -> &Fetched {
        &self.fetched
    }
}
