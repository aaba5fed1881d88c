//! A repository to fetch from, and a place to fetch to.

use std::path::{Path, PathBuf};

use git2::{Oid, Repository, RepositoryInitOptions, Signature};

use crate::event::{Event, Recorder};
use crate::git::error::Error;
use crate::git::{
    Credentials, Fetched, Mode, Options, Prompt, Reference, RemoteUrl, Submodules, fetch,
};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

/// A repository whose working tree is committed as a whole.
pub(crate) struct Upstream {
    pub repo: Repository,
    pub path: PathBuf,
}

impl Upstream {
    /// On the branch `main`, with one commit of `a.txt` and `b.txt`.
    pub(crate) fn new(path: &Path) -> Self {
        let mut options = RepositoryInitOptions::new();
        options.external_template(false).initial_head("main");
        let repo = Repository::init_opts(path, &options).unwrap();
        let upstream = Self { repo, path: path.to_owned() };
        upstream.commit(&[("a.txt", "a one\n"), ("b.txt", "b one\n")]);
        upstream
    }

    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> Oid {
        commit(&self.repo, files)
    }

    pub(crate) fn branch(&self, name: &str) {
        let head = self.repo.head().unwrap().peel_to_commit().unwrap();
        self.repo.branch(name, &head, true).unwrap();
    }

    /// Moves HEAD and the tree to a branch.
    pub(crate) fn switch(&self, name: &str) {
        self.repo.set_head(&format!("refs/heads/{name}")).unwrap();
        let mut options = git2::build::CheckoutBuilder::new();
        options.force().remove_untracked(true);
        self.repo.checkout_head(Some(&mut options)).unwrap();
    }

    pub(crate) fn tag(&self, name: &str, to: Oid) {
        let commit = self.repo.find_object(to, None).unwrap();
        self.repo.tag(name, &commit, &signature(), "tag", true).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        self.path.display().to_string()
    }
}

/// Writes files and commits everything that lies in the tree; an empty text
/// removes the file.
pub(crate) fn commit(repo: &Repository, files: &[(&str, &str)]) -> Oid {
    let root = repo.workdir().unwrap();
    let mut index = repo.index().unwrap();
    for (name, text) in files {
        if text.is_empty() {
            fs::remove_file(&root.join(name)).unwrap();
            index.remove_path(Path::new(name)).unwrap();
        } else {
            fs::write(&root.join(name), text.as_bytes()).unwrap();
            index.add_path(Path::new(name)).unwrap();
        }
    }
    index.write().unwrap();
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let parent = repo.head().ok().map(|head| head.peel_to_commit().unwrap());
    let parents: Vec<_> = parent.iter().collect();
    repo.commit(Some("HEAD"), &signature(), &signature(), "commit", &tree, &parents).unwrap()
}

pub(crate) fn signature() -> Signature<'static> {
    Signature::now("Test", "test@localhost").unwrap()
}

/// A service, its checkout, and what was reported.
pub(crate) struct World {
    pub dir: tempfile::TempDir,
    pub recorder: Recorder,
    pub credentials: Credentials,
    pub cancel: Cancel,
    pub submodules: Submodules,
    pub dry_run: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            recorder: Recorder::default(),
            credentials: Credentials::default(),
            cancel: Cancel::default(),
            submodules: Submodules::None,
            dry_run: false,
        }
    }

    /// A world with one upstream repository in it.
    pub(crate) fn with_upstream() -> (Self, Upstream) {
        let world = Self::new();
        let upstream = Upstream::new(&world.dir.path().join("upstream"));
        (world, upstream)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("src/svc")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(&self.file(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(&self.file(name), text.as_bytes()).unwrap();
    }

    pub(crate) fn repo(&self) -> Repository {
        Repository::open(self.path()).unwrap()
    }

    pub(crate) fn head(&self) -> Oid {
        self.repo().head().unwrap().target().unwrap()
    }

    pub(crate) fn fetch(
        &self,
        url: &str,
        reference: &Reference,
        mode: Mode,
    ) -> Result<Fetched, Error> {
        let (service, url) = (Name::new("service", "svc").unwrap(), RemoteUrl::parse(url)?);
        let options = Options {
            service: &service,
            url: &url,
            reference,
            path: &self.path(),
            mode,
            submodules: self.submodules.clone(),
            dry_run: self.dry_run,
            credentials: &self.credentials,
            generated: &[],
            locks: &self.dir.path().join("locks"),
            prompt: Prompt::Never,
        };
        fetch(&options, &self.recorder, &self.cancel)
    }

    /// The default branch.
    pub(crate) fn get(&self, upstream: &Upstream, mode: Mode) -> Result<Fetched, Error> {
        self.fetch(&upstream.url(), &Reference::Default, mode)
    }

    pub(crate) fn warnings(&self) -> Vec<(String, String)> {
        let events = self.recorder.events().into_iter();
        events
            .filter_map(|event| match event {
                Event::Warning { message, hint } => Some((message, hint.unwrap_or_default())),
                _ => None,
            })
            .collect()
    }

    /// How often the remote was asked.
    pub(crate) fn asked(&self) -> usize {
        let events = self.recorder.events();
        events.iter().filter(|event| matches!(event, Event::FetchStarted { .. })).count()
    }

    /// Every file below the checkout with its bytes, except what a look at it
    /// may refresh.
    pub(crate) fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let walk = walkdir::WalkDir::new(self.path()).sort_by_file_name();
        walk.into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .filter(|entry| {
                let path = entry.path().to_string_lossy();
                // Fetched objects and remote refs are no harm.
                !["/.git/objects", "/.git/refs/remotes", "/.git/logs/refs/remotes"]
                    .iter()
                    .any(|part| path.contains(part))
            })
            .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap()))
            .collect()
    }
}
