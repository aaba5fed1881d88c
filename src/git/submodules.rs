//! Submodules: each fetched like a checkout of its own, from where its parent
//! may send us and nowhere else.

use std::path::Path;

use git2::{Oid, Repository, Submodule};

use super::error::Error;
use super::marker::Marker;
use super::moving::Moving;
use super::native::{self, Caller};
use super::options::{Mode, Submodules};
use super::recovery::Work;
use super::reference::Reference;
use super::remote::Remote;
use super::tree::{self, In};
use super::update::CheckoutState;
use super::url::{RemoteUrl, Scheme};
use super::{checkout, lfs, resolve};
use crate::error::nearest;

/// Submodules of submodules, at most this deep.
const DEPTH: usize = 8;

/// Puts the wanted submodules at the commits that the tree names; whether any
/// of them moved.
pub(super) fn sync(
    repo: &Repository,
    remote: &Remote,
    wanted: &Submodules,
    mode: Mode,
) -> Result<bool, Error> {
    descend(repo, remote, wanted, mode, 0)
}

fn descend(
    repo: &Repository,
    remote: &Remote,
    wanted: &Submodules,
    mode: Mode,
    depth: usize,
) -> Result<bool, Error> {
    if *wanted == Submodules::None {
        return Ok(false);
    }
    let mut all = repo.submodules().in_repo("read the submodules of", repo)?;
    // A section of .gitmodules without a commit in the tree is none.
    all.retain(|submodule| commit_of(submodule).is_some());
    // As for git, a commit in the tree without such a section is none either.
    if *wanted == Submodules::All {
        all.retain(|submodule| has_section(repo, submodule));
    }
    let paths: Vec<String> =
        all.iter().map(|submodule| submodule.path().to_string_lossy().into_owned()).collect();
    let chosen: Vec<&str> = match wanted {
        Submodules::Only(names) => names.iter().map(|name| name.trim_matches('/')).collect(),
        _ => paths.iter().map(String::as_str).collect(),
    };
    if let Some(unknown) = chosen.iter().find(|name| !paths.iter().any(|path| path == *name)) {
        return Err(Error::NoSubmodule {
            service: remote.service.to_owned(),
            path: (*unknown).to_owned(),
            near: nearest(unknown, paths.iter().map(String::as_str)).map(str::to_owned),
            has: paths,
        });
    }
    let mut moved = false;
    for (submodule, path) in all.iter_mut().zip(&paths) {
        if chosen.contains(&path.as_str()) {
            moved |= one(repo, submodule, remote, mode, depth).map_err(|error| match error {
                error @ (Error::SubmoduleDenied { .. } | Error::Interrupted { .. }) => error,
                error => Error::Submodule { path: path.clone(), source: Box::new(error) },
            })?;
        }
    }
    Ok(moved)
}

fn one(
    parent: &Repository,
    submodule: &mut Submodule,
    remote: &Remote,
    mode: Mode,
    depth: usize,
) -> Result<bool, Error> {
    let path = tree::root(parent).join(submodule.path());
    let refuse = |reason: &str| Error::Git {
        action: "use the submodule at",
        what: path.display().to_string(),
        reason: reason.to_owned(),
    };
    if depth >= DEPTH {
        return Err(refuse("submodules lie too deep in each other"));
    }
    if has_link(&tree::root(parent), submodule.path()) {
        return Err(refuse("a symbolic link is on the way to it"));
    }
    let text = submodule
        .url()
        .ok()
        .flatten()
        .ok_or_else(|| refuse("it has no URL, or none that git would use"))?;
    let url = remote.url.join(text)?;
    if !may_lead_to(remote.url, &url) {
        let path = submodule.path().to_string_lossy().into_owned();
        return Err(Error::SubmoduleDenied { path, url: url.to_string() });
    }
    let commit = commit_of(submodule).ok_or_else(|| refuse("it has no commit"))?;
    let repo = open(parent, submodule, &url, remote.work)?;
    let caller = Caller::new(remote);
    native::ensure_readable(&repo, caller)?;
    let inner = remote.to(&url);
    let before = tree::head(&repo)?;
    let recorded = Marker::read(&repo);
    let wanted = Reference::Commit(commit.to_string());
    let state = CheckoutState { path: &path, recorded: recorded.as_ref(), caller };
    let interrupted = Moving::read(&repo).is_some();
    if before.commit != Some(commit) || mode == Mode::Reset || interrupted {
        remote.work.begin()?;
        Moving::mend(&repo, caller)?;
        let target = resolve::obtain(&repo, &inner, &wanted)?;
        let marker = Marker::new(&url, wanted, &target);
        if before.commit.is_none() {
            checkout::checkout_forcibly(&repo, commit, caller)?;
            tree::set_head(&repo, commit, None)?;
        } else if mode == Mode::Reset {
            checkout::ensure_nothing_nested(&repo, caller)?;
            let moving = Moving::new(mode, &target, marker.clone());
            moving.perform(&repo, &state, remote.reporter)?;
            Moving::finish(&repo)?;
        } else {
            tree::ensure_idle(&repo)?;
            let moving = Moving::new(Mode::Update, &target, marker.clone());
            moving.perform(&repo, &state, remote.reporter)?;
            Moving::finish(&repo)?;
        }
        lfs::provide(&repo, &inner)?;
        marker.write(&repo)?;
    }
    let moved = tree::head(&repo)? != before;
    Ok(descend(&repo, &inner, &Submodules::All, mode, depth + 1)? || moved)
}

/// The submodule's repository, made if there is none. Its address is written
/// without credentials, and only after it was allowed.
fn open(
    parent: &Repository,
    submodule: &mut Submodule,
    url: &RemoteUrl,
    work: &Work,
) -> Result<Repository, Error> {
    if let Ok(repo) = submodule.open() {
        return Ok(repo);
    }
    work.begin()?;
    let name = submodule.name().in_repo("read the submodules of", parent)?.to_owned();
    let mut config = parent.config().in_repo("configure", parent)?;
    config.set_str(&format!("submodule.{name}.url"), url.as_str()).in_repo("configure", parent)?;
    submodule.reload(true).in_repo("read the submodules of", parent)?;
    let repo = submodule.repo_init(true).in_repo("create a submodule of", parent)?;
    checkout::set_origin(&repo, url, work)?;
    Ok(repo)
}

fn commit_of(submodule: &Submodule) -> Option<Oid> {
    submodule.index_id().or(submodule.head_id())
}

/// Whether `.gitmodules` has a section for it.
fn has_section(repo: &Repository, submodule: &Submodule) -> bool {
    let Ok(name) = submodule.name() else { return true };
    let status = repo.submodule_status(name, git2::SubmoduleIgnore::All);
    status.is_ok_and(|status| status.is_in_config())
}

/// Whether a repository from `parent` may name `child` as its submodule. Who
/// writes a `.gitmodules` file must not make us read this machine's files or
/// talk in the clear.
fn may_lead_to(parent: &RemoteUrl, child: &RemoteUrl) -> bool {
    let open = |url: &RemoteUrl| matches!(url.scheme(), Scheme::Git | Scheme::Http);
    match child.scheme() {
        Scheme::Https | Scheme::Ssh => true,
        Scheme::Git | Scheme::Http => open(parent) || parent.is_local(),
        Scheme::Local => parent.is_local(),
    }
}

fn has_link(root: &Path, path: &Path) -> bool {
    path.ancestors()
        .filter(|step| !step.as_os_str().is_empty())
        .any(|step| root.join(step).is_symlink())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_leads_only_where_it_may() {
        for (parent, child, expected) in [
            ("https://h/a", "https://other/b", true),
            ("https://h/a", "ssh://other/b", true),
            ("https://h/a", "http://h/b", false),
            ("https://h/a", "git://h/b", false),
            ("https://h/a", "/srv/b", false),
            ("https://h/a", "file:///srv/b", false),
            ("git@h:a", "file:///srv/b", false),
            ("git://h/a", "git://h/b", true),
            ("git://h/a", "/srv/b", false),
            ("/srv/a", "/srv/b", true),
        ] {
            let parse = |text| RemoteUrl::parse(text).unwrap();
            assert_eq!(may_lead_to(&parse(parent), &parse(child)), expected, "{parent} {child}");
        }
        let parent = RemoteUrl::parse("https://h/a").unwrap();
        assert!(parent.join("ext::sh -c id").is_err());
    }
}
