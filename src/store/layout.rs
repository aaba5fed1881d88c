//! Where things lie in an install root, and whose they are.

use std::path::{Path, PathBuf};

use crate::sys::dirs::Root;
use crate::sys::fs;
use crate::sys::name::Name;

/// Prefix of folders in which a generation is put together.
pub(super) const STAGING: &str = ".staging-";
/// Prefix of folders that are being deleted.
pub(super) const REMOVED: &str = ".removed-";
/// Prefix of folders that `current/` leads to while strangers' files give way.
pub(super) const BRIDGE: &str = ".bridge-";
/// Prefix of links and files that will be renamed to their place.
pub(super) const ASIDE: &str = ".hero-aside-";

/// Prefix of files that `fs::write` renames to their places.
pub(super) const TEMPORARY: &str = ".hero-";

/// The paths of an install root.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: Root,
}

/// Who put a path into `bin/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nothing is there.
    Nobody,
    /// A link that hero made for this service, which has the binary.
    Service(Name),
    /// A link that hero made for this service, which leads nowhere now.
    Stale(Name),
    /// Somebody else's file or link.
    Stranger,
    /// Somebody else's folder.
    StrangersFolder,
}

/// A link in `bin/` that hero made.
#[derive(Debug, Clone)]
pub(super) struct OwnLink {
    pub(crate) path: PathBuf,
    pub(crate) service: Name,
    pub(crate) bin: Name,
}

impl Layout {
    pub(crate) fn new(root: Root) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn system(&self) -> bool {
        self.root.system
    }

    pub(crate) fn bin(&self) -> &Path {
        &self.root.bin
    }

    pub(crate) fn store(&self) -> &Path {
        &self.root.store
    }

    pub(crate) fn current(&self) -> &Path {
        &self.root.current
    }

    /// Lock files of those who change this root.
    pub(crate) fn locks(&self) -> &Path {
        &self.root.locks
    }

    /// Strangers' files that had to give way.
    pub(crate) fn replaced(&self) -> PathBuf {
        fs::parent(&self.root.store).join("replaced")
    }

    pub(crate) fn service(&self, service: &Name) -> PathBuf {
        self.root.store.join(service)
    }

    pub(crate) fn generation(&self, service: &Name, generation: &str) -> PathBuf {
        self.service(service).join(generation)
    }

    pub(crate) fn current_link(&self, service: &Name) -> PathBuf {
        self.root.current.join(service)
    }

    pub(crate) fn bin_link(&self, bin: &Name) -> PathBuf {
        self.root.bin.join(bin)
    }

    pub(crate) fn bin_links<'a>(&self, bins: impl IntoIterator<Item = &'a Name>) -> Vec<PathBuf> {
        bins.into_iter().map(|bin| self.bin_link(bin)).collect()
    }

    /// What a link in `bin/` must say.
    pub(crate) fn bin_target(&self, service: &Name, bin: &Name) -> PathBuf {
        self.current_link(service).join("bin").join(bin)
    }

    /// The mode of folders that hero makes here; a system root must be open
    /// to everybody, whatever root's umask is.
    pub(crate) fn folder_mode(&self) -> Option<u32> {
        self.root.system.then_some(0o755)
    }

    /// Makes one of the folders of the root.
    pub(crate) fn make(&self, folder: &Path) -> fs::Result<()> {
        fs::create_dir_all_durably(folder, self.folder_mode())
    }

    /// The generation that `current/<service>` names, whether it exists or not.
    /// A link that cannot be read is an error: nobody may take what is current
    /// for something else.
    pub(crate) fn current_generation(&self, service: &Name) -> fs::Result<Option<String>> {
        let Some(target) = fs::link_target(&self.current_link(service))? else { return Ok(None) };
        let generation = name("generation", &target).map(|name| name.to_string());
        let ours = target.parent().is_some_and(|it| same_folder(it, &self.service(service)));
        Ok(generation.filter(|_| ours))
    }

    /// Services that have a folder in the store or a link in `current/`, by name.
    pub(crate) fn services(&self) -> fs::Result<Vec<Name>> {
        let stored = fs::list(&self.root.store)?.into_iter().filter(|path| may_be_folder(path));
        let current = fs::list(&self.root.current)?;
        let mut names: Vec<Name> =
            stored.chain(current).filter_map(|path| name("service", &path)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The folders of a service's generations, by name, which begins with the
    /// time.
    pub(crate) fn generations(&self, service: &Name) -> fs::Result<Vec<(String, PathBuf)>> {
        let folders = fs::list(&self.service(service))?.into_iter().filter(|it| may_be_folder(it));
        Ok(folders
            .filter_map(|path| Some((name("generation", &path)?.to_string(), path)))
            .collect())
    }

    /// Who put the link of this binary where it is. What cannot be looked at is
    /// an error: it might be a stranger's.
    pub(crate) fn owner(&self, bin: &Name) -> fs::Result<Owner> {
        let path = self.bin_link(bin);
        let Some(kind) = fs::kind(&path)? else { return Ok(Owner::Nobody) };
        Ok(match self.own(&path)? {
            Some(link) if leads_nowhere(&path) => Owner::Stale(link.service),
            Some(link) => Owner::Service(link.service),
            None if kind.is_dir() => Owner::StrangersFolder,
            None => Owner::Stranger,
        })
    }

    /// All links in `bin/` that hero made.
    pub(crate) fn own_links(&self) -> fs::Result<Vec<OwnLink>> {
        let paths = fs::list(&self.root.bin)?;
        paths.iter().filter_map(|path| self.own(path).transpose()).collect()
    }

    /// The links in `bin/` that hero made for this service.
    pub(crate) fn links_of(&self, service: &Name) -> fs::Result<Vec<OwnLink>> {
        let mut links = self.own_links()?;
        links.retain(|link| link.service == *service);
        Ok(links)
    }

    /// Reads a path in `bin/` as hero's own link: `current/<service>/bin/<name>`
    /// of this root, under its own name. Anything else is a stranger's.
    pub(crate) fn own(&self, path: &Path) -> fs::Result<Option<OwnLink>> {
        Ok(fs::link_target(path)?.and_then(|target| self.parse(path, &target)))
    }

    fn parse(&self, path: &Path, target: &Path) -> Option<OwnLink> {
        let bin = name("binary", target)?;
        let folder = target.parent()?;
        let link = folder.parent()?;
        let service = name("service", link)?;
        let ours = folder.file_name()? == "bin"
            && path.file_name()? == bin.as_str()
            && same_folder(link.parent()?, &self.root.current);
        ours.then(|| OwnLink { path: path.to_owned(), service, bin })
    }
}

/// Whether a link's target certainly does not exist; a target that may not be
/// looked at might.
pub(super) fn leads_nowhere(link: &Path) -> bool {
    fs::metadata(link).is_err_and(|error| error.source.kind() == std::io::ErrorKind::NotFound)
}

/// Whether the last part of a path begins so.
pub(super) fn has_prefix(path: &Path, prefix: &str) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix))
}

/// Everything but what is known to be something else.
fn may_be_folder(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |data| data.is_dir())
}

fn name(what: &'static str, path: &Path) -> Option<Name> {
    Name::new(what, path.file_name()?.to_str()?).ok()
}

/// The same folder, also by way of a link, such as a home that is one.
pub(super) fn same_folder(a: &Path, b: &Path) -> bool {
    a == b || matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
