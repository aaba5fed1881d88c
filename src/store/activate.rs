//! Going to a generation that is already in the store.

use serde_json::Value;

use super::commit::{in_the_way, links_are_right};
use super::elevate::Change;
use super::model::Installed;
use super::receipt::Receipt;
use super::state::State;
use super::{Error, Store, generation, inputs};
use crate::error::nearest;
use crate::event::{Event, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;

impl Store {
    /// Makes a generation current, by one rename. Builds and copies nothing.
    ///
    /// # Errors
    /// When there is no such service or generation, its receipt or a binary is
    /// unusable, a name in `bin/` is taken, or the root is not writable.
    pub(crate) fn activate(
        &self,
        service: &Name,
        generation: &str,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Installed, Error> {
        if let Some(sudo) = self.elevation()?.filter(|_| !dry_run) {
            let (service, generation) = (service.clone(), generation.to_owned());
            return sudo.ask(Change::Activate { service, generation }, reporter, cancel);
        }
        let by = By { chosen: false, dry_run };
        self.go_to(service, by, reporter, cancel, |_| Ok(generation.to_owned()))
    }

    /// Makes the newest generation current that was built from this commit, without local
    /// edits, from inputs that are as they were; `None` if there is none, or if it is
    /// damaged. Builds and copies nothing.
    ///
    /// # Errors
    /// As for [`Store::activate`].
    pub(crate) fn reuse(
        &self,
        service: &Name,
        commit: &str,
        unchanged: &dyn Fn(&Value) -> bool,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Option<Installed>, Error> {
        let Some(installed) = self.service(service)? else { return Ok(None) };
        let fits = |receipt: &&Receipt| {
            !receipt.dirty
                && receipt.commit.as_deref() == Some(commit)
                && self.inputs(receipt).is_some_and(|inputs| unchanged(&inputs))
                && generation::has_debug_files(
                    &self.layout.generation(service, &receipt.generation),
                    receipt,
                )
        };
        let Some(receipt) = installed.generations.iter().find(fits) else { return Ok(None) };
        if let Some(sudo) = self.elevation()?.filter(|_| !dry_run) {
            let (service, generation) = (service.clone(), receipt.generation.clone());
            return sudo.ask(Change::Reuse { service, generation }, reporter, cancel);
        }
        self.choose_again(service, &receipt.generation, dry_run, reporter, cancel)
    }

    /// Returns what a generation was built from, if that was written down.
    pub(crate) fn inputs(&self, receipt: &Receipt) -> Option<Value> {
        inputs::read(&self.layout.generation(&receipt.service, &receipt.generation))
    }

    /// Makes a generation current as an install does; `None` if it is damaged.
    pub(super) fn choose_again(
        &self,
        service: &Name,
        generation: &str,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Option<Installed>, Error> {
        let by = By { chosen: true, dry_run };
        match self.go_to(service, by, reporter, cancel, |_| Ok(generation.to_owned())) {
            // It went meanwhile, or is not what it was: it is built again.
            Err(
                Error::Damaged { .. } | Error::NoGeneration { .. } | Error::NotInstalled { .. },
            ) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Makes the generation current that an install chose last before the one
    /// that is current now.
    ///
    /// # Errors
    /// As for [`Store::activate`], and when there is none before.
    pub(crate) fn rollback(
        &self,
        service: &Name,
        dry_run: bool,
        reporter: &dyn Reporter,
        cancel: &Cancel,
    ) -> Result<Installed, Error> {
        if let Some(sudo) = self.elevation()?.filter(|_| !dry_run) {
            return sudo.ask(Change::Rollback { service: service.clone() }, reporter, cancel);
        }
        self.go_to(service, By { chosen: false, dry_run }, reporter, cancel, |state| {
            state.refuse_unreadable()?;
            // Without a usable current one, the newest of all is the way back.
            let current = state.current().map(|(_, receipt)| receipt.since());
            let others = state.generations.iter().filter(|it| !state.is_current(it));
            let chosen = others.filter_map(|it| {
                let receipt = it.receipt.as_ref().ok()?;
                let at = match current {
                    Some(current) => receipt.since_before(current)?,
                    None => receipt.since(),
                };
                Some((at, &it.name))
            });
            let previous = chosen.max().map(|(_, name)| name.clone());
            let none = || Error::NoPrevious { service: service.clone(), all: state.others() };
            previous.ok_or_else(none)
        })
    }

    fn go_to(
        &self,
        service: &Name,
        By { chosen: by_install, dry_run }: By,
        reporter: &dyn Reporter,
        cancel: &Cancel,
        choose: impl Fn(&State) -> Result<String, Error>,
    ) -> Result<Installed, Error> {
        let _lock =
            if dry_run { None } else { Some(self.begin(Some(service), reporter, cancel)?) };
        let state = if dry_run {
            self.state_to_plan(service)?
        } else {
            self.state_to_change(service, reporter)?
        };
        let state = self.installed(state)?;
        let name = choose(&state)?;
        let chosen = state.find(&name).ok_or_else(|| no_generation(&state, &name))?;
        let receipt = chosen.usable(service)?;
        let in_the_way = in_the_way(&self.layout, service, receipt.names(), false)?;
        if state.is_current(chosen) && links_are_right(&self.layout, service, receipt)? {
            let done =
                if dry_run { self.result(receipt, false) } else { self.fresh(receipt, reporter) };
            return Ok(done);
        }
        if dry_run {
            reporter.report(Event::Plan {
                action: "activate".into(),
                detail: format!("{service} {name}"),
            });
            return Ok(self.result(receipt, true));
        }
        if by_install {
            let receipt = receipt.clone().chosen(&chosen.folder)?;
            return self.activate_under_lock(&receipt, &in_the_way, reporter);
        }
        self.activate_under_lock(receipt, &in_the_way, reporter)
    }
}

/// How a generation is gone to.
#[derive(Debug, Clone, Copy)]
struct By {
    /// By an install, which found it built already: it is the newest then.
    chosen: bool,
    dry_run: bool,
}

fn no_generation(state: &State, name: &str) -> Error {
    let all: Vec<String> = state.generations.iter().map(|it| it.name.clone()).collect();
    // A part of the name, such as the commit, says which one was meant.
    let part = all.iter().find(|it| !name.is_empty() && it.contains(name)).cloned();
    let near = || nearest(name, all.iter().map(String::as_str)).map(str::to_owned);
    Error::NoGeneration {
        service: state.service.clone(),
        generation: name.escape_debug().to_string(),
        near: part.or_else(near),
        all,
    }
}
