//! Whether a checkout needs git's own program.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use super::super::error::Error;
use super::super::tree::{self, In};
use super::is_unreadable;
use crate::sys::fs;

/// Whether libgit2 would write other files than git into the tree, now or after a move
/// to the commit `to`.
pub(crate) fn needs_git(repo: &Repository, to: Option<Oid>) -> Result<bool, Error> {
    if is_unreadable(repo) || is_sparse(repo) {
        return Ok(true);
    }
    let outside = files(repo).iter().any(|file| fs::read(file).is_ok_and(|text| asks(&text)));
    Ok(outside || in_index(repo)? || to.map_or(Ok(false), |to| in_commit(repo, to))?)
}

/// libgit2 takes the files that a sparse checkout leaves out for deleted ones.
fn is_sparse(repo: &Repository) -> bool {
    let config = repo.config().and_then(|mut config| config.snapshot());
    config.is_ok_and(|config| config.get_bool("core.sparseCheckout").unwrap_or(false))
}

/// The files of attributes outside of the tree, and the one at its top, which may not
/// be in the index.
fn files(repo: &Repository) -> Vec<PathBuf> {
    let variable =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let mut files = vec![
        tree::root(repo).join(".gitattributes"),
        repo.commondir().join("info/attributes"),
        PathBuf::from("/etc/gitattributes"),
    ];
    let set = |config: git2::Config| config.get_path("core.attributesFile").ok();
    // libgit2 does not know this variable.
    let global = variable("GIT_CONFIG_GLOBAL").and_then(|path| git2::Config::open(&path).ok());
    let named = [repo.config().ok().and_then(set), global.and_then(set)];
    files.extend(named.into_iter().flatten());
    let home = variable("HOME").map(|home| home.join(".config"));
    let folder = variable("XDG_CONFIG_HOME").or(home);
    files.extend(folder.map(|folder| folder.join("git/attributes")));
    files
}

fn in_index(repo: &Repository) -> Result<bool, Error> {
    let index = repo.index().in_repo("read the index of", repo)?;
    let root = tree::root(repo);
    let asking = index.iter().filter(|entry| is_attributes(&entry.path)).any(|entry| {
        asks_in_blob(repo, entry.id)
            // As the user has changed it.
            || fs::read(&root.join(super::path(&entry.path))).is_ok_and(|text| asks(&text))
    });
    Ok(asking)
}

/// Whether a commit has attributes that HEAD does not have.
fn in_commit(repo: &Repository, to: Oid) -> Result<bool, Error> {
    let what = "compare the files of";
    let tree_of = |id| repo.find_commit(id).and_then(|commit| commit.tree());
    let new = tree_of(to).in_repo(what, repo)?;
    let Some(head) = tree::head(repo)?.commit else {
        let mut asking = false;
        let walk = new.walk(TreeWalkMode::PreOrder, |_, entry| {
            asking = entry.kind() == Some(ObjectType::Blob)
                && entry.name_bytes() == b".gitattributes"
                && asks_in_blob(repo, entry.id());
            if asking { TreeWalkResult::Abort } else { TreeWalkResult::Ok }
        });
        return if asking { Ok(true) } else { walk.map(|()| false).in_repo(what, repo) };
    };
    let old = tree_of(head).in_repo(what, repo)?;
    let diff = repo.diff_tree_to_tree(Some(&old), Some(&new), None).in_repo(what, repo)?;
    let asking = diff.deltas().any(|delta| {
        let file = delta.new_file();
        file.path_bytes().is_some_and(is_attributes) && asks_in_blob(repo, file.id())
    });
    Ok(asking)
}

fn is_attributes(path: &[u8]) -> bool {
    super::path(path).file_name() == Some(Path::new(".gitattributes").as_os_str())
}

fn asks_in_blob(repo: &Repository, id: Oid) -> bool {
    repo.find_blob(id).is_ok_and(|blob| asks(blob.content()))
}

/// Whether a file of attributes asks for what libgit2 does not do. Files in LFS are
/// fetched by a step of their own.
fn asks(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut words = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_ascii_whitespace);
    words.any(|word| match word.split_once('=') {
        Some(("filter", driver)) => driver != "lfs",
        Some((name, _)) => name == "working-tree-encoding",
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::asks;

    #[test]
    fn only_what_libgit2_does_not_do_needs_git() {
        for (text, expected) in [
            ("*.sec filter=rot diff=rot\n", true),
            ("[attr]secret filter=git-crypt\n", true),
            ("*.txt text working-tree-encoding=UTF-16 eol=lf\n", true),
            ("*.bin filter=lfs diff=lfs -text\n", false),
            ("# *.sec filter=rot\n*.txt text=auto eol=lf\n*.c -filter ident\n", false),
            ("", false),
        ] {
            assert_eq!(asks(text.as_bytes()), expected, "{text}");
        }
    }
}
