//! The changes that are broken.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::check::{Shown, profiles};
use super::support::{World, both};
use super::tree;

/// The binary, and service, that the next command installs.
pub const OTHER: &str = "other";

/// One change of the service `svc`.
pub struct Operation {
    pub name: &'static str,
    /// Installs what is there before; the arguments of the command under test.
    pub setup: fn(&World) -> String,
    /// What `bin/` shows before it, as the binaries would say it.
    pub before: &'static [&'static str],
    /// The same after it.
    pub after: &'static [&'static str],
    /// How it may end when it has been done before.
    pub again: Again,
    /// What is left to be true when it has succeeded.
    pub finally: fn(&World) -> Result<(), String>,
    /// A stranger's file, which must never be lost.
    pub stranger: Option<&'static str>,
    /// Whether there is disorder before it that nothing else mends; it ends
    /// well only when nothing is left of it.
    pub mends: bool,
}

/// What the same command does when it has been done already.
pub enum Again {
    Succeeds,
    /// It may also say that there is nothing to do, by an error.
    OrSays(&'static str),
}

pub const PLAIN: Operation = Operation {
    name: "",
    setup: |_| String::new(),
    before: &[],
    after: &[],
    again: Again::Succeeds,
    finally: |_| Ok(()),
    stranger: None,
    mends: false,
};

pub const FRESH: Operation = Operation {
    name: "fresh install",
    setup: |world| release(world, "one", &["a", "b"]),
    after: &["a one", "b one"],
    ..PLAIN
};

/// One binary less, two more.
pub const REPLACE: Operation = Operation {
    name: "replace",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        release(world, "two", &["b", "c", "d"])
    },
    before: &["a one", "b one"],
    after: &["b two", "c two", "d two"],
    ..PLAIN
};

pub const ACTIVATE: Operation = Operation {
    name: "activate",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        let one = tree::name(&current(world));
        world.succeed(&release(world, "two", &["b", "c", "d"]));
        world.succeed(&release(world, "three", &["b"]));
        format!("rollback svc --to {one}")
    },
    before: &["b three"],
    after: &["a one", "b one"],
    ..PLAIN
};

pub const ROLLBACK: Operation = Operation {
    name: "rollback",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b", "c"]));
        world.succeed(&release(world, "two", &["a", "b", "c"]));
        "rollback svc".into()
    },
    before: &["a two", "b two", "c two"],
    after: &["a one", "b one", "c one"],
    again: Again::OrSays("no earlier generation"),
    ..PLAIN
};

pub const UNINSTALL: Operation = Operation {
    name: "uninstall",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        world.succeed(&release(world, "two", &["a", "b", "c"]));
        "uninstall svc".into()
    },
    before: &["a two", "b two", "c two"],
    again: Again::OrSays("is not installed"),
    finally: |world| {
        let there = world.home(".local/share/hero/store/svc").exists();
        if there { Err("something of it is left in the store".into()) } else { Ok(()) }
    },
    ..PLAIN
};

pub const CLEAR: Operation = Operation {
    name: "clear",
    setup: |world| {
        world.succeed(&debug(world, "slow", &["a", "b"]));
        world.succeed(&release(world, "fast", &["a"]));
        script(world, "clear", "bin::clear(#{ name: \"svc\" });\n")
    },
    before: &["a fast"],
    after: &["a fast"],
    finally: no_debug,
    ..PLAIN
};

pub const CLEAR_CURRENT: Operation = Operation {
    name: "clear with force",
    setup: |world| {
        world.succeed(&release(world, "fast", &["a", "b", "c"]));
        world.succeed(&debug(world, "slow", &["b", "d"]));
        let clear = "bin::clear(#{ name: \"svc\", profile: \"debug\", force: true });\n";
        script(world, "clear", clear)
    },
    before: &["b slow", "d slow"],
    after: &["a fast", "b fast", "c fast"],
    finally: no_debug,
    ..PLAIN
};

pub const STRANGER: Operation = Operation {
    name: "install over a stranger",
    setup: |world| {
        std::fs::create_dir_all(world.bin("")).expect("a folder");
        program(&world.bin("a"), "a stranger");
        install(world, "one", "release", &["a", "b"], "replace: true")
    },
    before: &["a stranger"],
    after: &["a one", "b one"],
    stranger: Some("a stranger"),
    ..PLAIN
};

pub const STRANGER_UPDATE: Operation = Operation {
    name: "update over a stranger",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        program(&world.bin("c"), "c stranger");
        install(world, "two", "release", &["b", "c"], "replace: true")
    },
    before: &["a one", "b one", "c stranger"],
    after: &["b two", "c two"],
    stranger: Some("c stranger"),
    ..PLAIN
};

pub const PRUNE: Operation = Operation {
    name: "install that prunes",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        world.succeed(&release(world, "two", &["a", "b"]));
        let config = world.home(".config/hero");
        std::fs::create_dir_all(&config).expect("a folder");
        std::fs::write(config.join("config.toml"), "[store]\nkeep = 0\n").expect("written");
        release(world, "three", &["a", "b"])
    },
    before: &["a two", "b two"],
    after: &["a three", "b three"],
    ..PLAIN
};

/// The same build as an older generation: that one is made current again.
pub const REUSE: Operation = Operation {
    name: "reuse",
    setup: |world| {
        let one = release(world, "one", &["a", "b"]);
        world.succeed(&one);
        world.succeed(&release(world, "two", &["b", "c"]));
        one
    },
    before: &["b two", "c two"],
    after: &["a one", "b one"],
    finally: |world| {
        let generations = tree::entries(&world.home(".local/share/hero/store/svc"));
        if generations.len() != 2 {
            return Err(format!("{} generations instead of 2", generations.len()));
        }
        // It is the newest now: there is a way back to the other.
        let back = way_back(world);
        let other = generations.iter().find(|path| **path != current(world)).expect("another");
        let leads_there = back.contains(&tree::name(other));
        if leads_there { Ok(()) } else { Err(format!("rollback: {back}")) }
    },
    ..PLAIN
};

pub const REPAIR: Operation = Operation {
    name: "repair",
    setup: |world| {
        world.succeed(&release(world, "one", &["a", "b"]));
        world.succeed(&release(world, "two", &["b", "c"]));
        program(&current(world).join("bin/b"), "b damaged");
        "verify --repair".into()
    },
    before: &["b damaged", "c two"],
    after: &["a one", "b one"],
    mends: true,
    ..PLAIN
};

/// What a rollback of the service would do now.
pub fn way_back(world: &World) -> String {
    let output = world.command("rollback svc --dry-run").output().expect("hero starts");
    both(&output).trim().to_owned()
}

/// The current generation's folder.
fn current(world: &World) -> PathBuf {
    let link = world.home(".local/share/hero/current/svc");
    std::fs::read_link(link).expect("a current generation")
}

/// What `bin/` shows when the binaries say these lines.
pub fn expected(says: &[&str]) -> Shown {
    let name = |says: &str| says.split(' ').next().expect("a word").to_owned();
    says.iter().map(|says| (name(says), text(says))).collect()
}

/// The arguments that install the other service.
pub fn other(world: &World) -> String {
    single(world, OTHER, OTHER)
}

/// The arguments that install a service of one binary of its name.
pub fn single(world: &World, service: &str, says: &str) -> String {
    let path = world.work("built").join(service);
    std::fs::create_dir_all(world.work("built")).expect("a folder");
    program(&path, says);
    let install =
        format!("bin::install(#{{ name: \"{service}\", files: [\"{}\"] }});\n", path.display());
    script(world, service, &install)
}

/// A program that says something.
pub fn text(says: &str) -> String {
    format!("#!/bin/sh\necho {says}\n")
}

pub fn release(world: &World, version: &str, bins: &[&str]) -> String {
    install(world, version, "release", bins, "")
}

fn debug(world: &World, version: &str, bins: &[&str]) -> String {
    install(world, version, "debug", bins, "")
}

/// Builds a version; the arguments that install it.
fn install(world: &World, version: &str, profile: &str, bins: &[&str], more: &str) -> String {
    let folder = world.work("built").join(version);
    std::fs::create_dir_all(&folder).expect("a folder");
    let artifact = |bin: &&str| {
        let path = folder.join(bin);
        program(&path, &format!("{bin} {version}"));
        format!("#{{ name: \"{bin}\", path: \"{}\" }}", path.display())
    };
    let artifacts = bins.iter().map(artifact).collect::<Vec<_>>().join(", ");
    let build = format!("#{{ profile: \"{profile}\", artifacts: [{artifacts}] }}");
    let install = format!("bin::install(#{{ name: \"svc\", build: {build}, {more} }});\n");
    script(world, version, &install)
}

fn program(path: &Path, says: &str) {
    std::fs::write(path, text(says)).expect("the program is written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// Writes a script; the arguments that run it.
fn script(world: &World, name: &str, text: &str) -> String {
    world.write(&format!("{name}.rhai"), text);
    format!("run {name}")
}

fn no_debug(world: &World) -> Result<(), String> {
    let profiles = profiles(world);
    if profiles.contains(&"debug".to_owned()) {
        return Err(format!("generations are left: {}", profiles.join(", ")));
    }
    Ok(())
}
