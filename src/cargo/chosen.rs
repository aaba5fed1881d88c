//! What the user has configured for cargo, and where.

use std::path::{Path, PathBuf};

use toml::Value;

use super::environment::Environment;
use super::settings::Settings;
use crate::sys::dirs::Dirs;
use crate::sys::fs;
use crate::sys::process::which;

/// A value that is set, and what has set it.
#[derive(Debug)]
pub(super) struct Chosen {
    /// The value.
    pub(crate) value: String,
    /// The variable or file, for people.
    pub(crate) by: String,
    /// The file, if it is one.
    file: Option<PathBuf>,
}

impl Chosen {
    /// A value of a variable, for tests.
    #[cfg(test)]
    pub(crate) fn new(value: &str) -> Self {
        Self { value: value.into(), by: "RUSTFLAGS".into(), file: None }
    }

    /// Another value from the same place.
    pub(crate) fn with(&self, value: &str) -> Self {
        Self { value: value.to_owned(), by: self.by.clone(), file: self.file.clone() }
    }

    /// The program that is meant: relative paths are relative to the folder of
    /// the `.cargo` that holds the file. `None` where there is no such program.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        if !self.value.contains('/') {
            return which(&self.value);
        }
        let base = self.file.as_deref().map(|file| fs::parent(fs::parent(file)));
        let path = base.unwrap_or(Path::new("")).join(&self.value);
        fs::exists(&path).then_some(path)
    }
}

/// What is looked at, and how it is shown.
pub(super) struct Choices<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) environment: &'a Environment<'a>,
    pub(crate) dirs: &'a Dirs,
}

impl Choices<'_> {
    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<Chosen> {
        let value = self.environment.get(name).filter(|value| !value.is_empty())?;
        let value = value.to_string_lossy().into_owned();
        Some(Chosen { value, by: name.to_owned(), file: None })
    }

    /// A value of a configuration file.
    pub(crate) fn configured(&self, file: &Path, value: &Value) -> Chosen {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Chosen { value, by: self.dirs.display(file), file: Some(file.to_owned()) }
    }

    /// The first of these variables, else the key of the nearest file.
    pub(crate) fn chosen(&self, variables: &[&str], keys: &[&str]) -> Option<Chosen> {
        let variable = variables.iter().find_map(|name| self.variable(name));
        variable.or_else(|| {
            self.settings.values(keys).next().map(|(file, value)| self.configured(file, value))
        })
    }

    /// Returns what [`Choices::chosen`] finds; an empty nearest value switches the choice off.
    pub(crate) fn chosen_or_off(&self, variables: &[&str], keys: &[&str]) -> Option<Chosen> {
        let nearest = variables.iter().find_map(|name| self.environment.get(name));
        if nearest.is_some_and(|value| value.is_empty()) {
            return None;
        }
        self.chosen(variables, keys).filter(|chosen| !chosen.value.is_empty())
    }
}
