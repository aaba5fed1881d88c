//! What a build depends on: recorded after it, and compared before the next. If nothing
//! changed, nothing is started; whatever cannot be compared surely asks cargo.

mod change;
mod dep_info;
mod folders;
mod look;
mod mark;
mod record;
mod tracked;
mod unit;
mod value;
mod world;

pub(crate) use change::Change;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(super) use folders::Folders;
pub(super) use look::{Found, look};
use mark::Mark;
pub(super) use record::Record;
pub(super) use tracked::Tracked;
pub(super) use unit::Unit;
use value::Value;
pub(super) use world::{World, home};

use super::environment::Environment;
use super::{Options, refresh};
use crate::sys::fs;

/// The version of the format.
const FORMAT: u32 = 1;

/// Everything beside the commit that decides whether a build would give the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inputs {
    format: u32,
    /// What was asked for: features, folder, … .
    request: BTreeMap<String, Value>,
    /// Why the rest cannot be compared, if so.
    unsure: Option<String>,
    /// The compiler, as it names itself.
    rustc: String,
    /// Where names led: `rustc`, `cargo`, CARGO_HOME, RUSTUP_HOME.
    places: BTreeMap<String, PathBuf>,
    /// The programs of the toolchain.
    programs: BTreeMap<PathBuf, Mark>,
    /// Environment variables.
    variables: BTreeMap<String, Value>,
    /// Files and folders that the commit does not determine.
    files: BTreeMap<PathBuf, Mark>,
}

impl Inputs {
    /// Records the inputs of a build that has just ended.
    pub(super) fn record(
        options: &Options,
        found: &Found,
        world: &World,
        tracked: &Tracked,
    ) -> Self {
        let environment = Environment::new(&options.env);
        let names = found.units.iter().flat_map(|entry| entry.variables.iter().cloned());
        let names = names.chain(world::variables(&environment));
        let variables = names.map(|name| {
            let value = Value::new(&name, environment.get(&name));
            (name, value)
        });
        let known = found.units.iter().flat_map(|entry| entry.files.clone());
        let mut files: BTreeMap<PathBuf, Mark> =
            known.filter(|(path, _)| !tracked.covers(path)).collect();
        let mut unsure = found.unsure.clone();
        for path in world.files.iter().chain(&found.manifests).cloned() {
            if tracked.covers(&path) || files.contains_key(&path) {
                continue;
            }
            match Mark::read(&path) {
                Some(mark) => drop(files.insert(path, mark)),
                None => unsure = Some(format!("`{}` is too large", path.display())),
            }
        }
        let programs = world.programs.iter();
        let programs = programs.filter_map(|path| Some((path.clone(), Mark::read_times(path)?)));
        Self {
            format: FORMAT,
            request: request(options),
            unsure,
            rustc: world.rustc.clone(),
            places: world.places.clone(),
            programs: programs.collect(),
            variables: variables.collect(),
            files,
        }
    }

    /// Whether a build as asked for now would give the same from the same commit. Starts
    /// no program.
    pub(crate) fn is_unchanged(&self, options: &Options) -> bool {
        self.first_change(options).is_none()
    }

    /// Everything that changed since the build.
    pub(crate) fn changes(&self, options: &Options) -> Vec<Change> {
        let request = request(options);
        let mut changes = change::between(&self.request, &request, Change::Request);
        if refresh::applies(options) {
            changes.push(Change::Unsure("dependencies are resolved anew".into()));
        }
        changes.extend(self.changes_around(&Environment::new(&options.env), &[]));
        changes
    }

    /// Returns everything that changed since the build, except the request: `hero why` does
    /// not know what will be asked for. Variables that the description sets are left out.
    pub(crate) fn changes_now(&self) -> Vec<Change> {
        let set = BTreeMap::new();
        let own: Vec<&str> =
            self.request.keys().filter_map(|key| key.strip_prefix("env.")).collect();
        self.changes_around(&Environment::new(&set), &own)
    }

    /// The files and folders that the commit does not determine.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Whether this path is among them, or below one of them, or where one of them leads,
    /// and is not what it was.
    pub(crate) fn has_changed(&self, path: &Path) -> bool {
        let named = |file: &Path| {
            path.starts_with(file)
                || fs::canonicalize(file).is_ok_and(|real| path.starts_with(real))
        };
        self.files.iter().any(|(file, mark)| named(file) && !mark.is_same_now(file))
    }

    fn first_change(&self, options: &Options) -> Option<Change> {
        self.changes(options).into_iter().next()
    }

    fn changes_around(&self, environment: &Environment, skipped: &[&str]) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.format != FORMAT {
            changes.push(Change::Unsure("another hero recorded it".into()));
            return changes;
        }
        changes.extend(self.unsure.clone().map(Change::Unsure));
        let names = self.variables.keys().cloned().chain(world::variables(environment));
        let now: BTreeMap<String, Value> = names
            .filter(|name| !skipped.contains(&name.as_str()))
            .map(|name| {
                let value = Value::new(&name, environment.get(&name));
                (name, value)
            })
            .collect();
        let before = self.variables.iter().filter(|(name, _)| !skipped.contains(&name.as_str()));
        let before = before.map(|(name, value)| (name.clone(), value.clone())).collect();
        changes.extend(change::between(&before, &now, Change::Variable));
        let (found, places) = (world::found(environment), world::places(environment));
        let moved = found.iter().find(|path| !self.programs.contains_key(*path));
        let moved = moved.or_else(|| {
            places.iter().find(|(name, path)| self.places.get(*name) != Some(path)).map(|it| it.1)
        });
        let replaced = self.programs.iter().find(|(path, mark)| !mark.is_same_now(path));
        if let Some(path) = moved.or(replaced.map(|(path, _)| path)) {
            changes.push(Change::Toolchain { path: path.clone(), was: self.rustc.clone() });
        }
        let different = self.files.iter().filter(|(path, mark)| !mark.is_same_now(path));
        changes.extend(different.map(|(path, mark)| Change::file(path, mark)));
        changes
    }
}

/// What a build is asked for, by the names of the options.
fn request(options: &Options) -> BTreeMap<String, Value> {
    let dir = options.source.strip_prefix(options.checkout).unwrap_or(options.source);
    let shown = |text: String| Value::Shown(text);
    let flag = |on: bool| if on { Value::Shown("yes".into()) } else { Value::Unset };
    let some =
        |text: Option<String>| text.filter(|text| !text.is_empty()).map_or(Value::Unset, shown);
    let mut request = BTreeMap::from([
        ("dir".to_owned(), some(Some(dir.display().to_string()))),
        ("profile".to_owned(), shown(options.profile.to_string())),
        ("target".to_owned(), some(options.target.clone())),
        ("bins".to_owned(), some(Some(options.bins.join(", ")))),
        ("member".to_owned(), some(options.package.clone())),
        ("features".to_owned(), some(Some(options.canonical_features().join(", ")))),
        ("locked".to_owned(), some(options.locked.map(|locked| locked.to_string()))),
        ("full_debuginfo".to_owned(), flag(options.full_debuginfo)),
    ]);
    for (name, value) in &options.env {
        request.insert(format!("env.{name}"), Value::new(name, Some(value.into())));
    }
    request.retain(|_, value| *value != Value::Unset);
    request
}
