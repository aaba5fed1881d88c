//! From what a script asks for to a commit that is in the repository.

use git2::{ErrorCode, Oid, Repository};

use super::error::{Error, MissingRef};
use super::marker::Marker;
use super::reference::Reference;
use super::refusal::Cause;
use super::remote::{Remote, RemoteRef, RemoteRefs, oid};
use super::room;
use super::target::{Target, short};
use super::tree::{self, In};
use crate::error::near;

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";
const MIRROR: &str = "refs/remotes/origin/";

/// Where a commit is kept that no branch or tag of the remote shows.
const FETCHED: &str = "refs/hero/fetched";

/// Where refs of the remote are kept that are no branches or tags.
const OTHERS: &str = "refs/hero/upstream/";

/// Finds what is asked for, bringing in only what is missing: one branch or
/// one tag, and nothing at all when the remote has nothing new.
pub(super) fn obtain(
    repo: &Repository,
    remote: &Remote,
    wanted: &Reference,
) -> Result<Target, Error> {
    if let Reference::Commit(hash) = wanted
        && let Some(commit) = find(repo, remote.service, hash)?
    {
        return Ok(Target::commit(commit));
    }
    remote.announce();
    let root = tree::root(repo);
    let list = |patterns: &[&str]| remote.list(Some(&root), patterns);
    match wanted {
        Reference::Default => {
            let refs = list(&["HEAD"])?;
            if let (Some(name), Some(commit)) = (refs.head_branch(), refs.head()) {
                let name = name.to_owned();
                let id = RemoteRef { name: format!("{HEADS}{name}"), id: commit, peeled: None };
                return branch(repo, remote, &id, &name);
            }
            // A server that does not tell, or a HEAD that leads nowhere.
            let refs = list(&[])?;
            let name = refs.default_branch().ok_or_else(|| missing(remote, &refs, wanted))?;
            let entry = refs.get(&format!("{HEADS}{name}"));
            branch(repo, remote, entry.ok_or_else(|| missing(remote, &refs, wanted))?, name)
        }
        Reference::Branch(name) => {
            let full = format!("{HEADS}{name}");
            let refs = list(&[&full])?;
            match refs.get(&full) {
                Some(entry) => branch(repo, remote, entry, name),
                None => Err(missing(remote, &list(&[])?, wanted)),
            }
        }
        Reference::Tag(name) => {
            let full = format!("{TAGS}{name}");
            let refs = list(&[&full, &format!("{full}^{{}}")])?;
            match refs.get(&full) {
                Some(entry) => tag(repo, remote, entry, name),
                None => Err(missing(remote, &list(&[])?, wanted)),
            }
        }
        Reference::Ref(name) => {
            let refs = list(&[name])?;
            match refs.get(name) {
                Some(entry) => {
                    let (commit, previous) = bring(repo, remote, entry, &other(name))?;
                    let previous = previous.into_iter().collect();
                    Ok(Target { label: wanted.label(), previous, ..Target::commit(commit) })
                }
                None => Err(missing(remote, &list(&[])?, wanted)),
            }
        }
        Reference::Commit(hash) => commit(repo, remote, hash),
    }
}

/// Finds what is asked for among what was fetched before, without the remote.
pub(super) fn local(
    repo: &Repository,
    service: &str,
    wanted: &Reference,
    recorded: Option<&Marker>,
) -> Result<Option<Target>, Error> {
    let peel = |name: &str| {
        let reference = repo.find_reference(name).ok()?;
        reference.peel_to_commit().ok().map(|commit| commit.id())
    };
    let on = |name: &str| {
        let commit = peel(&format!("{MIRROR}{name}"))?;
        Some(Target {
            label: name.to_owned(),
            branch: Some(name.to_owned()),
            ..Target::commit(commit)
        })
    };
    Ok(match wanted {
        Reference::Branch(name) => on(name),
        Reference::Default => recorded.and_then(|it| it.default.as_deref()).and_then(on),
        Reference::Tag(name) => peel(&format!("{TAGS}{name}"))
            .map(|commit| Target { label: name.clone(), ..Target::commit(commit) }),
        Reference::Commit(hash) => find(repo, service, hash)?.map(Target::commit),
        Reference::Ref(name) => peel(&other(name))
            .map(|commit| Target { label: wanted.label(), ..Target::commit(commit) }),
    })
}

/// The local name of a remote's ref that is no branch or tag.
fn other(name: &str) -> String {
    format!("{OTHERS}{}", name.strip_prefix("refs/").unwrap_or(name))
}

fn branch(
    repo: &Repository,
    remote: &Remote,
    entry: &RemoteRef,
    name: &str,
) -> Result<Target, Error> {
    let (commit, previous) = bring(repo, remote, entry, &format!("{MIRROR}{name}"))?;
    let (label, branch) = (name.to_owned(), Some(name.to_owned()));
    Ok(Target { commit, label, branch, previous: previous.into_iter().collect() })
}

fn tag(repo: &Repository, remote: &Remote, entry: &RemoteRef, name: &str) -> Result<Target, Error> {
    let (commit, previous) = bring(repo, remote, entry, &entry.name)?;
    if let Some(before) = previous.filter(|before| *before != commit) {
        remote.warn(
            format!(
                "the tag `{name}` of `{}` was moved upstream: {} is now {}",
                remote.service,
                short(before),
                short(commit)
            ),
            Some(format!("to stay with the old one: commit: \"{before}\"")),
        );
    }
    let previous = previous.into_iter().collect();
    Ok(Target { commit, label: name.to_owned(), branch: None, previous })
}

/// A commit by its hash: asked for directly, by a ref that shows it, or else by
/// bringing in all branches and tags.
fn commit(repo: &Repository, remote: &Remote, hash: &str) -> Result<Target, Error> {
    if let Some(id) = oid(hash) {
        let entry = RemoteRef { name: hash.to_owned(), id, peeled: None };
        match bring(repo, remote, &entry, FETCHED) {
            Ok((commit, _)) => return Ok(Target::commit(commit)),
            // An old server hands out only what it shows.
            Err(error) if error.refusal().is_some_and(|it| it.cause == Cause::NoSuchRef) => {}
            Err(error) => return Err(error),
        }
    }
    let refs = remote.list(Some(&tree::root(repo)), &[])?;
    let mut shown: Vec<&RemoteRef> =
        refs.iter().filter(|entry| entry.commit().to_string().starts_with(hash)).collect();
    shown.sort_by_key(|entry| (!entry.name.starts_with(HEADS), !entry.name.starts_with(TAGS)));
    if let Some(first) = shown.first() {
        if shown.iter().any(|entry| entry.commit() != first.commit()) {
            return Err(ambiguous(remote.service, hash));
        }
        let local = match first.name.strip_prefix(HEADS) {
            Some(name) => format!("{MIRROR}{name}"),
            None if first.name.starts_with(TAGS) => first.name.clone(),
            None => FETCHED.to_owned(),
        };
        bring(repo, remote, first, &local)?;
    } else {
        let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        for entry in refs.iter() {
            if let Some(name) = entry.name.strip_prefix(HEADS) {
                room::for_mirror(repo, &format!("{MIRROR}{name}"), remote)?;
            }
        }
        remote.fetch(&tree::root(repo), &all.map(str::to_owned))?;
    }
    let absent = || missing(remote, &refs, &Reference::Commit(hash.to_owned()));
    Ok(Target::commit(find(repo, remote.service, hash)?.ok_or_else(absent)?))
}

/// Fetches one ref unless it is here already. Returns the commit it leads to, and
/// the one that it led to before.
fn bring(
    repo: &Repository,
    remote: &Remote,
    entry: &RemoteRef,
    local: &str,
) -> Result<(Oid, Option<Oid>), Error> {
    let here = |id: Oid| repo.find_commit(id).is_ok();
    let before = repo.find_reference(local).ok();
    let previous = before.as_ref().and_then(|it| it.peel_to_commit().ok()).map(|it| it.id());
    let known = repo.refname_to_id(local).is_ok_and(|id| id == entry.id);
    if !known || !here(entry.commit()) {
        room::for_mirror(repo, local, remote)?;
        remote.fetch(&tree::root(repo), &[format!("+{}:{local}", entry.name)])?;
    }
    // A fetch of a ref that is gone by now succeeds and brings nothing.
    let reference = repo.find_reference(local).map_err(|_| Error::Git {
        action: "fetch",
        what: entry.name.clone(),
        reason: "the remote did not send it".to_owned(),
    })?;
    let commit = reference.peel_to_commit().map_err(|_| Error::Unsupported {
        url: remote.url.to_string(),
        reason: format!("`{}` is not a commit", entry.name),
    })?;
    Ok((commit.id(), previous))
}

/// A commit that is here already.
fn find(repo: &Repository, service: &str, hash: &str) -> Result<Option<Oid>, Error> {
    match repo.find_commit_by_prefix(hash) {
        Ok(commit) => Ok(Some(commit.id())),
        Err(error) if error.code() == ErrorCode::Ambiguous => Err(ambiguous(service, hash)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        // Longer than a hash of this repository can be.
        Err(_)
            if hash.len()
                > repo
                    .head()
                    .ok()
                    .and_then(|it| it.target())
                    .map_or(64, |id| id.to_string().len()) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).in_repo("look into", repo),
    }
}

fn ambiguous(service: &str, hash: &str) -> Error {
    Error::Ambiguous { service: service.to_owned(), name: hash.to_owned() }
}

/// The error for a revision that the remote does not have, with what it has.
pub(super) fn missing(remote: &Remote, refs: &RemoteRefs, wanted: &Reference) -> Error {
    if refs.is_empty() {
        return Error::Empty { url: remote.url.to_string() };
    }
    let prefix = match wanted {
        Reference::Tag(_) => TAGS,
        Reference::Default | Reference::Branch(_) => HEADS,
        Reference::Ref(_) | Reference::Commit(_) => "",
    };
    let mut names: Vec<&str> = match wanted {
        Reference::Commit(_) => Vec::new(),
        _ => refs.names(prefix).collect(),
    };
    if prefix == TAGS {
        // The newest versions come last.
        names.reverse();
    }
    let name = if wanted.name().is_empty() { "HEAD" } else { wanted.name() };
    let near: Vec<String> = near(name, names.clone()).into_iter().map(str::to_owned).collect();
    let rest = names.into_iter().filter(|name| !near.iter().any(|near| near == name));
    let has = near.iter().map(String::as_str).chain(rest).take(8).map(str::to_owned).collect();
    let elsewhere = match prefix {
        HEADS => refs.get(&format!("{TAGS}{name}")).map(|_| "tag"),
        TAGS => refs.get(&format!("{HEADS}{name}")).map(|_| "branch"),
        _ => None,
    };
    Error::RefNotFound(Box::new(MissingRef {
        service: remote.service.to_owned(),
        option: wanted.option(),
        name: name.to_owned(),
        near,
        has,
        elsewhere,
    }))
}
