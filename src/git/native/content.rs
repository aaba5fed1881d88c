//! Files as a checkout would write them, and the tree as a commit would hold it.

use std::path::{Path, PathBuf};

use git2::{Delta, Diff, Oid, Repository};

use super::super::error::Error;
use super::super::tree::In;
use super::plan::entry_of;
use super::{Caller, index_line, list};
use crate::sys::fs;

/// With which git ends when it does not know an option.
const UNKNOWN_OPTION: i32 = 129;

/// Writes files of a commit below `folder`, by the attributes that the commit has.
/// Those that it does not have are left out.
pub(crate) fn write_files(
    repo: &Repository,
    caller: Caller,
    commit: Oid,
    paths: &[PathBuf],
    folder: &Path,
) -> Result<(), Error> {
    let tree = repo.find_commit(commit).and_then(|commit| commit.tree());
    let tree = tree.in_repo("check out", repo)?;
    let paths = paths.iter().filter(|path| tree.get_path(path).is_ok());
    fs::create_dir_all(folder)?;
    // git takes the attributes of the files around, of which there are none.
    let git = caller.git(repo)?.with("GIT_DIR", repo.path()).with("GIT_WORK_TREE", folder);
    let git = git.with("GIT_INDEX_FILE", &folder.with_extension("index"));
    git.run("check out", &["read-tree", &commit.to_string()], Vec::new())?;
    git.run("check out", &["checkout-index", "-f", "-z", "--stdin"], list(paths)).map(drop)
}

/// Puts back what an interrupted move has written into the index: `diff` is from HEAD
/// to where it went.
pub(crate) fn restore_index(repo: &Repository, caller: Caller, diff: &Diff) -> Result<(), Error> {
    let index = repo.index().in_repo("read the index of", repo)?;
    let mut lines = Vec::new();
    for delta in diff.deltas() {
        let gone = delta.status() == Delta::Deleted;
        let (old, new) = (delta.old_file(), delta.new_file());
        let Some(path) = (if gone { old.path() } else { new.path() }) else { continue };
        let there = index.get_path(path, 0).map(|entry| (entry.id, entry.mode));
        if there == (!gone).then(|| entry_of(&new)) {
            let before = (delta.status() != Delta::Added).then(|| entry_of(&old));
            // Any hash of the right length does for what is removed.
            lines.extend(index_line(path, before, &new.id()));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let git = caller.git(repo)?;
    git.run("restore the index of", &["update-index", "-z", "--index-info"], lines)?;
    git.reload()
}

/// Everything that lies in the working tree, except what is ignored; of that, what is
/// in the way. The user's index is not written.
pub(crate) fn whole_tree(
    repo: &Repository,
    caller: Caller,
    covered: &[PathBuf],
) -> Result<Oid, Error> {
    let what = "keep the edits of";
    let scratch = fs::temporary_dir(repo.path(), ".hero-")?;
    let (index, own) = (scratch.path().join("index"), repo.path().join("index"));
    if fs::exists(&own) {
        fs::copy(&own, &index)?;
    }
    let git = caller.git(repo)?.with("GIT_INDEX_FILE", &index);
    let quiet = ["-c", "core.safecrlf=false", "-c", "advice.addEmbeddedRepo=false"];
    let add = |more: &[&'static str]| [&quiet[..], &["add", "--all"], more].concat();
    // Also what lies outside of a sparse checkout; older gits take that without a word.
    let output = git.call(&add(&["--sparse"]), Vec::new())?;
    match output.status.code {
        Some(0) => {}
        Some(UNKNOWN_OPTION) => drop(git.run(what, &add(&[]), Vec::new())?),
        _ => return Err(git.failed(what, &output)),
    }
    let tracked = repo.index().in_repo("read the index of", repo)?;
    git.look_at(covered.iter().filter(|path| tracked.get_path(path, 0).is_some()))?;
    if !covered.is_empty() {
        git.run(what, &["update-index", "--add", "-z", "--stdin"], list(covered))?;
    }
    let output = git.run(what, &["write-tree"], Vec::new())?;
    Oid::from_str_ext(String::from_utf8_lossy(&output).trim(), repo.object_format())
        .in_repo(what, repo)
}
