//! What can be wrong on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Diagnostic;
use crate::sys::fs;
use crate::sys::name::Name;

/// Something on disk that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// What sort of problem.
    pub(crate) kind: ProblemKind,
    /// Whose it is, where that is known.
    pub(crate) service: Option<Name>,
    /// The generation, if it is about one.
    pub(crate) generation: Option<String>,
    /// The file, link or folder.
    pub(crate) path: PathBuf,
    /// What is wrong with it.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: String,
}

/// A sort of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProblemKind {
    /// A binary, a receipt or a link that should be there is not.
    Missing,
    /// A binary is not what its receipt says.
    Changed,
    /// Something that hero did not put there.
    Foreign,
    /// A link that leads nowhere.
    Dangling,
    /// What a killed process left.
    Leftover,
    /// A receipt that is not one.
    Corrupt,
    /// A receipt of a newer hero.
    Newer,
    /// It cannot be looked at.
    Unreadable,
    /// Others than the system's administrator can change it.
    Untrusted,
}

impl std::fmt::Display for ProblemKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Foreign => "foreign",
            Self::Dangling => "dangling",
            Self::Leftover => "leftover",
            Self::Corrupt => "corrupt",
            Self::Newer => "newer",
            Self::Unreadable => "unreadable",
            Self::Untrusted => "untrusted",
        })
    }
}

impl Problem {
    pub(super) fn new(
        kind: ProblemKind,
        path: &Path,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { kind, service: None, generation: None, path: path.to_owned(), message, hint }
    }

    pub(super) fn with_service(mut self, service: &Name) -> Self {
        self.service = Some(service.clone());
        self
    }

    pub(super) fn in_generation(mut self, generation: &str) -> Self {
        self.generation = Some(generation.to_owned());
        self
    }

    /// What could not be looked at.
    pub(super) fn unreadable(error: &fs::Error) -> Self {
        let hint = error.hint().unwrap_or_else(|| "check the disk".into());
        Self::new(ProblemKind::Unreadable, &error.path, error.to_string(), hint)
    }
}
