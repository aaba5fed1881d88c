//! Profiles and targets: keys of a description, and flags.

use std::path::Path;

use crate::support::{Repo, World, manifest};

/// A crate whose binary says how it was compiled.
fn telling(world: &World, more: &str) -> Repo {
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", more));
    repo.write(
        "build.rs",
        "fn main() { for name in [\"PROFILE\", \"OPT_LEVEL\", \"TARGET\"] {\n    \
         println!(\"cargo:rustc-env=IT_{name}={}\", std::env::var(name).unwrap()); } }\n",
    );
    repo.write(
        "src/main.rs",
        "fn main() { println!(\"{} {} {} {}\", env!(\"IT_PROFILE\"), env!(\"IT_OPT_LEVEL\"), \
         cfg!(debug_assertions), env!(\"IT_TARGET\")); }\n",
    );
    repo.commit("first");
    repo
}

fn host() -> String {
    let output = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn a_profile_is_named_by_flag_or_description() {
    let world = World::new();
    let own = "[profile.dist]\ninherits = \"release\"\ndebug-assertions = true\nopt-level = 1\n";
    let repo = telling(&world, own);
    world.service("app", &repo, "profile: \"dist\",");
    let host = host();
    for (flags, says, shown) in [
        ("", "release 1 true", "dist"),
        ("--debug", "debug 0 true", "debug"),
        ("--release", "release 3 false", "release"),
        ("--profile dist", "release 1 true", "dist"),
        ("--profile dev", "debug 0 true", "debug"),
        ("--profile fast", "release 3 false", "fast"),
    ] {
        let text = world.succeed(&format!("run app.rhai {flags}"));
        assert_eq!(world.run_bin("app"), format!("{says} {host}"), "{flags}");
        assert!(text.contains(&format!(" {shown}")) || text.contains("Fresh"), "{flags}: {text}");
    }
    assert!(world.home(".cache/hero/build/app/fast/app").exists());
    let text = world.fail(1, "run app.rhai --profile dits");
    assert!(text.contains("hint: did you mean `dist`?"), "{text}");
    let text = world.fail(2, "run app.rhai --profile dist --debug");
    assert!(text.contains("--profile") && text.contains("--debug"), "{text}");
    world.service("app", &repo, "profile: \"no/such\",");
    let text = world.fail(1, "run app.rhai");
    assert!(text.contains("is not a valid profile name") && text.contains("-->"), "{text}");
}

#[test]
fn a_repository_may_have_a_fast_profile_of_its_own() {
    let world = World::new();
    let own = "[profile.fast]\ninherits = \"dev\"\nopt-level = 2\n";
    world.service("app", &telling(&world, own), "");
    world.succeed("run app.rhai --profile fast");
    assert_eq!(world.run_bin("app"), format!("debug 2 true {}", host()));
}

#[test]
fn a_target_is_named_by_flag_or_description() {
    let world = World::new();
    let host = host();
    let repo = telling(&world, "");
    world.service("app", &repo, &format!("target: \"{host}\","));
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), format!("debug 0 true {host}"));
    assert!(world.home(".cache/hero/build/app").join(&host).join("debug/app").exists());

    // One for which rustc has no standard library here.
    let text = world.fail(3, "run app.rhai --debug --target riscv64gc-unknown-linux-musl");
    assert!(text.contains("rustup target add riscv64gc-unknown-linux-musl"), "{text}");
    assert_eq!(world.run_bin("app"), format!("debug 0 true {host}"));
    let text = world.fail(1, "run app.rhai --debug --target musl");
    assert!(text.contains("`musl` is not a target"), "{text}");
    let text = world.fail(3, "run app.rhai --debug --target x86_64-unknown-nothing");
    assert!(text.contains("rustc --print target-list"), "{text}");
}

/// A configuration above the checkouts.
fn configure(world: &World, text: &str) {
    let config = world.root().join(".cargo/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, text).unwrap();
}

#[test]
fn of_several_configured_targets_the_hosts_is_built() {
    let world = World::new();
    let host = host();
    world.service("app", &telling(&world, ""), "");
    let other = "riscv64gc-unknown-linux-musl";
    configure(&world, &format!("[build]\ntarget = [\"{other}\", \"{host}\"]\n"));
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), format!("debug 0 true {host}"));
    let build = world.home(".cache/hero/build/app");
    assert!(build.join(&host).exists() && !build.join(other).exists());

    configure(&world, &format!("[build]\ntarget = [\"{other}\", \"s390x-unknown-linux-gnu\"]\n"));
    let text = world.fail(1, "run app.rhai --debug");
    assert!(text.contains("several targets") && text.contains("hint: set `target: "), "{text}");
    assert!(!Path::new(&build.join(other)).exists());
}
