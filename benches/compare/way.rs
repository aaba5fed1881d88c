//! The ways from an edit to an installed binary.

use std::path::PathBuf;
use std::process::Command;

use super::project::Project;
use super::support::{Repo, World};

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// The floor: cargo alone, as hero calls it, in hero's build directory.
    Build,
    HeroDebug,
    HeroRelease,
    HeroUpdate,
    GitDebug,
    GitRelease,
    Path,
    Hand,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "cargo build alone",
            Self::HeroDebug => "hero --debug",
            Self::HeroRelease => "hero --release",
            Self::HeroUpdate => "hero --update --debug",
            Self::GitDebug => "cargo install --git --debug",
            Self::GitRelease => "cargo install --git",
            Self::Path => "cargo install --path --debug",
            Self::Hand => "by hand",
        }
    }

    /// Whether it makes release builds.
    pub fn releases(self) -> bool {
        matches!(self, Self::HeroRelease | Self::GitRelease)
    }

    /// Whether the edit must be committed in the remote.
    pub fn wants_commit(self) -> bool {
        matches!(self, Self::HeroUpdate | Self::GitDebug | Self::GitRelease | Self::Hand)
    }
}

/// A way's own home, `CARGO_HOME` and checkout.
pub struct Side {
    world: World,
    script: String,
}

impl Side {
    pub fn new(project: &Project) -> Self {
        let world = World::new();
        let (name, bin) = (&project.package, &project.bin);
        let script = format!(
            "fn service() {{\n    #{{ name: \"subject\", repo: \"{}\", member: \"{name}\", bins: [\"{bin}\"] }}\n}}\nservice::main(service());\n",
            project.url()
        );
        world.write("subject.rhai", &script);
        let side = Self { world, script: "run subject.rhai".into() };
        side.share_crates();
        side
    }

    /// A `CARGO_HOME` of its own with the registry's crates of the user.
    fn share_crates(&self) {
        std::fs::create_dir(self.cargo_home()).expect("a folder");
        let mut probe = Command::new("cargo");
        self.world.environment(&mut probe);
        let variable = |name| probe.get_envs().find(|(it, _)| *it == name).and_then(|it| it.1);
        let users = PathBuf::from(variable("CARGO_HOME").expect("it is set"));
        for name in ["registry", "config.toml"] {
            let (from, to) = (users.join(name), self.cargo_home().join(name));
            if from.exists() {
                std::os::unix::fs::symlink(from, to).expect("a link");
            }
        }
    }

    fn cargo_home(&self) -> PathBuf {
        self.world.root().join("cargo-home")
    }

    /// Where an edit is made that is not committed.
    pub fn checkout(&self, way: Way) -> Repo {
        match way {
            Way::Build | Way::HeroDebug | Way::HeroRelease | Way::HeroUpdate => {
                self.world.checkout("subject")
            }
            _ => Repo { path: self.world.work("checkout") },
        }
    }

    /// Where it puts the binary.
    pub fn installed(&self, way: Way, bin: &str) -> PathBuf {
        match way {
            Way::Build => self.build_dir().join("debug").join(bin),
            Way::HeroDebug | Way::HeroRelease | Way::HeroUpdate | Way::Hand => self.world.bin(bin),
            Way::GitDebug | Way::GitRelease | Way::Path => self.cargo_home().join("bin").join(bin),
        }
    }

    fn build_dir(&self) -> PathBuf {
        self.world.home(".cache/hero/build/subject")
    }

    /// What has to be there before the way is taken for the first time.
    pub fn prepare(&self, way: Way, project: &Project) {
        if matches!(way, Way::Path | Way::Hand) {
            let (from, to) = (project.url(), self.world.work("checkout"));
            project.remote.git(&format!("clone --quiet {from} {}", to.display()));
        }
    }

    /// The command that is timed.
    pub fn command(&self, way: Way, project: &Project) -> Command {
        let locked = if project.locked { "--locked" } else { "" };
        let (package, bin) = (&project.package, &project.bin);
        let arguments = match way {
            Way::Build => format!("build --profile dev --package {package} --bin {bin} {locked}"),
            Way::HeroDebug => format!("{} --debug", self.script),
            Way::HeroRelease => format!("{} --release", self.script),
            Way::HeroUpdate => format!("{} --update --debug", self.script),
            Way::GitDebug | Way::GitRelease => {
                let debug = if way == Way::GitDebug { "--debug" } else { "" };
                format!("install --git {} {locked} {debug} --bin {bin} {package}", project.url())
            }
            Way::Path => {
                let folder = self.world.work("checkout").join(&project.folder);
                format!("install --path {} {locked} --debug --bin {bin}", folder.display())
            }
            Way::Hand => return self.by_hand(project, locked),
        };
        let hero = matches!(way, Way::HeroDebug | Way::HeroRelease | Way::HeroUpdate);
        let program = if hero { env!("CARGO_BIN_EXE_hero") } else { "cargo" };
        let mut command = Command::new(program);
        self.surround(&mut command);
        command.args(arguments.split_whitespace()).current_dir(self.world.work(""));
        if way == Way::Build {
            command.current_dir(self.checkout(way).path);
            command.env("CARGO_TARGET_DIR", self.build_dir());
            command.env("CARGO_BUILD_BUILD_DIR", self.build_dir());
            if !project.sets_dev_debug {
                command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
            }
        }
        command
    }

    /// What one would type.
    fn by_hand(&self, project: &Project, locked: &str) -> Command {
        let (package, bin) = (&project.package, &project.bin);
        let script = format!(
            "set -e\n\
             git fetch --quiet origin\n\
             git reset --quiet --hard origin/main\n\
             cargo build --package {package} --bin {bin} {locked}\n\
             mkdir -p ~/.local/bin\n\
             cp target/debug/{bin} ~/.local/bin/.{bin}.new\n\
             mv -f ~/.local/bin/.{bin}.new ~/.local/bin/{bin}\n"
        );
        let mut command = Command::new("sh");
        self.surround(&mut command);
        command.args(["-c", &script]).current_dir(self.world.work("checkout"));
        command
    }

    fn surround(&self, command: &mut Command) {
        self.world.environment(command);
        command.env("CARGO_HOME", self.cargo_home());
    }
}
