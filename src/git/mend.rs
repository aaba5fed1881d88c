//! Files that a kill left half written.
//!
//! A move writes each file from its beginning. If the move did not come to its end, a
//! file whose content is a part of what the move brings, from the beginning, is put back
//! to what HEAD has; then the tree is HEAD's again but for the user's own edits.

use std::path::{Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{Delta, Diff, Oid, Repository};

use super::error::Error;
use super::native::{self, Caller};
use super::tree::{self, In};
use crate::sys::fs;

/// Puts back what an interrupted move to `target` has written of its files.
pub(super) fn put_back(repo: &Repository, target: Oid, caller: Caller) -> Result<(), Error> {
    let Some(head) = tree::head(repo)?.commit.filter(|head| *head != target) else {
        return Ok(());
    };
    let what = "compare the files of";
    let tree_of = |id| repo.find_commit(id).and_then(|commit| commit.tree());
    // What was to be fetched may be gone by now.
    let Ok(new) = tree_of(target) else { return Ok(()) };
    let old = tree_of(head).in_repo(what, repo)?;
    let diff = repo.diff_tree_to_tree(Some(&old), Some(&new), None).in_repo(what, repo)?;
    let root = tree::root(repo);
    let scratch = Scratch::new(repo)?;
    let by_git = native::needs_git(repo, Some(target))?;
    if by_git {
        scratch.fill(repo, &diff, [head, target], caller)?;
    }
    for delta in diff.deltas() {
        let added = delta.status() == Delta::Added;
        let side =
            if delta.status() == Delta::Deleted { delta.old_file() } else { delta.new_file() };
        let Some(path) = side.path() else { continue };
        let there = root.join(path);
        let half = match fs::link_metadata(&there) {
            Err(_) => !added,
            Ok(data) if data.is_file() && delta.status() != Delta::Deleted => {
                let content = fs::read(&there)?;
                scratch.file(repo, target, path)?.is_some_and(|whole| whole.starts_with(&content))
            }
            Ok(_) => false,
        };
        if !half || has_link(&root, path) {
            continue;
        }
        if !scratch.restore(repo, head, path, &there)? && added {
            fs::remove_file(&there)?;
        }
    }
    if by_git { native::restore_index(repo, caller, &diff) } else { Ok(()) }
}

/// Makes these files of the tree HEAD's again, and removes those that HEAD does not have.
pub(super) fn put_back_files(
    repo: &Repository,
    paths: &[PathBuf],
    caller: Caller,
) -> Result<(), Error> {
    let Some(head) = tree::head(repo)?.commit else { return Ok(()) };
    let root = tree::root(repo);
    let scratch = Scratch::new(repo)?;
    if native::needs_git(repo, None)? {
        native::write_files(repo, caller, head, paths, &scratch.filled(head))?;
    }
    for path in paths.iter().filter(|path| !has_link(&root, path)) {
        let there = root.join(path);
        if !scratch.restore(repo, head, path, &there)? {
            fs::remove_file(&there)?;
        }
    }
    Ok(())
}

/// A folder in the repository where files are written before they are moved to their
/// place, so that a second kill leaves no half of them.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new(repo: &Repository) -> Result<Self, Error> {
        Ok(Self(fs::temporary_dir(repo.path(), ".hero-")?))
    }

    /// Lets git write the files that may be needed of these commits: all at once, for
    /// each call takes its time.
    fn fill(
        &self,
        repo: &Repository,
        diff: &Diff,
        commits: [Oid; 2],
        caller: Caller,
    ) -> Result<(), Error> {
        let sides = diff.deltas().flat_map(|delta| {
            [delta.old_file().path(), delta.new_file().path()].map(|path| path.map(Path::to_owned))
        });
        let mut paths: Vec<PathBuf> = sides.flatten().collect();
        paths.dedup();
        for commit in commits {
            native::write_files(repo, caller, commit, &paths, &self.filled(commit))?;
        }
        Ok(())
    }

    fn filled(&self, commit: Oid) -> PathBuf {
        self.0.path().join(commit.to_string())
    }

    /// Writes a file as a checkout would. Returns its place, or `None` when the commit
    /// does not have it.
    fn write(&self, repo: &Repository, commit: Oid, path: &Path) -> Result<Option<PathBuf>, Error> {
        let filled = self.filled(commit);
        if fs::exists(&filled) {
            let file = filled.join(path);
            return Ok(fs::exists(&file).then_some(file));
        }
        let object = repo.find_object(commit, None).in_repo("check out", repo)?;
        let mut options = CheckoutBuilder::new();
        options.target_dir(self.0.path()).path(path).disable_pathspec_match(true);
        options.force().update_index(false);
        repo.checkout_tree(&object, Some(&mut options)).in_repo("check out", repo)?;
        let file = self.0.path().join(path);
        Ok(fs::exists(&file).then_some(file))
    }

    /// The content of a file as a checkout would write it.
    fn file(&self, repo: &Repository, commit: Oid, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        let Some(file) = self.write(repo, commit, path)? else { return Ok(None) };
        let content = if file.is_symlink() { None } else { Some(fs::read(&file)?) };
        fs::remove_file(&file)?;
        Ok(content)
    }

    /// Puts a file to its place; whether the commit has it.
    fn restore(
        &self,
        repo: &Repository,
        commit: Oid,
        path: &Path,
        place: &Path,
    ) -> Result<bool, Error> {
        let Some(file) = self.write(repo, commit, path)? else { return Ok(false) };
        fs::create_dir_all(fs::parent(place))?;
        fs::rename(&file, place)?;
        Ok(true)
    }
}

/// Whether a symbolic link of the user's is on the way to a file.
fn has_link(root: &Path, path: &Path) -> bool {
    let mut above = path.ancestors().skip(1).filter(|step| !step.as_os_str().is_empty());
    above.any(|step| root.join(step).is_symlink())
}
