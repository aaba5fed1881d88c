//! Which supervisors there are.

/// The supervisors that hero knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// zinit, by its socket.
    Zinit,
    /// systemd, by `systemctl`.
    Systemd,
    /// hero's own: nothing else is needed.
    Direct,
}

impl Kind {
    /// All of them, in the order in which they are tried.
    pub(crate) const ALL: [Self; 3] = [Self::Zinit, Self::Systemd, Self::Direct];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zinit => "zinit",
            Self::Systemd => "systemd",
            Self::Direct => "direct",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
