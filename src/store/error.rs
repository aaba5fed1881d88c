//! What can go wrong in the store.

use std::path::PathBuf;

use crate::error::{Diagnostic, ErrorKind};
use crate::sys::name::Name;
use crate::sys::{fs, lock, name, sudo};

/// A change to the store, or a look at it, that failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say what they are")]
pub(crate) enum Error {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] fs::Error),
    /// The root's lock could not be had.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// A profile or commit cannot be part of a path.
    #[error(transparent)]
    Name(#[from] name::Error),
    /// The install root cannot be changed by this user.
    #[error("cannot install into `{}`: it is not writable", folder.display())]
    RootNotWritable {
        folder: PathBuf,
        /// The nearest folder (or file in its place) that exists.
        existing: PathBuf,
        system: bool,
        source: fs::Error,
    },
    /// A file or folder stands where a folder is needed.
    #[error("cannot install into `{}`: `{}` is not a folder", folder.display(), existing.display())]
    RootNotFolder { folder: PathBuf, existing: PathBuf },
    /// `bin/` has files of these names that hero did not put there.
    #[error("`{}` is not hero's: it will not be overwritten", first(paths))]
    Foreign { paths: Vec<PathBuf> },
    /// A folder stands where hero's link of a binary goes, or anything but a
    /// link where that to the current generation goes.
    #[error("`{}` is not hero's, and in the place of its link", path.display())]
    ForeignFolder { path: PathBuf },
    /// Other services have binaries of these names.
    #[error("the binary `{bin}` of `{service}` is already installed by `{owner}`")]
    Taken {
        service: Name,
        bin: Name,
        owner: Name,
        /// All such binaries with their owners.
        all: Vec<(Name, Name)>,
    },
    /// There is no such service.
    #[error("`{service}` is not installed")]
    NotInstalled { service: Name, near: Vec<String>, installed: usize },
    /// The service has no such generation.
    #[error("`{service}` has no generation `{generation}`")]
    NoGeneration { service: Name, generation: String, near: Option<String>, all: Vec<String> },
    /// Nothing older than the current generation.
    #[error("`{service}` has no earlier generation to go back to")]
    NoPrevious { service: Name, all: Vec<String> },
    /// A newer hero wrote this.
    #[error("`{}` has format {format}, which this version of hero does not know", path.display())]
    NewerFormat { service: Name, path: PathBuf, format: u64 },
    /// Others than the system's administrator can change it.
    #[error("`{}` is not trusted: {reason}", path.display())]
    Untrusted { path: PathBuf, reason: String },
    /// Another hero, with the rights for the system root, did not make the change.
    #[error(transparent)]
    Elevated(#[from] sudo::Error),
    /// A receipt that cannot be used.
    #[error("the generation `{generation}` of `{service}` cannot be used: {message}")]
    Unusable { service: Name, generation: String, message: String },
    /// A generation that lacks a binary.
    #[error("the generation `{generation}` of `{service}` is damaged: `{}`", path.display())]
    Damaged { service: Name, generation: String, path: PathBuf },
    /// Nothing to install.
    #[error("`{service}` has no binaries to install")]
    NoBinaries { service: Name },
    /// One name twice.
    #[error("two binaries of `{service}` have the name `{bin}`")]
    Duplicate { service: Name, bin: Name },
    /// A built file is missing.
    #[error("the built binary `{bin}` does not exist: `{}`", path.display())]
    NoArtifact { bin: Name, path: PathBuf },
    /// A built file is something else.
    #[error("the built binary `{bin}` is not an executable file: `{}`", path.display())]
    NotExecutable { bin: Name, path: PathBuf },
    /// A file that no debugger would look for beside a binary.
    #[error("`{}` is not the debug information of a binary here", path.display())]
    NotDebugFile { path: PathBuf },
    /// The user interrupted before anything was changed.
    #[error("interrupted{}", service.as_ref().map_or(String::new(), |it| format!(" before `{it}` was changed")))]
    Interrupted { service: Option<Name> },
}

fn first(paths: &[PathBuf]) -> String {
    paths.first().map(|path| path.display().to_string()).unwrap_or_default()
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::File(error) => error.kind(),
            Self::Lock(error) => error.kind(),
            Self::Name(error) => error.kind(),
            Self::RootNotWritable { .. } | Self::RootNotFolder { .. } => ErrorKind::RootNotWritable,
            Self::Foreign { .. } | Self::ForeignFolder { .. } => ErrorKind::ForeignFile,
            Self::Taken { .. } => ErrorKind::Taken,
            Self::NotInstalled { .. } => ErrorKind::NotInstalled,
            Self::NoGeneration { .. } => ErrorKind::NoSuchGeneration,
            Self::NoPrevious { .. } => ErrorKind::NoPrevious,
            Self::NewerFormat { .. } => ErrorKind::NewerFormat,
            Self::Elevated(error) => error.kind(),
            Self::Untrusted { .. } => ErrorKind::Untrusted,
            Self::Unusable { .. } => ErrorKind::BadReceipt,
            Self::Damaged { .. } => ErrorKind::Damaged,
            Self::NoBinaries { .. } => ErrorKind::NoBinaries,
            Self::Duplicate { .. } => ErrorKind::DuplicateBinary,
            Self::NoArtifact { .. } => ErrorKind::NoArtifact,
            Self::NotExecutable { .. } => ErrorKind::NotExecutable,
            Self::NotDebugFile { .. } => ErrorKind::NotDebugFile,
            Self::Interrupted { .. } => ErrorKind::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::File(error) => return error.hint(),
            Self::Lock(error) => return error.hint(),
            Self::Name(error) => return error.hint(),
            Self::Elevated(error) => return error.hint(),
            Self::Interrupted { .. } => return None,
            Self::RootNotWritable { system: true, .. } => format!(
                "there is no sudo here; as root type: {}; or leave out `--root`",
                sudo::this_command()
            ),
            Self::RootNotWritable { source, .. }
                if source.source.kind() == std::io::ErrorKind::ReadOnlyFilesystem =>
            {
                return source.hint();
            }
            Self::RootNotWritable { existing, .. } => {
                format!("check who owns it: ls -ld {}", quoted(existing))
            }
            Self::RootNotFolder { existing, .. } => {
                format!("move it away: mv {0} {0}.old", quoted(existing))
            }
            Self::Foreign { paths } => match paths.first() {
                Some(path) => format!(
                    "move it away (mv {0} {0}.old), or install with `--replace`, which keeps it",
                    quoted(path)
                ),
                None => return None,
            },
            Self::ForeignFolder { path } => format!("move it away: mv {0} {0}.old", quoted(path)),
            Self::Taken { owner, .. } => {
                format!(
                    "name the wanted ones in the description (`bins: [\"…\"]`), or remove the other: \
                     hero uninstall {owner}"
                )
            }
            Self::NotInstalled { near, installed, .. } => match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None if *installed == 0 => "nothing is installed here yet".into(),
                None => "see what is: hero list".into(),
            },
            Self::NoGeneration { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NoGeneration { .. } => "see what is there: hero list --generations".into(),
            Self::NoPrevious { service, all } if all.is_empty() => {
                format!("install another version first; `{service}` has only this one")
            }
            Self::NoPrevious { service, .. } => {
                format!("name one of the others: hero rollback {service} --to GENERATION")
            }
            Self::NewerFormat { .. } => {
                format!("upgrade hero, this is version {}", env!("CARGO_PKG_VERSION"))
            }
            Self::Untrusted { path, .. } => {
                format!(
                    "see who changed it, then: sudo chown root:root {0} && sudo chmod go-w {0}",
                    quoted(path)
                )
            }
            Self::Unusable { service, .. } => {
                format!("install `{service}` again, or remove it: hero uninstall {service}")
            }
            Self::Damaged { service, .. } => format!("install `{service}` again"),
            Self::NoBinaries { .. } => "name at least one in `bins`".into(),
            Self::Duplicate { .. } => "name each binary once in `bins`".into(),
            Self::NotDebugFile { .. } => "its name is that of the binary and `.dwp`".into(),
            Self::NoArtifact { .. } | Self::NotExecutable { .. } => {
                "build again, and check the names in `bins`".into()
            }
        };
        Some(hint)
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Elevated(error) => error.details(),
            Self::RootNotWritable { source, .. } => vec![source.to_string()],
            Self::Foreign { paths } if paths.len() > 1 => {
                paths.iter().map(|path| path.display().to_string()).collect()
            }
            Self::Taken { all, .. } if all.len() > 1 => {
                all.iter().map(|(bin, owner)| format!("`{bin}` of `{owner}`")).collect()
            }
            Self::NotInstalled { near, .. } if near.len() > 1 => near.clone(),
            Self::NoGeneration { all, .. } | Self::NoPrevious { all, .. } => all.clone(),
            _ => Vec::new(),
        }
    }

    fn option(&self) -> Option<&str> {
        match self {
            Self::Elevated(error) => error.option(),
            Self::Taken { .. }
            | Self::Foreign { .. }
            | Self::ForeignFolder { .. }
            | Self::NoBinaries { .. }
            | Self::Duplicate { .. }
            | Self::NoArtifact { .. }
            | Self::NotExecutable { .. } => Some("bins"),
            _ => None,
        }
    }
}

/// A path as a shell would need it.
fn quoted(path: &std::path::Path) -> String {
    shell_words::quote(&path.to_string_lossy()).into_owned()
}
