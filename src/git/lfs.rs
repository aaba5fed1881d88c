//! Files in Git LFS: git has a pointer of a few lines, and `git lfs` the content.

use std::path::Path;

use git2::{AttrCheckFlags, Repository};
use sha2::{Digest, Sha256};

use super::error::Error;
use super::program::{self, Git, MARK, Prompt};
use super::remote::{Remote, Terminal};
use super::tree::{self, In};
use crate::sys::fs;
use crate::sys::process::Output;
use crate::sys::text::hex;

/// Longer files are no pointers; git-lfs has the same limit.
const LONGEST: usize = 1024;

/// Puts the content of files in LFS into the tree, if there are any and it is not
/// there yet.
///
/// # Errors
/// When `git lfs` is not installed or cannot get them.
pub(super) fn provide(repo: &Repository, remote: &Remote) -> Result<(), Error> {
    let missing = missing(repo)?;
    if missing.is_empty() {
        return Ok(());
    }
    remote.work.begin()?;
    let failed = |reason: &str, output: Option<&Output>| Error::Lfs {
        service: remote.service.to_owned(),
        reason: reason.to_owned(),
        missing: output.is_none(),
        details: match output {
            None => missing.iter().take(5).cloned().collect(),
            Some(output) => {
                let files = format!(
                    "files: {}",
                    missing.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
                );
                words(&output.stderr).into_iter().chain([files]).collect()
            }
        },
    };
    if !call(repo, remote, Prompt::Never, &["lfs", "version"])?.status.success() {
        return Err(failed("`git lfs` is not installed", None));
    }
    // So that the user's own git takes the content for what it is, too.
    for (prompt, args) in [
        (Prompt::Never, &["lfs", "install", "--local", "--skip-repo", "--force"][..]),
        (remote.prompt, &["lfs", "fetch", "origin", "HEAD"]),
        (Prompt::Never, &["lfs", "checkout"]),
    ] {
        let terminal = (prompt == Prompt::Terminal).then(|| Terminal::take(remote));
        let output = call(repo, remote, prompt, args)?;
        drop(terminal);
        if !output.status.success() {
            return Err(failed("their content could not be fetched", Some(&output)));
        }
    }
    // Done in the same second as the checkout, a change may go unseen otherwise.
    if self::missing(repo)?.is_empty() {
        return Ok(());
    }
    Err(failed("`git lfs checkout` left some out", None))
}

/// Whether a file of the tree differs from git's content only in that it is the
/// content behind the pointer.
pub(super) fn is_content(repo: &Repository, path: &Path) -> bool {
    let Some(pointer) = pointer(repo, path) else { return false };
    let file = tree::root(repo).join(path);
    fs::metadata(&file).is_ok_and(|data| data.len() == pointer.size)
        && fs::read(&file).is_ok_and(|content| hex(&Sha256::digest(&content)) == pointer.hash)
}

/// The files whose pointers lie in the tree.
fn missing(repo: &Repository) -> Result<Vec<String>, Error> {
    let index = repo.index().in_repo("read the index of", repo)?;
    if !uses_lfs(repo, &index) {
        return Ok(Vec::new());
    }
    let root = tree::root(repo);
    let is_missing = |path: &String| {
        let file = root.join(path);
        let short = fs::link_metadata(&file)
            .is_ok_and(|data| data.is_file() && data.len() < LONGEST as u64);
        short
            && is_filtered(repo, Path::new(path))
            && fs::read(&file).is_ok_and(|it| Pointer::parse(&it).is_some())
    };
    let paths = index.iter().map(|entry| String::from_utf8_lossy(&entry.path).into_owned());
    Ok(paths.filter(is_missing).collect())
}

/// Whether any `.gitattributes` of the tree speaks of LFS.
fn uses_lfs(repo: &Repository, index: &git2::Index) -> bool {
    let is_attributes =
        |path: &[u8]| path == b".gitattributes" || path.ends_with(b"/.gitattributes");
    index.iter().filter(|entry| is_attributes(&entry.path)).any(|entry| {
        let blob = repo.find_blob(entry.id);
        blob.is_ok_and(|blob| blob.content().windows(10).any(|part| part == b"filter=lfs"))
    })
}

fn is_filtered(repo: &Repository, path: &Path) -> bool {
    repo.get_attr(path, "filter", AttrCheckFlags::default()).ok().flatten() == Some("lfs")
}

/// What git has of a file in LFS.
struct Pointer {
    hash: String,
    size: u64,
}

impl Pointer {
    fn parse(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok().filter(|text| text.len() < LONGEST)?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        value("version ").filter(|version| version.contains("git-lfs"))?;
        let (hash, size) = (value("oid sha256:")?, value("size ")?);
        Some(Self { hash: hash.trim().to_owned(), size: size.trim().parse().ok()? })
    }
}

fn pointer(repo: &Repository, path: &Path) -> Option<Pointer> {
    let index = repo.index().ok()?;
    let entry = index.get_path(path, 0).filter(|_| is_filtered(repo, path))?;
    Pointer::parse(repo.find_blob(entry.id).ok()?.content())
}

/// Runs git in the checkout with hero's tokens at hand.
fn call(
    repo: &Repository,
    remote: &Remote,
    prompt: Prompt,
    args: &[&str],
) -> Result<Output, Error> {
    let git = Git::find(remote.cancel)?;
    let root = tree::root(repo);
    let cmd = git.command(Some(&root), prompt).args(args.iter().copied());
    let cmd = cmd.env(MARK, remote.work.checkout()).env("GIT_LFS_SKIP_SMUDGE", "0");
    let cmd = cmd.env("GIT_LFS_FORCE_PROGRESS", "1");
    let (cmd, _lent) = match remote.hand_over() {
        Some(tokens) => {
            let (cmd, lent) = program::lend_tokens(cmd, &tokens)?;
            (cmd, Some(lent))
        }
        None => (cmd, None),
    };
    cmd.output(remote.cancel).map_err(|error| program::failed(remote.service, error))
}

/// The lines that say what went wrong, without progress.
fn words(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr).replace('\r', "\n");
    let lines = text.lines().map(str::trim);
    let mut lines: Vec<String> = lines
        .filter(|line| !line.is_empty() && !line.contains("% ("))
        .map(crate::sys::redact::redact)
        .collect();
    lines.dedup();
    lines.truncate(5);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_told_from_other_short_files() {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n";
        let pointer = Pointer::parse(text.as_bytes()).unwrap();
        assert_eq!((pointer.hash.as_str(), pointer.size), ("abc", 12));
        for text in ["", "version 1\noid sha256:abc\nsize 12\n", "oid sha256:abc\nsize 1\n"] {
            assert!(Pointer::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
