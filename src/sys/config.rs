//! `config.toml`: what a user sets once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::fs;
use crate::error::{Diagnostic, Exit};

/// The configuration; every key may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[git]`
    pub git: Git,
    /// `[build]`
    pub build: Build,
}

/// How repositories are reached.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Git {
    /// A token per host, sent only to that host: `"github.com" = "…"`.
    pub tokens: BTreeMap<String, String>,
}

/// Defaults of builds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// Parallel jobs of cargo; all cores when not set.
    pub jobs: Option<u32>,
    /// Niceness of cargo, 1 to 19; not lowered when not set.
    pub nice: Option<i32>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// It is not valid.
    #[error("cannot use the configuration `{}`: {}", path.display(), source.message())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
        /// The line and a mark under the place.
        place: Vec<String>,
    },
}

impl Diagnostic for Error {
    fn kind(&self) -> &'static str {
        "bad_config"
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Invalid { path, .. } => {
                Some(format!("edit it, or move it away: {}", path.display()))
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::File(_) => Vec::new(),
            Self::Invalid { place, .. } => place.clone(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Script
    }
}

impl Config {
    /// Reads the file; a missing one is an empty one.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has an unknown key.
    pub fn load(path: &Path) -> Result<Self, Error> {
        if !fs::exists(path) {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path)?;
        toml::from_str(&text).map_err(|source| {
            // The message quotes the line; a token in it must not be shown.
            let line = source.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let place = line.map(|line| format!("line {line}")).into_iter().collect();
            Error::Invalid { path: path.to_owned(), source: Box::new(source), place }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        fs::write(&path, b"[build]\njbos = 2\n").unwrap();
        let error = Config::load(&path).unwrap_err();
        assert!(error.to_string().contains("unknown field `jbos`"), "{error}");
        assert_eq!(error.details(), ["line 2"]);
        assert_eq!(Config::load(&dir.path().join("none")).unwrap().build.jobs, None);
    }
}
