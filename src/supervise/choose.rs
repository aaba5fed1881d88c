//! Which supervisor is used.

use super::error::Error;
use super::kind::Kind;
use super::places::Places;
use super::supervisor::Supervisor;
use super::{direct, systemd, zinit};

impl std::str::FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| Error::NoSuchSupervisor(text.to_owned()))
    }
}

/// A supervisor by kind. Asks nothing and starts nothing.
pub(crate) fn supervisor(kind: Kind, places: &Places) -> Box<dyn Supervisor> {
    match kind {
        Kind::Zinit => Box::new(zinit::Zinit::new(places)),
        Kind::Systemd => Box::new(systemd::Systemd::new(places)),
        Kind::Direct => Box::new(direct::Direct::new(places)),
    }
}
