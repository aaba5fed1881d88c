//! Profiles as manifest, configuration and environment define them, and other settings of
//! cargo's configuration files.
//!
//! Read here, not by cargo-config2: ARCHITECTURE, "Choices", says why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::environment::Environment;
use super::profile::FAST;
use super::{Error, Profile};
use crate::sys::{fs, process};

/// The profiles that cargo has without being told.
const BUILT_IN: [&str; 4] = ["bench", "dev", "release", "test"];

/// The tables in which a profile can be set, each with its file; of two that set
/// the same the first wins. What cargo cannot read is left out here: cargo says
/// so itself.
#[derive(Debug, Default)]
pub(super) struct Settings {
    tables: Vec<(PathBuf, Table)>,
    /// Files that were looked for, there or not.
    files: Vec<PathBuf>,
    variables: BTreeSet<String>,
}

impl Settings {
    /// Reads the workspace's manifest and the configuration files that cargo
    /// reads in `source`.
    pub(super) fn load(root: &Path, source: &Path, environment: &Environment) -> Self {
        let manifest = root.join("Cargo.toml");
        let tables = read(&manifest).map(|table| (manifest, table)).into_iter().collect();
        let mut settings = Self { tables, ..Self::default() };
        let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
        for folder in source.ancestors() {
            settings.configuration(&folder.join(".cargo"));
        }
        let home = environment.get("CARGO_HOME").map(PathBuf::from);
        if let Some(home) = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))) {
            settings.configuration(&home);
        }
        let variables = environment.names().filter_map(|name| name.into_string().ok());
        settings.variables = variables.filter(|name| name.starts_with("CARGO_PROFILE_")).collect();
        settings
    }

    /// The configuration files that cargo reads, or would read if they were there.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Adds the configuration file of a folder: `config.toml`, or `config` as in
    /// former times, which wins where both are.
    fn configuration(&mut self, folder: &Path) {
        let files = ["config", "config.toml"].map(|name| folder.join(name));
        let there = files.iter().find(|file| fs::exists(file)).cloned();
        self.files.extend(files);
        if let Some(file) = there {
            self.include(&file);
        }
    }

    /// Adds a configuration file and those that it includes.
    fn include(&mut self, file: &Path) {
        if self.tables.iter().any(|(known, _)| known == file) {
            return;
        }
        let Some(table) = read(file) else { return };
        let entries = match table.get("include") {
            Some(Value::Array(entries)) => entries.clone(),
            Some(entry) => vec![entry.clone()],
            None => Vec::new(),
        };
        self.tables.push((file.to_owned(), table));
        for entry in entries {
            if let Some(path) = entry.as_str().or_else(|| entry.get("path")?.as_str()) {
                let path = fs::parent(file).join(path);
                self.include(&path);
                self.files.push(path);
            }
        }
    }

    /// The program that `build.KEY` names, if it does.
    pub(super) fn program(&self, key: &str) -> Option<PathBuf> {
        let keys = ["build", key];
        let (file, value) = self.values(&keys).next()?;
        let name = value.as_str().filter(|name| !name.is_empty())?;
        if name.contains('/') {
            // Relative to the folder that `.cargo` lies in.
            return Some(fs::parent(fs::parent(file)).join(name));
        }
        process::which(name)
    }

    /// Whether somebody has chosen the debug information of the dev profile.
    pub(super) fn sets_dev_debug(&self) -> bool {
        self.variables.contains("CARGO_PROFILE_DEV_DEBUG")
            || self.profiles("dev").any(|dev| dev.contains_key("debug"))
    }

    /// A value of the configuration and its file, the nearest first.
    pub(super) fn values<'a>(
        &'a self,
        keys: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a Path, &'a Value)> {
        self.tables.iter().filter_map(move |(file, table)| {
            let (first, rest) = keys.split_first()?;
            let value = rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))?;
            Some((file.as_path(), value))
        })
    }

    /// That a profile exists.
    ///
    /// # Errors
    /// When neither cargo, nor the manifest, nor the configuration has it.
    pub(super) fn check(&self, profile: &Profile) -> Result<(), Error> {
        let name = profile.cargo_name();
        let variable = format!("CARGO_PROFILE_{}_INHERITS", name.to_uppercase().replace('-', "_"));
        let known = BUILT_IN.contains(&name)
            || name == FAST
            || self.variables.contains(&variable)
            || self.profiles(name).next().is_some();
        if known {
            return Ok(());
        }
        let tables = self.tables.iter();
        let tables = tables.filter_map(|(_, table)| table.get("profile")?.as_table());
        let names = tables.flat_map(Table::keys).map(String::as_str);
        let has: BTreeSet<&str> = names.chain(BUILT_IN).chain([FAST]).collect();
        Err(Error::NoSuchProfile {
            profile: name.to_owned(),
            has: has.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Whether a profile is hero's own `fast`: neither the repository nor the configuration defines it.
    pub(super) fn lacks_fast(&self, profile: &Profile) -> bool {
        profile.cargo_name() == FAST
            && self.profiles(FAST).next().is_none()
            && !self.variables.contains("CARGO_PROFILE_FAST_INHERITS")
    }

    /// Every table of this profile.
    fn profiles<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Table> {
        let tables = self.tables.iter();
        tables.filter_map(move |(_, table)| table.get("profile")?.get(name)?.as_table())
    }
}

fn read(file: &Path) -> Option<Table> {
    fs::read_to_string(file).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The settings of a folder with these files, in a CARGO_HOME of its own.
    fn load(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Settings {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            fs::write(&dir.path().join(path), text.as_bytes()).unwrap();
        }
        let source = dir.path().join("ws/member");
        fs::create_dir_all(&source).unwrap();
        let home = dir.path().join("home").display().to_string();
        let pairs = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let mut set: BTreeMap<String, String> = pairs.collect();
        set.insert("CARGO_HOME".into(), home);
        Settings::load(&dir.path().join("ws"), &source, &Environment::new(&set))
    }

    #[test]
    fn whoever_chose_the_debug_information_wins() {
        let debug = "[profile.dev]\ndebug = 1\n";
        let other = "[profile.dev]\nopt-level = 1\n[profile.dev.package.'*']\ndebug = false\n";
        assert!(
            !load(&[("ws/Cargo.toml", other), ("home/config.toml", other)], &[]).sets_dev_debug()
        );
        assert!(!load(&[("ws/member/Cargo.toml", debug)], &[]).sets_dev_debug());
        assert!(!load(&[], &[("CARGO_PROFILE_RELEASE_DEBUG", "1")]).sets_dev_debug());
        for file in [
            "ws/Cargo.toml",
            "ws/.cargo/config.toml",
            "ws/member/.cargo/config",
            ".cargo/config.toml",
            "home/config.toml",
        ] {
            assert!(load(&[(file, debug)], &[]).sets_dev_debug(), "{file}");
        }
        let including = [
            ("ws/.cargo/config.toml", "include = ['a.toml', { path = 'b.toml' }]"),
            ("ws/.cargo/b.toml", debug),
        ];
        assert!(load(&including, &[]).sets_dev_debug());
        assert!(load(&[], &[("CARGO_PROFILE_DEV_DEBUG", "0")]).sets_dev_debug());
    }

    #[test]
    fn profiles_are_found_wherever_cargo_finds_them() {
        let fast = Profile::parse("fast-dev").unwrap();
        let table = "[profile.fast-dev]\ninherits = 'dev'\n";
        assert!(load(&[("ws/Cargo.toml", table)], &[]).check(&fast).is_ok());
        assert!(load(&[("home/config.toml", table)], &[]).check(&fast).is_ok());
        assert!(load(&[], &[("CARGO_PROFILE_FAST_DEV_INHERITS", "dev")]).check(&fast).is_ok());
        let settings = load(&[("ws/Cargo.toml", "[profile.fastdev]\n"), ("home/config", "{")], &[]);
        for name in ["release", "debug", "bench", "test"] {
            settings.check(&Profile::parse(name).unwrap()).unwrap();
        }
        let Err(Error::NoSuchProfile { has, .. }) = settings.check(&fast) else { panic!() };
        assert_eq!(has, ["bench", "dev", "fast", "fastdev", "release", "test"]);
    }
}
