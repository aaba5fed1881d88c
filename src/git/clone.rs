//! The first checkout: made in a temporary folder beside its place, and put
//! there in one rename when it is whole.

use std::path::Path;

use git2::{ObjectFormat, Repository, RepositoryInitOptions};

use super::error::Error;
use super::marker::Marker;
use super::native::Caller;
use super::options::{Fetched, Mode, Options};
use super::reference::Reference;
use super::refusal::Cause;
use super::remote::{Remote, oid};
use super::target::Target;
use super::tree::In;
use super::{checkout, classify, lfs, recovery, resolve, submodules, tree};
use crate::sys::fs;

/// Clones into the place of the checkout. `incomplete` is an unfinished clone that
/// lies there, and goes when the new one stands.
pub(super) fn clone(
    options: &Options,
    wanted: &Reference,
    remote: &Remote,
    incomplete: Option<&Path>,
) -> Result<Fetched, Error> {
    let parent = fs::parent(options.path);
    fs::create_dir_all(parent)?;
    let temporary = fs::temporary_dir(parent, &prefix(remote.service))?;
    let (repo, target, is_checked_out) = obtain(temporary.path(), remote, wanted)?;
    recovery::tidy(repo.path())?;
    configure(&repo, options)?;
    exclude(&repo, options.generated)?;
    if !is_checked_out {
        checkout::checkout_forcibly(&repo, target.commit, Caller::new(remote))?;
        tree::set_head(&repo, target.commit, target.branch.as_deref())?;
    }
    lfs::provide(&repo, remote)?;
    submodules::sync(&repo, remote, &options.submodules, Mode::Reset)?;
    if remote.cancel.is_cancelled() {
        return Err(Error::Interrupted { service: remote.service.to_owned() });
    }
    Marker::new(options.url, wanted.clone(), &target).write(&repo)?;
    drop(repo);
    if let Some(incomplete) = incomplete {
        let aside = fs::temporary_dir(parent, &prefix(remote.service))?;
        fs::rename(incomplete, &aside.path().join("incomplete"))?;
        fs::rename(temporary.path(), options.path)?;
    } else {
        fs::rename(temporary.path(), options.path)?;
    }
    // It is no longer where it would be deleted on drop.
    let _moved = temporary.keep();
    fs::sync_dir(parent)?;
    Ok(Fetched {
        path: options.path.to_owned(),
        commit: target.commit.to_string(),
        reference: target.label,
        changed: true,
        cloned: true,
        dirty: false,
        kept: None,
    })
}

/// Makes the repository with what is wanted in it; whether that is checked out.
fn obtain(
    path: &Path,
    remote: &Remote,
    wanted: &Reference,
) -> Result<(Repository, Target, bool), Error> {
    let name = match wanted {
        Reference::Default => None,
        Reference::Branch(name) | Reference::Tag(name) => Some(name.as_str()),
        Reference::Commit(_) | Reference::Ref(_) => {
            let repo = init(path, hash_of(remote, wanted)?)?;
            let target = resolve::obtain(&repo, remote, wanted)?;
            return Ok((repo, target, false));
        }
    };
    remote.announce();
    let cloned = remote.clone(path, name);
    if let Err(error) = cloned {
        let absent = error.refusal().is_some_and(|refusal| refusal.cause == Cause::NoSuchRef);
        return Err(if absent {
            resolve::missing(remote, &remote.list(None, &[])?, wanted)
        } else {
            error
        });
    }
    let repo = tree::open(path)?;
    if let Some(target) = cloned_target(&repo, wanted)? {
        return Ok((repo, target, true));
    }
    // An empty repository, a HEAD that leads nowhere, a tag named like a branch.
    let target = resolve::obtain(&repo, remote, wanted)?;
    Ok((repo, target, false))
}

/// Where a clone is, if that is what was asked for.
fn cloned_target(repo: &Repository, wanted: &Reference) -> Result<Option<Target>, Error> {
    let head = tree::head(repo)?;
    let Some(commit) = head.commit.filter(|_| fs::exists(&repo.path().join("index"))) else {
        return Ok(None);
    };
    // On a broken disk git has been seen to end well without having checked anything out.
    let what = "compare the files of";
    let tree = repo.find_commit(commit).and_then(|commit| commit.tree()).in_repo(what, repo)?;
    let missing = repo.diff_tree_to_index(Some(&tree), None, None).in_repo(what, repo)?;
    if missing.deltas().len() > 0 {
        return Ok(None);
    }
    let at = Target::commit(commit);
    Ok(match (wanted, head.branch) {
        (Reference::Default, Some(branch)) => {
            Some(Target { label: branch.clone(), branch: Some(branch), ..at })
        }
        (Reference::Branch(name), Some(branch)) if *name == branch => {
            Some(Target { label: branch.clone(), branch: Some(branch), ..at })
        }
        (Reference::Tag(name), None) => {
            let there = repo.find_reference(&format!("refs/tags/{name}")).is_ok();
            there.then(|| Target { label: name.clone(), ..at })
        }
        _ => None,
    })
}

/// Lets a later fetch of the user's see all branches and tags, as after any clone.
fn configure(repo: &Repository, options: &Options) -> Result<(), Error> {
    let mut config = repo.config().in_repo("configure", repo)?;
    config.set_str("remote.origin.url", options.url.as_str()).in_repo("configure", repo)?;
    // `git clone --single-branch` has named one branch.
    let all = "+refs/heads/*:refs/remotes/origin/*";
    config.remove_multivar("remote.origin.fetch", ".*").ok();
    config.set_str("remote.origin.fetch", all).in_repo("configure", repo)?;
    config.remove("remote.origin.tagOpt").ok();
    Ok(())
}

/// Tells git that files which builds make are not edits, unless the repository
/// tracks them.
fn exclude(repo: &Repository, generated: &[&str]) -> Result<(), Error> {
    let lines = generated.iter().flat_map(|pattern| [pattern, "\n"]).collect::<String>();
    let folder = repo.path().join("info");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(&folder.join("exclude"), lines.as_bytes())?)
}

/// Removes what killed clones of this service left, and ends a git that may still
/// write there. The caller holds the lock.
pub(super) fn sweep(service: &str, path: &Path) -> Result<(), Error> {
    let prefix = prefix(service);
    let mut ended = false;
    for entry in fs::list(fs::parent(path))? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // `.a.tmp-b.tmp-XXXXXX` belongs to the service `a.tmp-b`.
        let ours = name.strip_prefix(&prefix).is_some_and(|rest| {
            rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if ours {
            if !ended {
                recovery::end_orphans(path);
                ended = true;
            }
            fs::remove_dir_all(&entry)?;
        }
    }
    Ok(())
}

fn prefix(service: &str) -> String {
    format!(".{service}.tmp-")
}

/// The kind of hashes that the remote has: that of a whole hash, or what it shows.
fn hash_of(remote: &Remote, wanted: &Reference) -> Result<ObjectFormat, Error> {
    if let Reference::Commit(hash) = wanted
        && let Some(id) = oid(hash)
    {
        return Ok(id.object_format());
    }
    let refs = remote.list(None, &[])?;
    let first = refs.iter().next().map(|entry| entry.id.object_format());
    Ok(first.unwrap_or(ObjectFormat::Sha1))
}

fn init(path: &Path, hashes: ObjectFormat) -> Result<Repository, Error> {
    let mut options = RepositoryInitOptions::new();
    // The user's template may have hooks and settings meant for other work.
    options.external_template(false).no_reinit(true).object_format(hashes);
    Repository::init_opts(path, &options)
        .map_err(|error| classify::repository(&error, "create", path))
}
