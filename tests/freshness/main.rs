//! Every kind of input that cargo reads: changed, it reaches the installed binary; left
//! alone, no cargo is started.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

#[path = "../support/mod.rs"]
mod support;

mod kinds;
mod project;
mod scene;
mod times;

use scene::Scene;

#[test]
fn debug() {
    every_kind("debug");
}

#[test]
fn release() {
    every_kind("release");
}

/// Changes one input after the other, and looks at what the installed binary prints.
fn every_kind(profile: &'static str) {
    let mut scene = Scene::new(profile);
    let mut stale = Vec::new();
    let kinds: Vec<_> = kinds::all().into_iter().chain(times::all()).collect();
    assert!(kinds.len() >= 60, "{} kinds", kinds.len());
    for kind in &kinds {
        let (key, value) = (kind.change)(&mut scene);
        let said = scene.install();
        let printed = scene.printed();
        let line = format!("{key}={value}");
        if !printed.lines().any(|it| it == line) {
            stale.push(format!("{}: no {line} in:\n{printed}{said}", kind.name));
        }
        scene.settle();
        let calls = scene.cargo_calls();
        if calls > 0 {
            stale.push(format!("{}: nothing changed, and cargo was started", kind.name));
        }
    }
    assert!(stale.is_empty(), "{} of {}:\n{}", stale.len(), kinds.len(), stale.join("\n"));
}

/// cargo looks for its configuration above the real place of the checkout.
#[test]
fn a_configuration_above_the_real_place_counts() {
    let world = support::World::new();
    let repo = world.repo("app");
    repo.write(
        "Cargo.toml",
        &support::manifest("app", "[lints.rust]\nunexpected_cfgs = \"allow\"\n"),
    );
    repo.write("src/main.rs", "fn main() { println!(\"{}\", cfg!(above)); }\n");
    repo.commit("the first version");
    world.service("app", &repo, "");
    let real = world.root().join("elsewhere/real");
    std::fs::create_dir_all(&real).unwrap();
    std::os::unix::fs::symlink(&real, world.root().join("link")).unwrap();
    let install = || {
        let mut hero = world.command("run app --debug");
        let output = hero.env("HERO_HOME", world.root().join("link")).output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
        let program = std::process::Command::new(real.join("bin/app")).output().unwrap();
        (support::both(&output), support::both(&program).trim().to_owned())
    };
    assert_eq!(install().1, "false");
    assert!(install().0.contains("Fresh"));
    let file = world.root().join("elsewhere/.cargo/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "[build]\nrustflags = [\"--cfg\", \"above\"]\n").unwrap();
    assert_eq!(install().1, "true");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(install().1, "false");
}

/// cargo runs a build script each time if a file that it names is missing, and so hero
/// asks each time.
#[test]
fn a_missing_file_asks_every_time() {
    let mut scene = Scene::new("debug");
    scene.settle();
    scene.remove("checkout/ignored/script.txt");
    for _ in 0..2 {
        scene.install();
        assert!(scene.cargo_calls() > 0);
    }
    scene.write("checkout/ignored/script.txt", "back\n");
    scene.install();
    assert!(scene.printed().contains("script_file=back"));
}

/// What does not concern the build starts no cargo.
#[test]
fn the_rest_of_the_world_may_change() {
    let mut scene = Scene::new("debug");
    scene.settle();
    scene.set("UNRELATED", "1");
    scene.write("checkout/ignored/other.txt", "other");
    scene.write("outside/other.txt", "other");
    scene.touch("checkout/ignored/dist.html");
    let said = scene.install();
    assert_eq!(scene.cargo_calls(), 0, "{said}");
    assert!(said.contains("Fresh"), "{said}");
}
