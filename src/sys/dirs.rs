//! Where everything lies: the user's folders, the system root, `HERO_HOME`.

use std::path::{Path, PathBuf};

use directories::BaseDirs;

use super::fs;
use super::name::Name;
use crate::error::{Diagnostic, ErrorKind};

/// The folders of one user, and how to find the two install roots.
#[derive(Debug, Clone)]
pub(crate) struct Dirs {
    /// Checkouts: `src/<service>`, or `target/package/<service>` where a cargo
    /// workspace lies above.
    pub(crate) src: PathBuf,
    /// Build directories: `build/<service>`; may be deleted at any time.
    pub(crate) build: PathBuf,
    /// Logs of builds and services.
    pub(crate) logs: PathBuf,
    /// Lock files of this user's work: checkouts and builds.
    pub(crate) locks: PathBuf,
    /// What was started: records and states.
    pub(crate) run: PathBuf,
    /// `config.toml`.
    pub(crate) config: PathBuf,
    /// The user's home.
    pub(crate) home: PathBuf,
    user: Root,
    system: Root,
}

/// One install root: what `bin/` shows and where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root {
    /// Whether this is the system's (`--root`).
    pub(crate) system: bool,
    /// Links that are on PATH.
    pub(crate) bin: PathBuf,
    /// `store/<service>/<generation>`.
    pub(crate) store: PathBuf,
    /// `current/<service>`, links to generations.
    pub(crate) current: PathBuf,
    /// Lock files of those who change this root: the system's lie with it, or
    /// two users would not see each other.
    pub(crate) locks: PathBuf,
}

impl Root {
    /// The system's install root, below `prefix` where there is one.
    pub(crate) fn system(prefix: Option<&Path>) -> Self {
        let at = |path: &str| prefix.unwrap_or(Path::new("/")).join(path);
        Self {
            system: true,
            bin: at("usr/local/bin"),
            store: at("var/lib/hero/store"),
            current: at("var/lib/hero/current"),
            locks: at("var/lib/hero/locks"),
        }
    }

    /// An install root with everything in one folder, for trying.
    pub(crate) fn below(folder: &Path) -> Self {
        Self {
            system: false,
            bin: folder.join("bin"),
            store: folder.join("store"),
            current: folder.join("current"),
            locks: folder.join("locks"),
        }
    }

    /// What goes before the folders of a system root; `None` for the user's, and
    /// where nothing does.
    pub(crate) fn prefix(&self) -> Option<PathBuf> {
        let prefix = self.bin.ancestors().nth(3)?;
        (self.system && prefix.parent().is_some()).then(|| prefix.to_owned())
    }
}

/// No place for hero's files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Neither HOME nor the user database names a home.
    #[error("no home directory: HOME is not set")]
    NoHome,
    /// A relative path in `HERO_HOME` or `HERO_SYSTEM_PREFIX`.
    #[error("`{variable}` must be an absolute path, not `{}`", path.display())]
    Relative {
        /// Which.
        variable: &'static str,
        /// Its value.
        path: PathBuf,
    },
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NoHome
    }

    fn hint(&self) -> Option<String> {
        Some("set HOME, or HERO_HOME to a folder for everything".into())
    }
}

impl Dirs {
    /// The folders as the environment says: `HERO_HOME=DIR` puts all below one
    /// folder; else the XDG folders (or the platform's) are used.
    /// `HERO_SYSTEM_PREFIX=DIR` goes before the system root's folders, like
    /// DESTDIR, for images and tests.
    ///
    /// # Errors
    /// When there is no home, or one of the two variables is relative.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let prefix = absolute("HERO_SYSTEM_PREFIX")?;
        let system = Root::system(prefix.as_deref());
        if let Some(home) = absolute("HERO_HOME")? {
            let user = BaseDirs::new().map(|base| base.home_dir().into());
            return Ok(Self {
                home: user.unwrap_or_else(|| home.clone()),
                ..Self::below(&home, system)
            });
        }
        let base = BaseDirs::new().ok_or(Error::NoHome)?;
        let data = base.data_dir().join("hero");
        let state = base.state_dir().unwrap_or(base.data_local_dir()).join("hero");
        let bin =
            base.executable_dir().map_or_else(|| base.home_dir().join(".local/bin"), Into::into);
        Ok(Self {
            src: checkouts(&data),
            build: base.cache_dir().join("hero/build"),
            logs: state.join("logs"),
            locks: state.join("locks"),
            run: state.join("run"),
            config: base.config_dir().join("hero/config.toml"),
            home: base.home_dir().into(),
            user: Root {
                system: false,
                bin,
                store: data.join("store"),
                current: data.join("current"),
                locks: state.join("locks"),
            },
            system,
        })
    }

    /// Everything of the user's below one folder, which is the home too.
    pub(crate) fn below(folder: &Path, system: Root) -> Self {
        Self {
            src: checkouts(folder),
            build: folder.join("build"),
            logs: folder.join("logs"),
            locks: folder.join("locks"),
            run: folder.join("run"),
            config: folder.join("config.toml"),
            home: folder.to_owned(),
            user: Root::below(folder),
            system,
        }
    }

    /// The user's install root, or the system's.
    pub(crate) fn root(&self, system: bool) -> &Root {
        if system { &self.system } else { &self.user }
    }

    /// The checkout of a service.
    pub(crate) fn checkout(&self, service: &Name) -> PathBuf {
        self.src.join(service)
    }

    /// The build directory of a service's checkout.
    pub(crate) fn build_dir(&self, service: &Name) -> PathBuf {
        self.build.join(service)
    }

    /// The account of a service's last install.
    pub(crate) fn account(&self, service: &Name) -> PathBuf {
        super::fs::parent(&self.logs).join("why").join(format!("{service}.json"))
    }

    /// A path for people: `~` for the home.
    pub(crate) fn display(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if self.home.parent().is_some() => {
                format!("~/{}", rest.display())
            }
            _ => path.display().to_string(),
        }
    }
}

/// The folder of checkouts in a folder for data. Below the manifest of another project,
/// cargo would look there for the workspace of a checkout; it looks no further than
/// `target/package`, where it unpacks packages itself. A folder that is there stays.
fn checkouts(data: &Path) -> PathBuf {
    let (usual, apart) = (data.join("src"), data.join("target/package"));
    if fs::exists(&apart) {
        return apart;
    }
    if fs::exists(&usual) || !is_below_manifest(data) { usual } else { apart }
}

/// Whether a manifest lies in this folder or above it, where it is and where links lead.
fn is_below_manifest(folder: &Path) -> bool {
    let has_manifest = |folder: &Path| fs::exists(&folder.join("Cargo.toml"));
    let there = folder.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
    folder.ancestors().any(has_manifest)
        || there.is_some_and(|real| real.ancestors().any(has_manifest))
}

/// The value of a variable that must be an absolute path; unset or empty is
/// `None`.
fn absolute(variable: &'static str) -> Result<Option<PathBuf>, Error> {
    match std::env::var_os(variable) {
        Some(value) if !value.is_empty() => {
            let path = PathBuf::from(value);
            if path.is_absolute() {
                Ok(Some(path))
            } else {
                Err(Error::Relative { variable, path })
            }
        }
        _ => Ok(None),
    }
}
