//! What an install did: why it built, and how long each phase took. Kept for
//! `hero why`, one file a service.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::cargo::{self, Inputs};
use crate::store::{Installed, Receipt, Store};
use crate::sys::fs;
use crate::sys::name::Name;

/// The reason where files of the checkout are edited.
const EDITED: &str = "the checkout has edits";
/// The version of the format.
const FORMAT: u32 = 1;

/// The last install of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    format: u32,
    /// The generation that it made current.
    pub(crate) generation: String,
    /// Whether it made that generation.
    pub(crate) installed: bool,
    /// Why it built; empty if it did not.
    pub(crate) reasons: Vec<String>,
    /// What it did, in order.
    pub(crate) phases: Vec<Phase>,
    /// All of it, in milliseconds: the sum of the phases.
    pub(crate) millis: u64,
    /// When it ended.
    pub(crate) at: jiff::Timestamp,
}

/// A part of an install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Phase {
    /// `fetch`, `prepare`, `compile`, `link`, `copy`, `commit`, `other`.
    pub(crate) name: String,
    /// How long it took.
    pub(crate) millis: u64,
}

/// The installs that are under way, by service.
#[derive(Debug, Default)]
pub(crate) struct Accounts(Mutex<BTreeMap<Name, Open>>);

#[derive(Debug)]
struct Open {
    begun: Instant,
    reasons: Vec<String>,
    phases: Vec<(&'static str, Duration)>,
}

impl Accounts {
    /// Notes that a service is dealt with from now on, unless it is already.
    pub(crate) fn begin(&self, service: &Name) {
        self.with(service, |_| ());
    }

    /// Notes that a service is dealt with from now on, and forgets what failed before.
    pub(crate) fn restart(&self, service: &Name) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
        self.begin(service);
    }

    /// Notes a phase that has just ended.
    pub(crate) fn add(&self, service: &Name, phase: &'static str, took: Duration) {
        self.with(service, |open| open.phases.push((phase, took)));
    }

    /// Notes why a service is built.
    pub(crate) fn explain(&self, service: &Name, reasons: Vec<String>) {
        self.with(service, |open| open.reasons = reasons);
    }

    /// Names the edited files that were built, which are known after the build only.
    pub(crate) fn name_edits(&self, service: &Name, edited: Vec<String>) {
        self.with(service, |open| {
            if let Some(place) = open.reasons.iter().position(|reason| reason == EDITED)
                && !edited.is_empty()
            {
                open.reasons.splice(place..=place, edited);
            }
        });
    }

    fn with(&self, service: &Name, work: impl FnOnce(&mut Open)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(all.entry(service.clone()).or_insert_with(|| Open {
            begun: Instant::now(),
            reasons: Vec::new(),
            phases: Vec::new(),
        }));
    }

    /// Closes the account of a service and writes it down in `file`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn close(
        &self,
        file: &Path,
        service: &Name,
        installed: &Installed,
    ) -> fs::Result<()> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
        let Some(open) = open else { return Ok(()) };
        let whole = open.begun.elapsed();
        let known: Duration = open.phases.iter().map(|(_, took)| *took).sum();
        let other = ("other", whole.saturating_sub(known));
        let phases: Vec<Phase> = open
            .phases
            .into_iter()
            .chain([other])
            .map(|(name, took)| Phase { name: name.to_owned(), millis: millis(took) })
            .collect();
        let account = Account {
            format: FORMAT,
            generation: installed.generation.clone(),
            installed: installed.changed,
            reasons: open.reasons,
            millis: phases.iter().map(|phase| phase.millis).sum(),
            phases,
            at: jiff::Timestamp::now(),
        };
        let text = serde_json::to_vec(&account).unwrap_or_default();
        fs::write_in_place(file, &text)
    }
}

impl Account {
    /// Reads the account of the last install of a service, if there is one.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        let account: Self = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        (account.format == FORMAT).then_some(account)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Why a service is built: what differs from the newest generation of the same profile.
pub(crate) fn reasons(
    store: &Store,
    request: &cargo::Options,
    commit: &str,
    dirty: bool,
) -> Vec<String> {
    if request.rebuild {
        return vec!["--rebuild".into()];
    }
    let service = store.service(request.service).ok().flatten();
    let generations = service.map(|service| service.generations).unwrap_or_default();
    let profile = request.profile.to_string();
    let Some(last) = generations.iter().find(|receipt| receipt.profile == profile) else {
        return vec![format!("the first {profile} build")];
    };
    let mut reasons = Vec::new();
    reasons.extend(moved(last, commit));
    if dirty {
        reasons.push(EDITED.into());
    } else if last.dirty {
        reasons.push("the checkout had edits, which are gone".into());
    }
    match inputs(store, last) {
        Some(inputs) => {
            let changes = inputs.changes(request);
            reasons
                .extend(changes.iter().map(|change| below(&change.to_string(), request.checkout)));
        }
        None => reasons.push("what the last build read is not known".into()),
    }
    reasons
}

/// What a generation was built from.
pub(crate) fn inputs(store: &Store, receipt: &Receipt) -> Option<Inputs> {
    Inputs::deserialize(store.inputs(receipt)?).ok()
}

/// The commits, if they differ.
pub(crate) fn moved(last: &Receipt, commit: &str) -> Option<String> {
    let was = last.commit.as_deref().unwrap_or_default();
    let short = |commit: &str| commit.get(..7).unwrap_or(commit).to_owned();
    (was != commit).then(|| format!("commit {} → {}", short(was), short(commit)))
}

/// A text about files with paths of the checkout as they are called in it.
pub(crate) fn below(text: &str, checkout: &Path) -> String {
    let real = fs::canonicalize(checkout).unwrap_or_else(|_| checkout.to_owned());
    text.replace(&format!("`{}/", real.display()), "`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_sum_to_the_whole() {
        let dir = tempfile::tempdir().unwrap();
        let name = Name::new("service", "a").unwrap();
        let accounts = Accounts::default();
        accounts.begin(&name);
        accounts.add(&name, "fetch", Duration::from_millis(3));
        accounts.explain(&name, vec!["x".into()]);
        let installed = Installed {
            service: name.clone(),
            generation: "g".into(),
            bins: Vec::new(),
            size: 0,
            changed: true,
            profile: "debug".into(),
            commit: None,
            moved_aside: Vec::new(),
            copy_millis: 0,
        };
        let file = dir.path().join("a.json");
        accounts.close(&file, &name, &installed).unwrap();
        let account = Account::read(&file).unwrap();
        let names: Vec<&str> = account.phases.iter().map(|phase| phase.name.as_str()).collect();
        assert_eq!(names, ["fetch", "other"]);
        assert_eq!(account.millis, account.phases.iter().map(|phase| phase.millis).sum::<u64>());
        assert_eq!(account.reasons, ["x"]);
    }
}
