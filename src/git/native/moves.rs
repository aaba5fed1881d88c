//! Moving a tree with git's own program.

use std::path::PathBuf;

use git2::{IndexEntryExtendedFlag, IndexEntryFlag, Oid, Repository};

use super::super::error::Error;
use super::super::tree::{self, In};
use super::plan::plan;
use super::state::changes;
use super::{Caller, index_line, path};
use crate::sys::fs;
use crate::sys::process::Output;

/// Puts the files of a commit into the tree unless that would overwrite something
/// local; then nothing is touched and the paths are named.
pub(crate) fn checkout_safely(repo: &Repository, to: Oid, caller: Caller) -> Result<(), Error> {
    let root = tree::root(repo);
    let Some(head) = tree::head(repo)?.commit else {
        return Err(Error::NotACheckout { path: root, reason: "it has no commit" });
    };
    let conflict = |paths: Vec<String>| Error::Conflict {
        service: caller.service.to_owned(),
        path: root.clone(),
        paths,
    };
    let plan = plan(repo, head, to, caller.cancel)?;
    if !plan.in_the_way.is_empty() {
        let paths = plan.in_the_way.iter().map(|path| path.to_string_lossy().into_owned());
        return Err(conflict(paths.collect()));
    }
    let git = caller.git(repo)?;
    if !plan.done.is_empty() {
        let lines = plan.done.iter();
        let lines = lines.flat_map(|(path, entry)| index_line(path, Some(*entry), &to)).collect();
        git.run("check out", &["update-index", "-z", "--index-info"], lines)?;
    }
    git.refresh()?;
    let (from, to) = (head.to_string(), to.to_string());
    // With progress, which tells that it is at work.
    let output = git.call(&["read-tree", "-v", "-m", "-u", &from, &to], Vec::new())?;
    if !output.status.success() {
        let paths = refused(&output);
        return Err(if paths.is_empty() {
            git.failed("check out", &output)
        } else {
            conflict(paths)
        });
    }
    git.reload()
}

/// Makes the tree exactly that of a commit; ignored files stay.
pub(crate) fn checkout_forcibly(repo: &Repository, to: Oid, caller: Caller) -> Result<(), Error> {
    let git = caller.git(repo)?;
    let root = tree::root(repo);
    // By the rules of what is ignored that hold before the move.
    for change in changes(repo, caller.cancel, false)?.iter().filter(|change| change.is_untracked())
    {
        let file = root.join(path(&change.path));
        // Not a repository within this one.
        if change.path.ends_with(b"/") {
            continue;
        }
        fs::remove_file(&file)?;
        for folder in file.ancestors().skip(1).take_while(|folder| **folder != *root) {
            if !fs::remove_empty_dir(folder)? {
                break;
            }
        }
    }
    git.look_at(&hidden(repo)?)?;
    git.refresh()?;
    git.run("check out", &["read-tree", "-v", "--reset", "-u", &to.to_string()], Vec::new())?;
    git.reload()
}

/// The files in the tree that git was told not to look at: it would not reset them.
fn hidden(repo: &Repository) -> Result<Vec<PathBuf>, Error> {
    let index = repo.index().in_repo("read the index of", repo)?;
    let hidden = index.iter().filter(|entry| {
        let kept_out = IndexEntryExtendedFlag::from_bits_retain(entry.flags_extended);
        entry.flags & IndexEntryFlag::VALID.bits() != 0
            || kept_out.contains(IndexEntryExtendedFlag::SKIP_WORKTREE)
    });
    let root = tree::root(repo);
    let paths = hidden.map(|entry| path(&entry.path).to_owned());
    Ok(paths.filter(|path| fs::link_metadata(&root.join(path)).is_ok()).collect())
}

/// The paths for which git has refused to move, having touched nothing.
fn refused(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = text.lines().filter(|line| {
        line.ends_with("would be overwritten by merge.") || line.ends_with("Cannot merge.")
    });
    let quoted = lines.filter_map(|line| {
        let (_, rest) = line.split_once('\'')?;
        Some(rest.rsplit_once('\'')?.0.to_owned())
    });
    quoted.collect()
}
