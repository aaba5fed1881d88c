//! What is in the way of a safe move, found before anything is touched: git itself
//! would overwrite files that are ignored, and refuse those that a killed move has
//! already written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use git2::{Delta, DiffFile, FileMode, Index, ObjectType, Oid, Repository};

use super::super::error::Error;
use super::super::tree::{self, In};
use super::state::{Change, changes};
use super::{Native, bytes, path};
use crate::sys::cancel::Cancel;
use crate::sys::fs;

/// What a commit has at a path: the object and its mode.
pub(crate) type Entry = (Oid, u32);

/// What a move meets in the tree.
#[derive(Default)]
pub(crate) struct Plan {
    /// What it would overwrite.
    pub(crate) in_the_way: BTreeSet<PathBuf>,
    /// Files that are already as the commit has them.
    pub(crate) done: Vec<(PathBuf, Entry)>,
}

/// Files that may be as the commit has them; their content tells.
type Candidates = Vec<(PathBuf, Entry)>;

/// Compares the tree with what a move from `head` to `to` changes.
pub(crate) fn plan(repo: &Repository, head: Oid, to: Oid, cancel: &Cancel) -> Result<Plan, Error> {
    let what = "compare the files of";
    let tree_of = |id| repo.find_commit(id).and_then(|commit| commit.tree());
    let (old, new) = (tree_of(head).in_repo(what, repo)?, tree_of(to).in_repo(what, repo)?);
    let diff = repo.diff_tree_to_tree(Some(&old), Some(&new), None).in_repo(what, repo)?;
    let index = repo.index().in_repo("read the index of", repo)?;
    let root = tree::root(repo);
    let all = changes(repo, cancel, false)?;
    let mut by_path: BTreeMap<&Path, Vec<&Change>> = BTreeMap::new();
    let mut plan = Plan::default();
    for change in &all {
        by_path.entry(path(&change.path)).or_default().push(change);
        if change.is_unmerged() {
            plan.in_the_way.insert(path(&change.path).to_owned());
        }
    }
    let mut candidates = Vec::new();
    for delta in diff.deltas() {
        let gone = delta.status() == Delta::Deleted;
        let side = if gone { delta.old_file() } else { delta.new_file() };
        let Some(name) = side.path() else { continue };
        let entry = (!gone).then(|| entry_of(&side));
        if [delta.old_file().mode(), side.mode()].contains(&FileMode::Commit) {
            let moved = submodule_head(&root.join(name))
                .is_some_and(|id| ![delta.old_file().id(), delta.new_file().id()].contains(&id));
            if moved || (delta.status() == Delta::Added && has_content(&root.join(name))) {
                plan.in_the_way.insert(name.to_owned());
            }
            continue;
        }
        let tracked = index.get_path(name, 0).map(|entry| (entry.id, entry.mode));
        match (by_path.get(name), entry) {
            (Some(changes), entry) => {
                let only = if let [only] = changes.as_slice() { Some(only) } else { None };
                match (only.map(|it| (it.staged, it.edited)), entry) {
                    // A killed move has written the index too.
                    (Some((_, b' ')), _) if tracked == entry => {}
                    // Gone on both sides.
                    (Some((b' ', b'D')), None) => {}
                    (Some((b' ' | b'?', _)), Some(entry)) => {
                        candidates.push((name.to_owned(), entry));
                    }
                    _ => drop(plan.in_the_way.insert(name.to_owned())),
                }
            }
            (None, Some(entry)) if tracked.is_none() => {
                look(&root, &index, name, entry, &mut plan, &mut candidates);
            }
            (None, _) => {}
        }
    }
    tell_done(repo, cancel, &mut plan, candidates)?;
    Ok(plan)
}

/// Looks at what lies, untracked or ignored, where a file is to come.
fn look(
    root: &Path,
    index: &Index,
    name: &Path,
    entry: Entry,
    plan: &mut Plan,
    candidates: &mut Candidates,
) {
    let is_tracked = |path: &Path| index.get_path(path, 0).is_some();
    for step in name.ancestors().skip(1).filter(|step| !step.as_os_str().is_empty()) {
        let blocks = fs::link_metadata(&root.join(step)).is_ok_and(|data| !data.is_dir());
        if blocks && !is_tracked(step) {
            plan.in_the_way.insert(step.to_owned());
            return;
        }
        // What is below a link is not in this tree.
        if blocks {
            return;
        }
    }
    let there = root.join(name);
    match fs::link_metadata(&there) {
        Err(_) => {}
        Ok(data) if !data.is_dir() => candidates.push((name.to_owned(), entry)),
        Ok(_) => {
            let below = walkdir::WalkDir::new(&there).into_iter().filter_map(Result::ok);
            let files = below.filter(|file| !file.file_type().is_dir());
            let files =
                files.filter_map(|file| file.path().strip_prefix(root).ok().map(Path::to_owned));
            plan.in_the_way.extend(files.filter(|file| !is_tracked(file)));
        }
    }
}

/// Tells the files that are as the commit has them from those that are in the way.
fn tell_done(
    repo: &Repository,
    cancel: &Cancel,
    plan: &mut Plan,
    candidates: Candidates,
) -> Result<(), Error> {
    let root = tree::root(repo);
    let mut files = Vec::new();
    for (name, entry) in candidates {
        let there = root.join(&name);
        let mode = fs::link_metadata(&there).ok().and_then(|data| mode_of(&data));
        if mode != Some(entry.1) || bytes(&name).contains(&b'\n') {
            plan.in_the_way.insert(name);
        } else if let Some(target) = fs::read_link(&there) {
            let id =
                Oid::hash_object_ext(ObjectType::Blob, bytes(&target), entry.0.object_format());
            if id.is_ok_and(|id| id == entry.0) {
                plan.done.push((name, entry));
            } else {
                plan.in_the_way.insert(name);
            }
        } else {
            files.push((name, entry));
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    let input = files.iter().flat_map(|(name, _)| [bytes(name), b"\n"].concat()).collect();
    let args = ["hash-object", "--stdin-paths"];
    let output = Native::looking(repo, cancel).run("look at", &args, input)?;
    let text = String::from_utf8_lossy(&output).into_owned();
    let mut ids = text.lines();
    for (name, entry) in files {
        if ids.next() == Some(entry.0.to_string().as_str()) {
            plan.done.push((name, entry));
        } else {
            plan.in_the_way.insert(name);
        }
    }
    Ok(())
}

pub(crate) fn entry_of(file: &DiffFile) -> Entry {
    (file.id(), u32::from(file.mode()))
}

/// The mode that git would note for a file, if it would note it.
fn mode_of(data: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    if data.is_symlink() {
        return Some(0o120_000);
    }
    let runs = data.permissions().mode() & 0o100 != 0;
    data.is_file().then_some(if runs { 0o100_755 } else { 0o100_644 })
}

fn submodule_head(path: &Path) -> Option<Oid> {
    Repository::open(path).ok()?.head().ok()?.target()
}

fn has_content(path: &Path) -> bool {
    fs::link_metadata(path).is_ok_and(|data| !data.is_dir())
        || fs::list(path).is_ok_and(|files| !files.is_empty())
}
