//! The moments of an install at which a description may have something done.

/// When a hook of a description is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hook {
    /// Before the checkout is fetched.
    BeforeFetch,
    /// When the checkout is in place.
    AfterFetch,
    /// Before cargo builds.
    BeforeBuild,
    /// When cargo has built.
    AfterBuild,
    /// Before the generation is made.
    BeforeInstall,
    /// When the generation is current.
    AfterInstall,
    /// When the service is removed.
    AfterUninstall,
}

impl Hook {
    /// All of them, in the order of their moments.
    pub(crate) const ALL: [Self; 7] = [
        Self::BeforeFetch,
        Self::AfterFetch,
        Self::BeforeBuild,
        Self::AfterBuild,
        Self::BeforeInstall,
        Self::AfterInstall,
        Self::AfterUninstall,
    ];

    /// Its key in a description.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BeforeFetch => "before_fetch",
            Self::AfterFetch => "after_fetch",
            Self::BeforeBuild => "before_build",
            Self::AfterBuild => "after_build",
            Self::BeforeInstall => "before_install",
            Self::AfterInstall => "after_install",
            Self::AfterUninstall => "after_uninstall",
        }
    }
}
