//! The setup of one case: a HOME, an environment, an address, options.

use std::any::Any;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::judge::Check;
use super::secrets::Secret;
use super::servers::Servers;
use super::servers::repos::Origin;
use super::support::World;

/// Numbers secrets and repositories, so that no two cases share one.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// What a case has set up so far.
pub struct Scene<'a> {
    /// The servers that all cases share.
    pub servers: &'a Servers,
    /// The HOME and the working directory.
    pub world: World,
    /// The address in the script.
    pub address: String,
    /// The options of `git::fetch` as Rhai text.
    pub options: Vec<(String, String)>,
    /// Variables for git and hero; `None` removes one.
    pub env: Vec<(String, Option<String>)>,
    /// The commit that must be checked out.
    pub expected: Option<String>,
    /// The commands of git that stand for the fetch, in place of the usual ones.
    pub control: Option<Vec<Vec<String>>>,
    /// The words after `hero run --json`.
    pub arguments: Vec<String>,
    /// Texts that may go to their own origin only.
    pub secrets: Vec<Secret>,
    /// What else must hold after hero has run.
    pub checks: Vec<Check>,
    /// The next act, for which both must have succeeded in this one.
    pub then: Option<fn(&mut Scene)>,
    /// How long git may take, in seconds; longer is `Git::Hangs`.
    pub git_limit: f32,
    /// How long hero may take, in seconds.
    pub hero_limit: f32,
    /// A repository of this case alone.
    pub origin: Option<Origin>,
    kept: Vec<Box<dyn Any>>,
}

impl<'a> Scene<'a> {
    /// An empty HOME.
    pub fn new(servers: &'a Servers) -> Self {
        let world = World::new();
        let env = servers.base_environment(&world.home(""));
        Self {
            servers,
            world,
            address: String::new(),
            options: Vec::new(),
            env,
            expected: Some(servers.repos.main.clone()),
            control: None,
            arguments: vec!["x.rhai".into()],
            secrets: Vec::new(),
            checks: Vec::new(),
            then: None,
            git_limit: 20.0,
            hero_limit: 40.0,
            origin: None,
            kept: Vec::new(),
        }
    }

    /// Names the address of the repository.
    pub fn repo(&mut self, address: impl Into<String>) -> &mut Self {
        self.address = address.into();
        self
    }

    /// Adds an option of `git::fetch` that is a text.
    pub fn option(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw_option(name, &format!("\"{value}\""))
    }

    /// Adds an option of `git::fetch`, or replaces it, with the value as Rhai has it.
    pub fn raw_option(&mut self, name: &str, value: &str) -> &mut Self {
        self.options.retain(|(known, _)| known != name);
        self.options.push((name.into(), value.into()));
        self
    }

    /// Sets a variable for git and hero.
    pub fn env(&mut self, name: &str, value: impl AsRef<str>) -> &mut Self {
        self.env.push((name.into(), Some(value.as_ref().into())));
        self
    }

    /// Adds a line to git's configuration in HOME.
    pub fn config(&mut self, key: &str, value: impl AsRef<str>) -> &mut Self {
        let file = self.world.home(".gitconfig");
        let mut command = Command::new("git");
        command.args(["config", "--file"]).arg(file).args(["--add", key, value.as_ref()]);
        assert!(command.status().expect("git starts").success(), "git config {key}");
        self
    }

    /// Writes a file below HOME that only its owner can read.
    pub fn file(&mut self, path: &str, text: impl AsRef<str>) -> PathBuf {
        write(&self.world.home(path), text.as_ref(), 0o600)
    }

    /// Writes a program below HOME.
    pub fn program(&mut self, path: &str, text: impl AsRef<str>) -> PathBuf {
        write(&self.world.home(path), &format!("#!/bin/sh\n{}", text.as_ref()), 0o755)
    }

    /// Makes a secret that may be sent to `origin` (`http://host:port`) only.
    pub fn secret(&mut self, origin: impl Into<String>) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let text = format!("canary{number:04}x{:05}", std::process::id());
        self.secrets.push(Secret { text: text.clone(), origin: origin.into() });
        text
    }

    /// Makes a secret that opens everything below `/auth/` at `origin`.
    pub fn password(&mut self, origin: &str) -> String {
        let text = self.secret(origin);
        self.servers.nginx().accept(origin, &text);
        text
    }

    /// Makes a repository for this case alone and returns its name.
    pub fn own_repo(&mut self) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("own{number}");
        let origin = self.servers.repos.origin(&name);
        self.expected = Some(origin.commit("the first version"));
        origin.publish();
        self.origin = Some(origin);
        format!("{name}.git")
    }

    /// The repository that [`Scene::own_repo`] made.
    pub fn origin(&self) -> &Origin {
        self.origin.as_ref().expect("own_repo comes first")
    }

    /// Commits to the repository of this case and expects the new commit.
    pub fn new_commit(&mut self) {
        let commit = self.origin().commit("a newer version");
        self.origin().publish();
        self.expected = Some(commit);
    }

    /// Keeps a server until the case is done.
    pub fn keep<T: 'static>(&mut self, server: T) {
        self.kept.push(Box::new(server));
    }

    /// Replaces the usual commands of git; each is one text, split at spaces.
    pub fn control(&mut self, commands: &[&str]) -> &mut Self {
        let split = |line: &&str| line.split_whitespace().map(str::to_owned).collect();
        self.control = Some(commands.iter().map(split).collect());
        self
    }

    /// Expects another commit than the newest of the main branch.
    pub fn expect(&mut self, commit: impl Into<String>) -> &mut Self {
        self.expected = Some(commit.into());
        self
    }

    /// Sets hero's silence limit to two seconds.
    pub fn impatient(&mut self) -> &mut Self {
        self.git_limit = 1.0;
        self.hero_limit = 25.0;
        self.env("HERO_GIT_TIMEOUT", "2")
    }

    /// Has `check` looked at after hero has run.
    pub fn check(&mut self, check: Check) -> &mut Self {
        self.checks.push(check);
        self
    }
}

/// Writes a file with its folders and mode.
pub fn write(path: &Path, text: &str, mode: u32) -> PathBuf {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    std::fs::write(path, text).expect("the file is written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    path.to_owned()
}
