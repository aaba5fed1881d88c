//! Looking at what is installed. Takes no lock and changes nothing.

use super::layout::Owner;
use super::model::{Listing, Problem, Service};
use super::state::State;
use super::{Error, Store, generation};
use crate::sys::fs;
use crate::sys::name::Name;

impl Store {
    /// All services, and what is not as it should be. One broken service never
    /// hides the others.
    ///
    /// # Errors
    /// When the folders of the root cannot be read.
    pub fn list(&self) -> Result<Listing, Error> {
        let mut listing = Listing { services: Vec::new(), problems: Vec::new() };
        let links = self.layout.own_links()?;
        for name in self.layout.services()? {
            let state = match State::read(&self.layout, &name) {
                Ok(state) => state,
                Err(error) => {
                    let hint = crate::error::Diagnostic::hint(&error).unwrap_or_default();
                    let (path, message) = (error.path.clone(), error.to_string());
                    listing.problems.push(Problem { path, message, hint });
                    continue;
                }
            };
            listing.problems.extend(self.problems(&state)?);
            if !state.generations.is_empty() {
                let own = links.iter().filter(|link| link.service == name);
                let bins = own.map(|link| link.path.clone()).collect();
                listing.services.push(state.describe(&self.layout, bins));
            }
        }
        for link in links {
            if let Owner::Stale(service) = self.layout.owner(&link.bin)? {
                listing.problems.push(Problem {
                    message: format!("a link of `{service}` leads nowhere"),
                    hint: format!(
                        "install `{service}` again; any change removes or mends the link"
                    ),
                    path: link.path,
                });
            }
        }
        Ok(listing)
    }

    /// One service; `None` when nothing of it is there.
    ///
    /// # Errors
    /// When its folders cannot be read.
    pub fn service(&self, name: &Name) -> Result<Option<Service>, Error> {
        let state = State::read(&self.layout, name)?;
        if state.generations.is_empty() {
            return Ok(None);
        }
        let bins = self.layout.links_of(name)?.into_iter().map(|link| link.path).collect();
        Ok(Some(state.describe(&self.layout, bins)))
    }

    /// What is wrong with one service.
    fn problems(&self, state: &State) -> Result<Vec<Problem>, Error> {
        let service = &state.service;
        let mut problems: Vec<Problem> =
            state.generations.iter().filter_map(|it| it.problem(service)).collect();
        let link = self.layout.current_link(service);
        let names_one = state.current.as_deref().is_some_and(|name| state.find(name).is_some());
        if fs::exists(&link) && !names_one {
            problems.push(Problem {
                path: link,
                message: format!("it does not name a generation of `{service}`"),
                hint: format!("install `{service}` again"),
            });
        }
        let Some((current, receipt)) = state.current() else { return Ok(problems) };
        for bin in &receipt.bins {
            let (message, hint) = match self.layout.owner(&bin.name)? {
                Owner::Service(owner) if owner == *service => continue,
                // Told with the generation.
                _ if !generation::is_whole(&current.folder, bin) => continue,
                Owner::Stale(_) => continue,
                Owner::Nobody => (
                    format!("the link of the binary `{}` of `{service}` is missing", bin.name),
                    format!("install `{service}` again; any change mends it"),
                ),
                Owner::Service(owner) => (
                    format!("the binary `{}` of `{service}` is shown of `{owner}`", bin.name),
                    "rename one of the binaries".into(),
                ),
                Owner::Stranger | Owner::StrangersFolder => (
                    format!("it is in the place of the binary `{}` of `{service}`", bin.name),
                    "move it away, or install with `--replace`, which keeps it".into(),
                ),
            };
            problems.push(Problem { path: self.layout.bin_link(&bin.name), message, hint });
        }
        Ok(problems)
    }
}
