//! What a reset would discard, as a commit under `refs/hero/kept/`: the whole
//! working tree, with the commits that would drop out of sight as its parents.
//! The user's index is not written.

use std::path::{Path, PathBuf};

use git2::{
    BranchType, Commit, Delta, Index, IndexAddOption, ObjectType, Oid, Repository, Signature,
};

use super::error::Error;
use super::index::is_hidden;
use super::native::{self, Caller};
use super::target::Target;
use super::tree::{self, In};

/// Keeps what moving to `target` would discard; the ref, or `None` when that
/// is nothing.
pub(super) fn keep(
    repo: &Repository,
    target: &Target,
    edited: bool,
    caller: Caller,
) -> Result<Option<String>, Error> {
    // A handle of its own: its index is changed in memory and never written.
    let repo = &Repository::open(repo.path()).in_repo("open", repo)?;
    let mut covered = ignored_in_the_way(repo, target.commit)?;
    covered.extend(hidden_edits(repo)?);
    let lost = lost_commits(repo, target)?;
    if !edited && covered.is_empty() && lost.is_empty() {
        return Ok(None);
    }
    let tree = if native::needs_git(repo, None)? {
        native::whole_tree(repo, caller, &covered)?
    } else {
        let mut index = repo.index().in_repo("read the index of", repo)?;
        whole_tree(repo, &mut index, &covered)?
    };
    // A file that git does not look at is as HEAD has it, once a filter has seen it.
    let head = tree::head(repo)?.commit.and_then(|id| repo.find_commit(id).ok());
    if !edited && lost.is_empty() && head.is_some_and(|head| head.tree_id() == tree) {
        return Ok(None);
    }
    let mut parents = Vec::new();
    for id in tree::head(repo)?.commit.into_iter().chain(lost) {
        if parents.iter().all(|parent: &Commit| parent.id() != id) {
            parents.push(repo.find_commit(id).in_repo("keep the edits of", repo)?);
        }
    }
    let tree = repo.find_tree(tree).in_repo("keep the edits of", repo)?;
    let author = Signature::now("hero", "hero@localhost").in_repo("keep the edits of", repo)?;
    let parents: Vec<&Commit> = parents.iter().collect();
    let message = "What hero's --reset discarded\n";
    let commit = repo
        .commit(None, &author, &author, message, &tree, &parents)
        .in_repo("keep the edits of", repo)?;
    let name = free_name(repo, "");
    repo.reference(&name, commit, false, "hero: reset").in_repo("keep the edits of", repo)?;
    Ok(Some(name))
}

/// Edited files that the user has told git not to look at (`git update-index
/// --skip-worktree` or `--assume-unchanged`): a status does not show them.
fn hidden_edits(repo: &Repository) -> Result<Vec<PathBuf>, Error> {
    let index = repo.index().in_repo("read the index of", repo)?;
    let root = tree::root(repo);
    let mut edits = Vec::new();
    for entry in index.iter().filter(is_hidden) {
        let Ok(path) = std::str::from_utf8(&entry.path) else { continue };
        let file = root.join(path);
        // A sparse checkout has none.
        if !file.is_file() || file.is_symlink() {
            continue;
        }
        let hash = Oid::hash_file_ext(ObjectType::Blob, &file, entry.id.object_format());
        if hash.in_repo("look at", repo)? != entry.id {
            edits.push(PathBuf::from(path));
        }
    }
    Ok(edits)
}

/// Everything that lies in the working tree, except what is ignored; of that,
/// what is in the way.
fn whole_tree(repo: &Repository, index: &mut Index, covered: &[PathBuf]) -> Result<Oid, Error> {
    let all = IndexAddOption::DEFAULT;
    index.add_all(["*"], all, None).in_repo("keep the edits of", repo)?;
    // Not by `add_all` with force, which would walk all that is ignored.
    for path in covered {
        index.add_path(path).in_repo("keep the edits of", repo)?;
    }
    // Both sides of a conflict are among the parents' commits.
    let conflicts: Vec<_> = index
        .conflicts()
        .in_repo("read the index of", repo)?
        .filter_map(Result::ok)
        .filter_map(|conflict| conflict.our.or(conflict.their).or(conflict.ancestor))
        .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
        .collect();
    for path in conflicts {
        index.conflict_remove(Path::new(&path)).in_repo("keep the edits of", repo)?;
    }
    index.write_tree().in_repo("keep the edits of", repo)
}

/// Ignored files where the target has files: status does not show them, and a
/// checkout overwrites them.
fn ignored_in_the_way(repo: &Repository, target: Oid) -> Result<Vec<PathBuf>, Error> {
    let what = "compare the files of";
    let tree_of = |id| repo.find_commit(id).and_then(|commit| commit.tree());
    let new = tree_of(target).in_repo(what, repo)?;
    let old = tree::head(repo)?.commit.map(tree_of).transpose().in_repo(what, repo)?;
    let diff = repo.diff_tree_to_tree(old.as_ref(), Some(&new), None).in_repo(what, repo)?;
    let root = tree::root(repo);
    let mut covered = Vec::new();
    for delta in diff.deltas().filter(|delta| delta.status() == Delta::Added) {
        let Some(path) = delta.new_file().path() else { continue };
        // A file may also stand where the target has a folder.
        let steps: Vec<&Path> =
            path.ancestors().filter(|step| !step.as_os_str().is_empty()).collect();
        let blocking = steps.iter().rev().find(|step| {
            let there = root.join(step);
            there.is_symlink() || there.is_file() || (**step == path && there.is_dir())
        });
        if let Some(step) = blocking
            && repo.is_path_ignored(step).in_repo(what, repo)?
        {
            covered.extend(files_below(&root, step));
        }
    }
    covered.dedup();
    Ok(covered)
}

/// The files of a folder, or the file itself, relative to `root`.
fn files_below(root: &Path, path: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(root.join(path))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| entry.path().strip_prefix(root).map(Path::to_owned).ok())
        .collect()
}

/// Commits that no branch would show any more: HEAD's, if it is detached or on
/// the branch that moves, and that branch's own.
fn lost_commits(repo: &Repository, target: &Target) -> Result<Vec<Oid>, Error> {
    let head = tree::head(repo)?;
    let moves = head.branch.is_none() || head.branch == target.branch;
    let branch = target.branch.as_deref();
    let local = branch.and_then(|branch| repo.find_branch(branch, BranchType::Local).ok());
    let local = local.and_then(|local| local.get().target());
    let mut lost = Vec::new();
    for id in head.commit.filter(|_| moves).into_iter().chain(local) {
        let (ahead, _) =
            repo.graph_ahead_behind(id, target.commit).in_repo("compare the commits of", repo)?;
        if ahead > 0
            && !lost.contains(&id)
            && !target.was_upstream(repo, id)?
            && !is_on_the_remote(repo, id)?
        {
            lost.push(id);
        }
    }
    Ok(lost)
}

/// Whether a branch or tag that was fetched still shows this commit.
pub(super) fn is_on_the_remote(repo: &Repository, id: Oid) -> Result<bool, Error> {
    let what = "compare the commits of";
    for pattern in ["refs/remotes/*", "refs/tags/*"] {
        for reference in repo.references_glob(pattern).in_repo(what, repo)?.flatten() {
            let Ok(commit) = reference.peel_to_commit() else { continue };
            let (ahead, _) = repo.graph_ahead_behind(id, commit.id()).in_repo(what, repo)?;
            if ahead == 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A name for something to be kept, below `refs/hero/kept/`.
pub(super) fn free_name(repo: &Repository, what: &str) -> String {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let first = match what {
        "" => format!("refs/hero/kept/{stamp}"),
        what => format!("refs/hero/kept/{stamp}-{what}"),
    };
    let mut name = first.clone();
    let mut number = 1;
    while repo.find_reference(&name).is_ok() {
        number += 1;
        name = format!("{first}-{number}");
    }
    name
}
