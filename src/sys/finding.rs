//! What a look at this machine found.

use serde::Serialize;

/// One line of `hero doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Whether it is well.
    pub(crate) kind: FindingKind,
    /// What was looked at.
    pub(crate) what: String,
    /// What was found.
    pub(crate) detail: String,
    /// What to type or do next.
    pub(crate) hint: Option<String>,
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FindingKind {
    /// As it should be.
    Ok,
    /// Something will not work, or not well.
    Warning,
    /// hero cannot do its work.
    Problem,
}

impl std::fmt::Display for FindingKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        })
    }
}

impl Finding {
    /// Something is as it should be.
    pub(crate) fn ok(what: &str, detail: impl Into<String>) -> Self {
        Self { kind: FindingKind::Ok, what: what.into(), detail: detail.into(), hint: None }
    }

    /// Something will not work, or not well.
    pub(crate) fn warning(what: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FindingKind::Warning, hint: Some(hint.into()), ..Self::ok(what, detail) }
    }

    /// hero cannot do its work.
    pub(crate) fn problem(what: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FindingKind::Problem, ..Self::warning(what, detail, hint) }
    }
}
