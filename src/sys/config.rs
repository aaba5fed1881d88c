//! `config.toml`: what a user sets once.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::fs;
use super::quantity::{self, Age, Size};
use crate::error::{Diagnostic, ErrorKind};

/// The configuration; every key may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// `[git]`
    pub(crate) git: Git,
    /// `[build]`
    pub(crate) build: Build,
    /// `[store]`
    pub(crate) store: Store,
    /// `[start]`
    pub(crate) start: Start,
    /// `[disk]`
    pub(crate) disk: Disk,
}

/// How repositories are reached.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Git {
    /// A token for each server, sent only there: `"github.com" = "…"`. A key is a
    /// host, `host:port`, or an address such as `http://forge.lan:3000`.
    pub(crate) tokens: BTreeMap<String, String>,
    /// The address of the server that `FORGEJO_TOKEN` is for.
    pub(crate) forgejo_url: Option<String>,
    /// The address of the server that `GITEA_TOKEN` is for.
    pub(crate) gitea_url: Option<String>,
    /// Whether git may ask for passwords at the terminal.
    pub(crate) prompt: bool,
}

impl Git {
    /// The addresses of forges, by the variables of their tokens.
    pub(crate) fn forge_urls(&self) -> BTreeMap<&'static str, String> {
        let all = [("FORGEJO_TOKEN", &self.forgejo_url), ("GITEA_TOKEN", &self.gitea_url)];
        all.into_iter().filter_map(|(name, url)| Some((name, url.clone()?))).collect()
    }
}

/// Defaults of builds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Build {
    /// Parallel jobs of cargo; all cores when not set.
    pub(crate) jobs: Option<u32>,
    /// Niceness of cargo, 1 to 19; not lowered when not set.
    pub(crate) nice: Option<i32>,
    /// Whether services that have most crates in common are built in one
    /// directory; they are when not set.
    pub(crate) share: Option<bool>,
}

/// What is kept of installed services.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// Generations of each profile kept beside the current one.
    pub(crate) keep: Option<usize>,
}

/// How services are started.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Start {
    /// The supervisor: `zinit`, `systemd` or `direct`; the first that is there when
    /// not set.
    pub(crate) supervisor: Option<String>,
}

/// How much disk space builds and generations may take; kept after each run that has
/// installed something.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Disk {
    /// The limit.
    pub(crate) max_size: Option<Size>,
    /// What was not used for so long goes.
    pub(crate) older_than: Option<Age>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// Others may read the tokens in it.
    #[error("others may read the tokens in `{}` (mode {mode:o})", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not valid. TOML's own words quote the line, which may hold a
    /// token, so only the place and the name of an unknown key are kept.
    #[error("cannot use the configuration `{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// 1-based, if known.
        line: Option<usize>,
    },
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        ErrorKind::BadConfig
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Readable { path, .. } => {
                Some(format!("chmod 600 {}", shell_words::quote(&path.to_string_lossy())))
            }
            Self::Invalid { path, .. } => {
                Some(format!("edit it, or move it away: {}", path.display()))
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::File(_) | Self::Readable { .. } => Vec::new(),
            Self::Invalid { line, .. } => {
                line.map(|line| format!("line {line}")).into_iter().collect()
            }
        }
    }
}

impl Config {
    /// Reads the file; a missing one is an empty one.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, has an unknown key, or has tokens that
    /// other users may read.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        if !fs::exists(path) {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path)?;
        let config: Self = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let message = error.message();
            let reason = if message.starts_with("unknown field") || quantity::refuses(message) {
                message.to_owned()
            } else {
                "it is not valid TOML, or a value has the wrong type".to_owned()
            };
            Error::Invalid { path: path.to_owned(), reason, line }
        })?;
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if !config.git.tokens.is_empty() && mode & 0o077 != 0 {
            return Err(Error::Readable { path: path.to_owned(), mode });
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_others_may_read_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        for (text, mode, fine) in [
            ("[git.tokens]\n\"a.example\" = \"t0ken\"\n", 0o644, false),
            ("[git.tokens]\n\"a.example\" = \"t0ken\"\n", 0o660, false),
            ("[git.tokens]\n\"a.example\" = \"t0ken\"\n", 0o600, true),
            ("[build]\njobs = 2\n", 0o644, true),
        ] {
            fs::write(&path, text.as_bytes()).unwrap();
            fs::set_mode(&path, mode).unwrap();
            let loaded = Config::load(&path);
            assert_eq!(loaded.is_ok(), fine, "{mode:o}");
            if let Err(error) = loaded {
                let hint = error.hint().unwrap();
                assert!(hint.starts_with("chmod 600 ") && !error.to_string().contains("t0ken"));
            }
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        fs::write(&path, b"[build]\njbos = 2\n").unwrap();
        let error = Config::load(&path).unwrap_err();
        assert!(error.to_string().contains("unknown field `jbos`"), "{error}");
        assert_eq!(error.details(), ["line 2"]);
        for text in
            ["[git]\ntokens = \"ghp_secret\"\n", "[git.tokens]\n\"a.example\" = ghp_secret\n"]
        {
            fs::write(&path, text.as_bytes()).unwrap();
            let error = Config::load(&path).unwrap_err();
            let shown = format!("{error} {:?} {error:?}", error.details());
            assert!(shown.contains("line 2") && !shown.contains("secret"), "{shown}");
        }
        fs::write(&path, b"[disk]\nmax_size = \"20GB\"\nolder_than = \"20 GX\"\n").unwrap();
        let error = Config::load(&path).unwrap_err();
        assert!(error.to_string().contains("`20 GX` is not an age such as"), "{error}");
        assert_eq!(error.details(), ["line 3"]);
        assert_eq!(Config::load(&dir.path().join("none")).unwrap().build.jobs, None);
    }
}
