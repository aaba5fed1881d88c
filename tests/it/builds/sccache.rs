//! The real sccache around rustc, by variable and by configuration.

use std::path::PathBuf;
use std::process::Command;

use crate::support::services::free_port;
use crate::support::{Repo, World, both, manifest, skipped};

/// A stack of three services with the same crates, and an sccache of its own.
struct Stack {
    world: World,
    port: u16,
}

const SERVICES: [&str; 3] = ["one", "three", "two"];

impl Stack {
    /// `None` where there is no sccache.
    fn new(more: &str) -> Option<Self> {
        if Command::new("sccache").arg("--version").output().is_err() {
            skipped("there is no sccache");
            return None;
        }
        let world = World::new();
        for name in SERVICES {
            let repo = world.repo(name);
            service(&repo, name);
            let script = world.service(name, &repo, more);
            std::fs::create_dir_all(world.work("services")).unwrap();
            std::fs::rename(script, world.work(&format!("services/{name}.rhai"))).unwrap();
        }
        Some(Self { world, port: free_port() })
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("SCCACHE_SERVER_PORT", self.port.to_string())
            .env("SCCACHE_DIR", self.world.home("sccache"))
    }

    /// Installs all in release, where everything can be cached, with these variables;
    /// what hero printed.
    fn install(&self, variables: &[(&str, &str)]) -> String {
        let mut command = self.world.command("run install_all");
        self.environment(&mut command).envs(variables.iter().copied());
        let output = command.output().unwrap();
        let text = both(&output);
        assert!(output.status.success(), "{text}");
        for name in SERVICES {
            assert_eq!(self.world.run_bin(name), format!("{name} 7"));
        }
        text
    }

    /// Removes all that was built and installed, and counts from zero.
    fn forget(&self) {
        std::fs::remove_dir_all(self.world.home(".cache/hero/build")).unwrap();
        for name in SERVICES {
            self.world.succeed(&format!("uninstall {name}"));
        }
        self.sccache("--zero-stats");
    }

    /// How often something was found in the cache.
    fn hits(&self) -> u64 {
        self.count("Cache hits (Rust)")
    }

    /// A number of the statistics; 0 where there is no such line.
    fn count(&self, what: &str) -> u64 {
        let stats = self.sccache("--show-stats");
        let line = stats.lines().find(|line| line.starts_with(&format!("{what} ")));
        line.and_then(|line| line.split_whitespace().last()?.parse().ok()).unwrap_or(0)
    }

    fn sccache(&self, argument: &str) -> String {
        let mut command = Command::new("sccache");
        let output = self.environment(command.arg(argument)).output().unwrap();
        both(&output)
    }

    /// The names that guests have for the compiler.
    fn guests(&self) -> Vec<PathBuf> {
        let builds = self.world.home(".cache/hero/build");
        let names = SERVICES.map(|name| builds.join(name).join("compiler"));
        names.into_iter().filter(|path| path.exists()).collect()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.sccache("--stop-server");
    }
}

/// A binary, a library, and crates of the registry.
fn service(repo: &Repo, name: &str) {
    repo.write(
        "Cargo.toml",
        &manifest(name, "[lib]\nname = \"part\"\n[dependencies]\nitoa = \"1\"\nryu = \"1\"\n"),
    );
    repo.write("src/lib.rs", &format!("pub const NAME: &str = \"{name}\";\n"));
    repo.write(
        "src/main.rs",
        "fn main() { println!(\"{} {}\", part::NAME, itoa::Buffer::new().format(7)); }\n",
    );
    // Services share by what their lockfiles have in common.
    let mut command = Command::new("cargo");
    let output = command.arg("generate-lockfile").current_dir(&repo.path).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    repo.commit("first");
}

#[test]
fn siblings_share_a_build_directory_and_the_cache() {
    let Some(stack) = Stack::new("") else { return };
    // The directories were shared before the wrapper came.
    stack.install(&[]);
    assert_eq!(stack.guests().len(), 2);
    let wrapped = [("RUSTC_WRAPPER", "sccache")];
    stack.forget();
    stack.install(&wrapped);
    assert_eq!((stack.guests().len(), stack.hits()), (2, 0));
    // Two crates, and the library of each service.
    stack.forget();
    stack.install(&wrapped);
    assert!(stack.hits() >= 3, "{}", stack.sccache("--show-stats"));
    // Switched off, the shared directory is warm all the same.
    for name in SERVICES {
        stack.world.succeed(&format!("uninstall {name}"));
    }
    stack.sccache("--zero-stats");
    stack.install(&[("RUSTC_WRAPPER", "")]);
    assert_eq!(stack.count("Compile requests"), 0);
}

#[test]
fn what_one_service_has_compiled_is_found_for_another() {
    // Each in a directory of its own.
    let Some(stack) = Stack::new("share: false,") else { return };
    let config = stack.world.root().join(".cargo/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, "[build]\nrustc-wrapper = \"sccache\"\n").unwrap();
    let mut command = stack.world.command("run services/one.rhai");
    let output = stack.environment(&mut command).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    assert_eq!(stack.hits(), 0);
    stack.install(&[]);
    assert!(stack.guests().is_empty());
    // `itoa` and `ryu` of the first, for each of the two others.
    assert!(stack.hits() >= 4, "{}", stack.sccache("--show-stats"));
}
