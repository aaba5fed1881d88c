//! The project, installed, and what changes around it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use super::project;
use super::support::{Repo, World, both};

/// One installed service and the environment of its installs.
pub struct Scene {
    world: World,
    repo: Repo,
    profile: &'static str,
    variables: BTreeMap<String, String>,
    description: String,
    flags: String,
    /// Folders that go before those of PATH, each with a colon.
    first: String,
    count: usize,
}

impl Scene {
    /// The service, installed for the first time.
    pub fn new(profile: &'static str) -> Self {
        let world = World::new();
        let repo = world.repo("app");
        let mut scene = Self {
            world,
            repo,
            profile,
            variables: BTreeMap::new(),
            description: String::new(),
            flags: String::new(),
            first: String::new(),
            count: 0,
        };
        let root = scene.world.root().display().to_string();
        for (path, text) in project::FILES {
            scene.repo.write(path, &text.replace("ROOT", &root));
        }
        for (path, text) in project::OUTSIDE {
            scene.write(path, text);
        }
        scene.shim();
        scene.lock();
        scene.repo.commit("the first version");
        scene.repo.git(&format!(
            "clone --quiet {} {}",
            scene.repo.path.display(),
            scene.path("checkout").display()
        ));
        for (path, text) in project::IGNORED {
            scene.write(&format!("checkout/{path}"), text);
        }
        std::os::unix::fs::symlink(scene.path("outside/linked.txt"), scene.path("checkout/link"))
            .unwrap();
        scene.install();
        scene
    }

    /// A cargo that counts its calls.
    fn shim(&self) {
        use std::os::unix::fs::PermissionsExt;
        let real = both(&Command::new("sh").args(["-c", "command -v cargo"]).output().unwrap());
        let calls = self.world.root().join("calls");
        let text =
            format!("#!/bin/sh\necho \"$@\" >> {}\nexec {} \"$@\"\n", calls.display(), real.trim());
        self.write("shim/cargo", &text);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path("shim/cargo"), mode).unwrap();
    }

    /// Commits a lockfile: the build must not need one.
    fn lock(&self) {
        let mut cargo = Command::new("cargo");
        cargo.args(["generate-lockfile", "--offline"]).current_dir(&self.repo.path);
        self.world.environment(&mut cargo);
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
    }

    /// A path: `checkout/…`, `outside/…`, `build/…`, `home/…`.
    pub fn path(&self, path: &str) -> PathBuf {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let folder = match first {
            "checkout" => self.world.home(".local/share/hero/src/app"),
            "build" => self.world.home(".cache/hero/build/app"),
            "cache" => self.world.home(".cache/hero/build"),
            "repo" => self.repo.path.clone(),
            other => self.world.root().join(other),
        };
        if rest.is_empty() { folder } else { folder.join(rest) }
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let path = self.path(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{} has no {from}", path.display());
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    /// Gives a file another time.
    pub fn touch(&self, path: &str) {
        let file = std::fs::File::options().append(true).open(self.path(path)).unwrap();
        file.set_modified(std::time::SystemTime::now()).unwrap();
    }

    /// Runs a shell command with the folders as `$checkout`, `$build` and `$outside`.
    pub fn shell(&self, command: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]);
        for name in ["checkout", "build", "outside", "repo", "cache"] {
            shell.env(name, self.path(name));
        }
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{command}: {}", both(&output));
    }

    /// The folder of the toolchain that builds.
    pub fn sysroot(&self) -> String {
        let mut rustc = Command::new("rustc");
        rustc.args(["--print", "sysroot"]);
        self.world.environment(&mut rustc);
        both(&rustc.output().unwrap()).trim().to_owned()
    }

    /// Sets a variable for all that follows.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// Finds programs in this folder first, from now on.
    pub fn find_first(&mut self, folder: &str) {
        self.first = format!("{folder}:");
    }

    /// More keys of the description.
    pub fn describe(&mut self, more: &str) {
        more.clone_into(&mut self.description);
    }

    /// More flags, for the next install only.
    pub fn flag(&mut self, flags: &str) {
        flags.clone_into(&mut self.flags);
    }

    /// A value that nothing has had so far.
    pub fn value(&mut self) -> String {
        self.count += 1;
        format!("v{}", self.count)
    }

    /// cargo's name of the profile, in upper case.
    pub fn profile(&self) -> &'static str {
        if self.profile == "debug" { "DEV" } else { "RELEASE" }
    }

    /// Commits what was written to the repository; the next install updates.
    pub fn release(&mut self) {
        self.repo.git("commit --quiet --all -m next");
        self.flag("--update");
    }

    /// Commits the edits of the checkout, so that it is clean again.
    pub fn settle(&mut self) {
        let edited = Command::new("git")
            .args(["diff", "--quiet", "HEAD"])
            .current_dir(self.path("checkout"))
            .status();
        if !edited.unwrap().success() {
            self.shell("cd $checkout && git -c user.name=a -c user.email=a@b commit -qam edit");
            // The commit is another; cargo finds that nothing else is.
            self.install();
        }
        let _counted = self.cargo_calls();
        self.install();
    }

    /// Runs hero; what it printed.
    pub fn install(&mut self) -> String {
        let script = format!(
            "service::main(#{{ name: \"app\", repo: \"{}\", member: \"app\", {} }});\n",
            self.repo.path.display(),
            self.description
        );
        self.world.write("app.rhai", &script);
        let flags = std::mem::take(&mut self.flags);
        let mut hero = self.world.command(&format!("run app.rhai --{} {flags}", self.profile));
        let path = std::env::var("PATH").unwrap();
        hero.env("PATH", format!("{}:{}{path}", self.path("shim").display(), self.first));
        hero.env("CARGO_NET_OFFLINE", "true").env_remove("RUSTUP_TOOLCHAIN");
        hero.envs(&self.variables);
        let output = hero.output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
        both(&output)
    }

    /// What the installed binary prints.
    pub fn printed(&self) -> String {
        self.world.run_bin("app")
    }

    /// How often cargo was started since the last question.
    pub fn cargo_calls(&self) -> usize {
        let calls = self.world.root().join("calls");
        let text = std::fs::read_to_string(&calls).unwrap_or_default();
        let _gone = std::fs::remove_file(calls);
        text.lines().count()
    }
}
