//! From what a script asks for to a commit that is in the repository.

use git2::{ErrorCode, Oid, Repository};

use super::error::{Error, MissingRef};
use super::reference::Reference;
use super::transport::{Link, RemoteRef, RemoteRefs};
use super::tree::{self, In};
use crate::error::near;
use crate::event::Event;

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

/// Where the tree should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub commit: Oid,
    /// For people: branch, tag or abbreviated commit.
    pub label: String,
    /// The branch to be on; `None` for a tag or commit.
    pub branch: Option<String>,
}

/// Finds what is asked for, bringing in only what is missing: one branch or
/// one tag, and nothing at all when the remote has nothing new.
pub(super) fn obtain(repo: &Repository, link: &Link, wanted: &Reference) -> Result<Target, Error> {
    if let Reference::Commit(hash) = wanted
        && let Some(commit) = find(repo, link, hash)?
    {
        return Ok(at_commit(commit));
    }
    link.reporter.report(Event::FetchStarted {
        service: link.service.to_owned(),
        url: link.url.to_string(),
    });
    let refs = link.list(&tree::root(repo))?;
    if refs.is_empty() {
        return Err(Error::Empty { url: link.url.to_string() });
    }
    match wanted {
        Reference::Default => match refs.default_branch() {
            Some(name) => branch(repo, link, &refs, name),
            None => Err(missing(link, &refs, wanted, HEADS)),
        },
        Reference::Branch(name) => branch(repo, link, &refs, name),
        Reference::Tag(name) => {
            let full = format!("{TAGS}{name}");
            let entry = refs.get(&full).ok_or_else(|| missing(link, &refs, wanted, TAGS))?;
            let commit = bring(repo, link, entry, &full)?;
            Ok(Target { commit, label: name.clone(), branch: None })
        }
        Reference::Commit(hash) => commit(repo, link, &refs, hash),
    }
}

fn branch(repo: &Repository, link: &Link, refs: &RemoteRefs, name: &str) -> Result<Target, Error> {
    let absent = || missing(link, refs, &Reference::Branch(name.to_owned()), HEADS);
    let entry = refs.get(&format!("{HEADS}{name}")).ok_or_else(absent)?;
    let commit = bring(repo, link, entry, &format!("refs/remotes/origin/{name}"))?;
    Ok(Target { commit, label: name.to_owned(), branch: Some(name.to_owned()) })
}

/// A commit by its hash: by the ref that shows it, or else by bringing in all
/// branches and tags, since servers need not give out a bare hash.
fn commit(repo: &Repository, link: &Link, refs: &RemoteRefs, hash: &str) -> Result<Target, Error> {
    let mut shown: Vec<&RemoteRef> =
        refs.iter().filter(|entry| entry.commit().to_string().starts_with(hash)).collect();
    shown.sort_by_key(|entry| (!entry.name.starts_with(HEADS), !entry.name.starts_with(TAGS)));
    if let Some(first) = shown.first() {
        if shown.iter().any(|entry| entry.commit() != first.commit()) {
            return Err(ambiguous(link, hash));
        }
        let local = match first.name.strip_prefix(HEADS) {
            Some(name) => format!("refs/remotes/origin/{name}"),
            None if first.name.starts_with(TAGS) => first.name.clone(),
            None => "refs/hero/fetched".to_owned(),
        };
        bring(repo, link, first, &local)?;
    } else {
        let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        link.fetch(&tree::root(repo), &all.map(str::to_owned))?;
    }
    let absent = || missing(link, refs, &Reference::Commit(hash.to_owned()), "");
    Ok(at_commit(find(repo, link, hash)?.ok_or_else(absent)?))
}

fn at_commit(commit: Oid) -> Target {
    Target { commit, label: short(commit), branch: None }
}

/// The first seven digits.
pub(super) fn short(commit: Oid) -> String {
    commit.to_string().chars().take(7).collect()
}

/// Fetches one ref unless it is here already; the commit it leads to.
fn bring(repo: &Repository, link: &Link, entry: &RemoteRef, local: &str) -> Result<Oid, Error> {
    let here = |id: Oid| repo.find_commit(id).is_ok();
    let known = repo.refname_to_id(local).is_ok_and(|id| id == entry.id);
    if !known || !here(entry.commit()) {
        link.fetch(&tree::root(repo), &[format!("+{}:{local}", entry.name)])?;
    }
    // A fetch of a ref that is gone by now succeeds and brings nothing.
    let reference = repo.find_reference(local).map_err(|_| Error::Git {
        action: "fetch",
        what: entry.name.clone(),
        reason: "the remote did not send it".to_owned(),
    })?;
    let commit = reference.peel_to_commit().map_err(|_| Error::Unsupported {
        url: link.url.to_string(),
        reason: format!("`{}` is not a commit", entry.name),
    })?;
    Ok(commit.id())
}

/// A commit that is here already.
fn find(repo: &Repository, link: &Link, hash: &str) -> Result<Option<Oid>, Error> {
    match repo.find_commit_by_prefix(hash) {
        Ok(commit) => Ok(Some(commit.id())),
        Err(error) if error.code() == ErrorCode::Ambiguous => Err(ambiguous(link, hash)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error).in_repo("look into", repo),
    }
}

fn ambiguous(link: &Link, hash: &str) -> Error {
    Error::Ambiguous { service: link.service.to_owned(), name: hash.to_owned() }
}

fn missing(link: &Link, refs: &RemoteRefs, wanted: &Reference, prefix: &str) -> Error {
    let mut names: Vec<&str> = match prefix {
        "" => Vec::new(),
        prefix => refs.names(prefix).collect(),
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
        service: link.service.to_owned(),
        option: wanted.option(),
        name: name.to_owned(),
        near,
        has,
        elsewhere,
    }))
}
