//! Newer dependencies where no committed lockfile pins them. cargo keeps what it has
//! resolved once in a `Cargo.lock` of its own, so a dependency on a branch would never
//! move again.

use std::path::PathBuf;

use toml::{Table, Value};

use super::options::{Options, Refresh};
use super::{Error, lockfile};
use crate::sys::fs;

/// A lockfile that was taken away, or a part of it.
#[derive(Debug)]
pub(super) struct Taken {
    file: PathBuf,
    before: Vec<u8>,
}

impl Taken {
    /// Puts the lockfile back: what was resolved before still builds.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put_back(self) -> Result<(), Error> {
        Ok(fs::write(&self.file, &self.before)?)
    }
}

/// Whether a build resolves dependencies anew.
pub(super) fn applies(options: &Options) -> bool {
    next(options).is_some_and(|(_, old, new)| new != Some(old))
}

/// Lets cargo resolve anew what is wanted; `None` where that is nothing.
///
/// # Errors
/// When the lockfile cannot be written or removed.
pub(super) fn begin(options: &Options) -> Result<Option<Taken>, Error> {
    let Some((file, old, new)) = next(options) else { return Ok(None) };
    match new {
        Some(new) if new == old => return Ok(None),
        Some(new) => fs::write(&file, new.as_bytes())?,
        None => drop(fs::remove_file(&file)?),
    }
    Ok(Some(Taken { file, before: old.into_bytes() }))
}

/// The lockfile, its text, and what cargo should find instead.
fn next(options: &Options) -> Option<(PathBuf, String, Option<String>)> {
    if options.refresh == Refresh::Nothing || options.locked == Some(true) || options.offline {
        return None;
    }
    let file = lockfile::nearest(options.source, options.checkout)?;
    // One that is committed is the repository's word; outside of git it may be.
    options.git?.tracks(&file).filter(|tracked| !tracked)?;
    let old = fs::read_to_string(&file).ok()?;
    let new = match options.refresh {
        Refresh::Git => Some(without_git(&old)?),
        _ => None,
    };
    Some((file, old, new))
}

/// A lockfile without the packages from git repositories.
fn without_git(text: &str) -> Option<String> {
    let mut table: Table = text.parse().ok()?;
    let packages = table.get_mut("package")?.as_array_mut()?;
    let count = packages.len();
    packages.retain(|package| {
        let source = package.get("source").and_then(Value::as_str);
        source.is_none_or(|source| !source.starts_with("git+"))
    });
    if packages.len() == count { Some(text.to_owned()) } else { Some(table.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_from_git_are_left_out() {
        let kept = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
        let registry =
            "[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://x\"\n";
        let git =
            "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"git+https://x#0123\"\n";
        let text = format!("version = 4\n\n{kept}\n{registry}\n{git}");
        let new = without_git(&text).unwrap();
        assert!(new.contains("\"a\"") && new.contains("\"b\"") && !new.contains("\"c\""), "{new}");
        assert!(new.contains("version = 4"), "{new}");
        let same = format!("# ours\n{kept}");
        assert_eq!(without_git(&same).unwrap(), same);
    }
}
