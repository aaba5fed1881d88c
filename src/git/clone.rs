//! The first checkout: made in a temporary folder beside its place, and put
//! there in one rename when it is whole.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions};

use super::error::Error;
use super::marker::Marker;
use super::reference::Reference;
use super::transport::Link;
use super::{Fetched, Mode, Options, classify, resolve, submodules, tree};
use crate::sys::fs;

/// Clones into the place of the checkout. `husk` is what an unfinished clone
/// left there, and goes when the new one stands.
pub(super) fn clone(
    options: &Options,
    wanted: &Reference,
    link: &Link,
    husk: Option<&Path>,
) -> Result<Fetched, Error> {
    let parent = fs::parent(options.path);
    fs::create_dir_all(parent)?;
    let temporary = fs::temporary_dir(parent, &prefix(link.service))?;
    let repo = init(temporary.path())?;
    tree::set_origin(&repo, options.url)?;
    let target = resolve::obtain(&repo, link, wanted)?;
    exclude(&repo, options.generated)?;
    tree::checkout_forcibly(&repo, target.commit)?;
    tree::set_head(&repo, target.commit, target.branch.as_deref())?;
    submodules::sync(&repo, link, &options.submodules, Mode::Reset)?;
    if link.cancel.is_cancelled() {
        return Err(Error::Interrupted { service: link.service.to_owned() });
    }
    Marker::new(options.url, wanted.clone(), &target).write(&repo)?;
    drop(repo);
    if let Some(husk) = husk {
        let aside = fs::temporary_dir(parent, &prefix(link.service))?;
        fs::rename(husk, &aside.path().join("husk"))?;
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

/// Tells git that files which builds make are nobody's edits, unless the
/// repository tracks them.
fn exclude(repo: &Repository, generated: &[&str]) -> Result<(), Error> {
    let lines = generated.iter().flat_map(|pattern| [pattern, "\n"]).collect::<String>();
    Ok(fs::write(&repo.path().join("info/exclude"), lines.as_bytes())?)
}

/// Removes what killed clones of this service left. The lock is ours, so
/// nobody is at work there.
pub(super) fn sweep(service: &str, path: &Path) -> Result<(), Error> {
    let prefix = prefix(service);
    for entry in fs::list(fs::parent(path))? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // `.a.tmp-b.tmp-XXXXXX` belongs to the service `a.tmp-b`.
        let ours = name.strip_prefix(&prefix).is_some_and(|rest| {
            rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if ours {
            fs::remove_dir_all(&entry)?;
        }
    }
    Ok(())
}

fn prefix(service: &str) -> String {
    format!(".{service}.tmp-")
}

fn init(path: &Path) -> Result<Repository, Error> {
    let mut options = RepositoryInitOptions::new();
    // The user's template may have hooks and settings meant for other work.
    options.external_template(false).no_reinit(true);
    Repository::init_opts(path, &options)
        .map_err(|error| classify::repository(&error, "create", path))
}
