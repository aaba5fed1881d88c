//! Looking at what is installed. Takes no lock and changes nothing.

use super::inspect::{self, Depth};
use super::model::{Listing, Service};
use super::problem::Problem;
use super::state::State;
use super::{Error, Store};
use crate::sys::name::Name;

impl Store {
    /// All services, and what is not as it should be. One broken service never
    /// hides the others.
    ///
    /// # Errors
    /// When the folders of the root cannot be read.
    pub(crate) fn list(&self) -> Result<Listing, Error> {
        let mut listing = Listing { services: Vec::new(), problems: Vec::new() };
        let links = self.layout.own_links()?;
        for name in self.layout.services()? {
            let state = match State::read(&self.layout, &name) {
                Ok(state) => state,
                Err(error) => {
                    listing.problems.push(Problem::unreadable(&error).with_service(&name));
                    continue;
                }
            };
            listing.problems.extend(inspect::service(&self.layout, &state, Depth::Quick)?);
            if !state.generations.is_empty() {
                let own = links.iter().filter(|link| link.service == name);
                let bins = own.map(|link| link.path.clone()).collect();
                listing.services.push(state.describe(&self.layout, bins));
            }
        }
        listing.problems.extend(inspect::stale_links(&self.layout)?);
        Ok(listing)
    }

    /// One service; `None` when nothing of it is there.
    ///
    /// # Errors
    /// When its folders cannot be read.
    pub(crate) fn service(&self, name: &Name) -> Result<Option<Service>, Error> {
        let state = State::read(&self.layout, name)?;
        if state.generations.is_empty() {
            return Ok(None);
        }
        let bins = self.layout.links_of(name)?.into_iter().map(|link| link.path).collect();
        Ok(Some(state.describe(&self.layout, bins)))
    }

    /// One service that must be there.
    ///
    /// # Errors
    /// When it is not installed (with near names), or its folders cannot be read.
    pub(crate) fn installed_service(&self, name: &Name) -> Result<Service, Error> {
        let state = self.installed(State::read(&self.layout, name)?)?;
        let bins = self.layout.links_of(name)?.into_iter().map(|link| link.path).collect();
        Ok(state.describe(&self.layout, bins))
    }
}
