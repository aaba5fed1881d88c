//! Every kind of input that cargo reads: changed, it reaches the installed binary; left
//! alone, no cargo is started.

mod kinds;
mod project;
mod scene;
mod times;

use crate::support;
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

/// The compiler of the same toolchain is another program where rustup does not choose it.
#[test]
fn another_compiler_on_path_is_asked_for() {
    let mut scene = Scene::new("debug");
    scene.settle();
    let folder = format!("{}/bin", scene.sysroot());
    scene.find_first(&folder);
    scene.install();
    assert!(scene.cargo_calls() > 0);
    scene.install();
    assert_eq!(scene.cargo_calls(), 0);
}

/// Without CARGO_HOME, cargo's configuration lies in the home of whoever installs.
#[test]
fn another_home_has_another_configuration() {
    let world = support::World::new();
    let repo = world.repo("app");
    repo.write(
        "Cargo.toml",
        &support::manifest("app", "[lints.rust]\nunexpected_cfgs = \"allow\"\n"),
    );
    repo.write("src/main.rs", "fn main() { println!(\"{}\", cfg!(theirs)); }\n");
    repo.commit("the first version");
    world.service("app", &repo, "");
    let theirs = world.root().join("theirs");
    std::fs::create_dir_all(theirs.join(".cargo")).unwrap();
    let text = "[build]\nrustflags = [\"--cfg\", \"theirs\"]\n";
    std::fs::write(theirs.join(".cargo/config.toml"), text).unwrap();
    let install = |home: &std::path::Path| {
        let mut hero = world.command("run app --debug");
        hero.env("HERO_HOME", world.root().join("hero")).env("HOME", home).env_remove("CARGO_HOME");
        let output = hero.output().unwrap();
        assert!(output.status.success(), "{}", support::both(&output));
        let program = world.root().join("hero/bin/app");
        support::both(&std::process::Command::new(program).output().unwrap()).trim().to_owned()
    };
    assert_eq!(install(&world.home("")), "false");
    assert_eq!(install(&theirs), "true");
    assert_eq!(install(&world.home("")), "false");
}

/// cargo takes vendored crates for unchanging; a commit may change them all the same.
#[test]
fn a_vendored_crate_changes_with_a_commit() {
    let world = support::World::new();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &support::manifest("app", "[dependencies]\nvendored = \"0.1\"\n"));
    repo.write("src/main.rs", "fn main() { println!(\"{}\", vendored::VALUE); }\n");
    repo.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n",
    );
    repo.write("vendor/vendored/Cargo.toml", &support::manifest("vendored", ""));
    repo.write("vendor/vendored/.cargo-checksum.json", "{\"files\":{},\"package\":null}");
    repo.write("vendor/vendored/src/lib.rs", "pub const VALUE: u8 = 1;\n");
    repo.commit("the first version");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    assert_eq!(world.run_bin("app"), "1");
    assert!(world.succeed("run app --debug").contains("Fresh"));
    repo.write("vendor/vendored/src/lib.rs", "pub const VALUE: u8 = 2;\n");
    repo.commit("the second version");
    world.succeed("run app --debug --update");
    assert_eq!(world.run_bin("app"), "2");
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
