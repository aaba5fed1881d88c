//! A reason to build again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::mark::Mark;
use super::value::Value;
use crate::sys::fs;

/// Something that is not as it was at a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// What was asked for.
    Request(Difference),
    /// An environment variable.
    Variable(Difference),
    /// A program of the toolchain was replaced, or another is found.
    Toolchain {
        /// The program.
        path: PathBuf,
        /// The compiler of the build.
        was: String,
    },
    /// A file or folder.
    File {
        /// Where.
        path: PathBuf,
        /// Whether it was there at the build, and is now.
        there: (bool, bool),
    },
    /// It cannot be compared, and why.
    Unsure(String),
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    name: String,
    was: String,
    is: String,
}

impl Change {
    pub(super) fn file(path: &Path, mark: &Mark) -> Self {
        Self::File { path: path.to_owned(), there: (!mark.is_absent(), fs::exists(path)) }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(it) => write!(formatter, "`{}` {it}", it.name),
            Self::Variable(it) => write!(formatter, "${} {it}", it.name),
            Self::Toolchain { path, was } => {
                write!(formatter, "the toolchain changed (`{}`; it was {was})", path.display())
            }
            Self::File { path, there } => {
                let verb = match there {
                    (false, true) => "is new",
                    (true, false) => "is gone",
                    _ => "changed",
                };
                write!(formatter, "`{}` {verb}", path.display())
            }
            Self::Unsure(reason) => write!(formatter, "cargo must be asked: {reason}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.was == self.is {
            return formatter.write_str("has another value");
        }
        write!(formatter, "was {}, is {}", self.was, self.is)
    }
}

/// The names whose values differ; what one side does not have is unset.
pub(super) fn between(
    before: &BTreeMap<String, Value>,
    now: &BTreeMap<String, Value>,
    kind: fn(Difference) -> Change,
) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let differ = names.into_iter().filter_map(|name| {
        let was = before.get(name).unwrap_or(&Value::Unset);
        let is = now.get(name).unwrap_or(&Value::Unset);
        (was != is).then(|| Difference { name: name.clone(), was: was.show(), is: is.show() })
    });
    differ.map(kind).collect()
}
