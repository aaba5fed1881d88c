//! What can go wrong while space is made.

use crate::error::{Diagnostic, ErrorKind};
use crate::sys::name::Name;
use crate::sys::{fs, lock};
use crate::{cargo, store};

/// A service that could not be looked at or cleared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// In the store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// In its build directory.
    #[error(transparent)]
    Build(#[from] cargo::Error),
    /// Its lock could not be had.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// A folder cannot be read.
    #[error(transparent)]
    File(#[from] fs::Error),
}

/// What went wrong with one service; the others were dealt with all the same.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The service.
    pub(crate) service: Name,
    /// Why.
    pub(crate) error: Error,
}

impl Error {
    fn inner(&self) -> &dyn Diagnostic {
        match self {
            Self::Store(error) => error,
            Self::Build(error) => error,
            Self::Lock(error) => error,
            Self::File(error) => error,
        }
    }

    /// Whether the user asked to stop.
    pub(super) fn is_interrupt(&self) -> bool {
        self.kind() == ErrorKind::Interrupted
    }
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        self.inner().kind()
    }

    fn hint(&self) -> Option<String> {
        self.inner().hint()
    }

    fn details(&self) -> Vec<String> {
        self.inner().details()
    }

    fn option(&self) -> Option<&str> {
        self.inner().option()
    }
}
