//! Changing a system root without its rights: another hero, which has them, makes the
//! change. Only the change is handed over: fetching and building stay the user's.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Clear, NewGeneration, Policy};
use super::{Error, Store};
use crate::event::Reporter;
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Root;
use crate::sys::elevated::{Answer, Domain, Refusal};
use crate::sys::name::Name;
use crate::sys::process;
use crate::sys::sudo::{self, Sudo};

/// What a second hero is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// What goes before the folders of the system root.
    prefix: Option<PathBuf>,
    change: Change,
}

/// One change, or the question whether it may be made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Check { service: Name, bins: Vec<Name>, policy: Policy },
    Install { new: Box<NewGeneration>, policy: Policy },
    Activate { service: Name, generation: String },
    Reuse { service: Name, generation: String },
    Rollback { service: Name },
    Remove { service: Name },
    Clear { what: Clear },
    Discard { service: Name, generation: String },
    Repair { services: Vec<Name> },
}

impl Request {
    /// Makes the change, with the rights that this process has.
    ///
    /// # Errors
    /// The refusal to send, with everything that the error says.
    pub(crate) fn serve(self, reporter: &dyn Reporter, cancel: &Cancel) -> Answer {
        let root = Root::system(self.prefix.as_deref());
        let store = Store { elevated: true, ..Store::open(&root) };
        store.make(self.change, reporter, cancel).map_err(|error| Refusal::of(&error))
    }
}

/// The way to the rights for a system root.
#[derive(Debug)]
pub(super) struct Elevation {
    sudo: Sudo,
    prefix: Option<PathBuf>,
}

impl Elevation {
    /// Hands the change over; its result.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        change: Change,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<T, Error> {
        let request = Request { prefix: self.prefix.clone(), change };
        self.sudo.ask(Domain::Store, &request, reporter, cancel).map_err(|error| match error {
            sudo::Error::Interrupted => Error::Interrupted { service: None },
            error => Error::Elevated(error),
        })
    }
}

impl Store {
    /// Who can make changes: `None` when this process can, otherwise `sudo`.
    ///
    /// # Errors
    /// When the root is not writable, and is the user's own or there is no
    /// `sudo`.
    pub(super) fn elevation(&self) -> Result<Option<Elevation>, Error> {
        match self.writable() {
            Ok(()) => Ok(None),
            Err(error @ Error::RootNotWritable { .. })
                if self.layout.system() && !self.elevated && process::effective_user() != 0 =>
            {
                let prefix = self.layout.root().prefix();
                Sudo::find().map(|sudo| Some(Elevation { sudo, prefix })).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    fn make(
        &self,
        change: Change,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Value, Error> {
        match change {
            Change::Check { service, bins, policy } => {
                self.trusted()?;
                value(self.check(&service, &bins, &policy, reporter, cancel)?)
            }
            Change::Install { new, policy } => {
                value(self.install(&new, &policy, reporter, cancel)?)
            }
            Change::Activate { service, generation } => {
                value(self.activate(&service, &generation, false, reporter, cancel)?)
            }
            Change::Reuse { service, generation } => {
                value(self.choose_again(&service, &generation, false, reporter, cancel)?)
            }
            Change::Rollback { service } => {
                value(self.rollback(&service, false, reporter, cancel)?)
            }
            Change::Remove { service } => value(self.remove(&service, false, reporter, cancel)?),
            Change::Clear { what } => value(self.clear(&what, reporter, cancel)?),
            Change::Discard { service, generation } => {
                value(self.discard(&service, &generation, reporter, cancel)?)
            }
            Change::Repair { services } => value(self.repair(&services, false, reporter, cancel)?),
        }
    }
}

fn value(result: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(result).map_err(|error| sudo::Error::NotUtf8(error).into())
}
