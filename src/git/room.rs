//! Room for a ref: git keeps `a` as a file and `a/b` in a folder, so that there is
//! never both. What is in the way is moved before a tree or a ref is touched.

use std::path::Path;

use git2::{Oid, Repository};

use super::error::Error;
use super::keep;
use super::remote::Remote;
use super::tree::In;

/// Makes room for `name` among the refs that mirror a remote's: those in the way
/// are gone there, or the name could not be. A tag of the user's own is kept.
pub(super) fn for_mirror(repo: &Repository, name: &str, remote: &Remote) -> Result<(), Error> {
    for other in conflicts(repo, name)? {
        remote.work.begin()?;
        if other.starts_with("refs/tags/") {
            keep_ref(repo, &other, remote)?;
        }
        delete(repo, &other)?;
    }
    Ok(())
}

/// The local branches that leave no room for this one, the one of HEAD included.
pub(super) fn branches_in_the_way(repo: &Repository, branch: &str) -> Result<Vec<String>, Error> {
    let names = conflicts(repo, &format!("refs/heads/{branch}"))?;
    Ok(names
        .iter()
        .filter_map(|name| name.strip_prefix("refs/heads/"))
        .map(str::to_owned)
        .collect())
}

/// Makes room for a local branch. Branches in the way without commits of their own
/// are moved aside; `force` moves others too.
pub(super) fn for_branch(
    repo: &Repository,
    branch: &str,
    (service, path): (&str, &Path),
    force: bool,
    warn: &mut dyn FnMut(String, String),
) -> Result<(), Error> {
    for other in branches_in_the_way(repo, branch)? {
        let name = format!("refs/heads/{other}");
        let id = repo.refname_to_id(&name).in_repo("read the branches of", repo)?;
        if !force && !keep::is_on_the_remote(repo, id)? {
            return Err(Error::BranchInTheWay {
                service: service.to_owned(),
                path: path.to_owned(),
                branch: other,
                wanted: branch.to_owned(),
            });
        }
        let head = repo.find_reference("HEAD").in_repo("read HEAD of", repo)?;
        if head.symbolic_target().ok().flatten() == Some(name.as_str()) {
            repo.set_head_detached(id).in_repo("check out", repo)?;
        }
        let kept = kept(repo, &other, id)?;
        delete(repo, &name)?;
        warn(
            format!(
                "moved the local branch `{other}` of `{service}` to {kept}, to make room for `{branch}`"
            ),
            format!(
                "git -C {} branch {other}-old {kept}",
                shell_words::quote(&path.to_string_lossy())
            ),
        );
    }
    Ok(())
}

/// The refs that cannot be there together with `name`.
fn conflicts(repo: &Repository, name: &str) -> Result<Vec<String>, Error> {
    let what = "read the refs of";
    let mut found = Vec::new();
    for reference in repo.references_glob(&format!("{name}/*")).in_repo(what, repo)?.flatten() {
        found.extend(reference.name().ok().map(str::to_owned));
    }
    let mut rest = name;
    while let Some((above, _)) = rest.rsplit_once('/') {
        if repo.find_reference(above).is_ok() {
            found.push(above.to_owned());
        }
        rest = above;
    }
    Ok(found)
}

fn keep_ref(repo: &Repository, name: &str, remote: &Remote) -> Result<(), Error> {
    let id = repo.refname_to_id(name).in_repo("read the refs of", repo)?;
    let short = name.trim_start_matches("refs/tags/");
    let kept = kept(repo, short, id)?;
    let message =
        format!("moved the tag `{short}` of `{}` to {kept}: it is gone upstream", remote.service);
    remote.warn(message, None);
    Ok(())
}

/// Keeps a commit under a ref of hero's own.
fn kept(repo: &Repository, name: &str, id: Oid) -> Result<String, Error> {
    let kept = keep::free_name(repo, &name.replace('/', "-"));
    repo.reference(&kept, id, false, "hero: made room").in_repo("keep the refs of", repo)?;
    Ok(kept)
}

fn delete(repo: &Repository, name: &str) -> Result<(), Error> {
    let mut reference = repo.find_reference(name).in_repo("read the refs of", repo)?;
    reference.delete().in_repo("remove a ref of", repo)
}
