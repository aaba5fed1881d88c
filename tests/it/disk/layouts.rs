//! Clearing debug builds in every layout that cargo's folders may have.

use super::measure::{Figures, clear, clear_in, folders};
use crate::support::{Repo, World, manifest, prints};

const HOST: &str = "x86_64-unknown-linux-gnu";

/// Where the target of this machine is another one, naming it in a test says nothing.
fn here() -> bool {
    let here = cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"));
    if !here {
        crate::support::skipped("the target in these tests is that of another machine");
    }
    here
}

/// Builds both profiles; the release is current.
fn both_profiles(world: &World) {
    world.succeed("run app --debug");
    world.succeed("run app --release");
}

/// Whether anything is left in a folder of the build directory of `app`.
fn built(world: &World, path: &str) -> bool {
    world.home(".cache/hero/build/app").join(path).exists()
}

fn still_runs(world: &World) {
    assert_eq!(world.run_bin("app"), "hello");
    // What was cleared is built again.
    world.succeed("run app --debug --reset");
    assert_eq!(world.run_bin("app"), "hello");
}

#[test]
fn plain() {
    let world = World::new();
    world.service("app", &world.crate_repo("app", "hello"), "");
    both_profiles(&world);
    clear(&world).agree("plain");
    assert!(!built(&world, "debug") && built(&world, "release"));
    still_runs(&world);
}

#[test]
fn after_several_edits() {
    let world = World::new();
    let repo = world.crate_repo("app", "first");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    for text in ["second", "third", "hello"] {
        repo.write("src/main.rs", &prints(text));
        repo.commit(text);
        world.succeed("run app --debug --update");
    }
    world.succeed("run app --release");
    clear(&world).agree("incremental, four debug generations");
    still_runs(&world);
}

#[test]
fn a_target_in_the_configuration() {
    if !here() {
        return;
    }
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    repo.write(".cargo/config.toml", &format!("[build]\ntarget = \"{HOST}\"\n"));
    repo.commit("a target");
    world.service("app", &repo, "");
    both_profiles(&world);
    assert!(built(&world, &format!("{HOST}/debug/app")));
    clear(&world).agree("`[build] target`");
    assert!(!built(&world, &format!("{HOST}/debug")) && built(&world, &format!("{HOST}/release")));
    still_runs(&world);
}

#[test]
fn a_target_in_the_environment() {
    if !here() {
        return;
    }
    let world = World::new();
    world.service("app", &world.crate_repo("app", "hello"), "");
    for profile in ["--debug", "--release"] {
        let mut command = world.command(&format!("run app {profile}"));
        assert!(command.env("CARGO_BUILD_TARGET", HOST).status().unwrap().success());
    }
    clear_in(&world, &[("CARGO_BUILD_TARGET", HOST)]).agree("`CARGO_BUILD_TARGET`");
    assert!(!built(&world, &format!("{HOST}/debug")) && built(&world, &format!("{HOST}/release")));
    still_runs(&world);
}

#[test]
fn a_target_in_the_description_beside_none() {
    if !here() {
        return;
    }
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "");
    both_profiles(&world);
    world.service("app", &repo, &format!("env: #{{ CARGO_BUILD_TARGET: \"{HOST}\" }}"));
    both_profiles(&world);
    assert!(built(&world, "debug/app") && built(&world, &format!("{HOST}/debug/app")));
    clear(&world).agree("two targets, one by `env`");
    assert!(!built(&world, "debug") && !built(&world, &format!("{HOST}/debug")));
    assert!(built(&world, "release/app") && built(&world, &format!("{HOST}/release/app")));
    still_runs(&world);
}

#[test]
fn a_package_in_a_subfolder() {
    let world = World::new();
    let repo = world.repo("app");
    repo.write("rust/Cargo.toml", &manifest("app", ""));
    repo.write("rust/src/main.rs", &prints("hello"));
    repo.commit("first");
    world.service("app", &repo, "dir: \"rust\"");
    both_profiles(&world);
    clear(&world).agree("`dir: \"rust\"`");
    assert!(built(&world, "release/app"), "the release build stays");
    still_runs(&world);
}

#[test]
fn a_build_script_and_a_library() {
    let world = World::new();
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", ""));
    repo.write("build.rs", "fn main() { std::fs::write(format!(\"{}/text\", std::env::var(\"OUT_DIR\").unwrap()), \"x\".repeat(100_000)).unwrap(); }");
    repo.write("src/lib.rs", "pub const TEXT: &str = \"hello\";");
    repo.write("src/main.rs", "fn main() { println!(\"{}\", app::TEXT); }");
    repo.commit("first");
    world.service("app", &repo, "");
    both_profiles(&world);
    clear(&world).agree("build script, library");
    still_runs(&world);
}

#[test]
fn a_profile_of_the_manifest_is_another_one() {
    let world = World::new();
    let repo = world.repo("app");
    let profiles = "[profile.dist]\ninherits = \"release\"\n[profile.debugish]\ninherits = \"dev\"";
    repo.write("Cargo.toml", &manifest("app", profiles));
    repo.write("src/main.rs", &prints("hello"));
    repo.commit("first");
    world.service("app", &repo, "");
    both_profiles(&world);
    let path = world.home(".local/share/hero/src/app");
    let build = |profile: &str| {
        format!(
            "cargo::build(#{{ path: \"{}\", name: \"app\", profile: \"{profile}\" }});\n",
            path.display()
        )
    };
    world.write("more.rhai", &(build("dist") + &build("debugish")));
    world.succeed("run more");
    clear(&world).agree("profiles of the manifest");
    assert!(built(&world, "dist/app") && built(&world, "debugish/app") && !built(&world, "debug"));
    let script = "print(disk::clear(#{ profile: \"debugish\" }).freed);";
    world.write("other.rhai", script);
    world.succeed("run other");
    assert!(built(&world, "dist/app") && !built(&world, "debugish"));
}

/// Two services with a crate of the registry in common, `guest` a guest of `app`.
fn siblings(world: &World, guest: &str) -> [Repo; 2] {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = std::fs::read_to_string(own).unwrap();
    let entry = lock.split("\n\n").find(|entry| entry.contains("name = \"itoa\"")).unwrap();
    ["app", guest].map(|name| {
        let repo = world.repo(name);
        let bin = format!("[[bin]]\nname = \"{name}\"\npath = \"src/main.rs\"");
        let package =
            "[[package]]\nname = \"server\"\nversion = \"0.1.0\"\ndependencies = [\"itoa\"]";
        repo.write(
            "Cargo.toml",
            &manifest("server", &format!("{bin}\n[dependencies]\nitoa = \"1\"")),
        );
        repo.write("Cargo.lock", &format!("version = 4\n\n{entry}\n\n{package}\n"));
        repo.write("src/lib.rs", "pub const NAME: &str = \"hello\";\n");
        repo.write("src/main.rs", "fn main() {\n    println!(\"{}\", server::NAME);\n}\n");
        repo.commit("first");
        world.service(name, &repo, "");
        repo
    })
}

/// The hashes in the directory of the host.
fn hashes(world: &World) -> Vec<String> {
    let folder = world.home(".cache/hero/build/app/debug/.fingerprint");
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names.map(|name| name.to_string_lossy().rsplit_once('-').unwrap().1.to_owned()).collect()
}

fn list_units(world: &World, service: &str, hashes: &[String]) {
    let units: Vec<_> = hashes
        .iter()
        .map(|hash| serde_json::json!({"unit": hash, "dir": "debug", "hash": hash, "name": "server"}))
        .collect();
    let list = serde_json::json!({ "format": 1, "units": units }).to_string();
    let file = world.home(".cache/hero/build").join(service).join("hero-units.json");
    std::fs::write(file, list).unwrap();
}

#[test]
fn a_guest_and_its_host_together() {
    // The first of the two in the alphabet is cleared first.
    for (guest, listed) in [("guest", false), ("guest", true), ("a-guest", true)] {
        let world = World::new();
        siblings(&world, guest);
        both_profiles(&world);
        let hosts = hashes(&world);
        world.succeed(&format!("run {guest} --debug"));
        world.succeed(&format!("run {guest} --release"));
        if listed {
            let guests: Vec<_> =
                hashes(&world).into_iter().filter(|it| !hosts.contains(it)).collect();
            list_units(&world, guest, &guests);
            list_units(&world, "app", &[]);
        }
        let said = world.succeed("list --sizes --json");
        assert!(said.contains("\"guest_of\":\"app\""), "{said}");
        clear(&world).agree(&format!("host and {guest}, list of units: {listed}"));
        still_runs(&world);
        assert_eq!(world.run_bin(guest), "hello");
    }
}

#[test]
fn a_guest_alone_and_a_host_alone() {
    let world = World::new();
    siblings(&world, "guest");
    both_profiles(&world);
    let hosts = hashes(&world);
    world.succeed("run guest --debug");
    world.succeed("run guest --release");
    let guests: Vec<String> = hashes(&world).into_iter().filter(|it| !hosts.contains(it)).collect();
    assert!(!guests.is_empty());
    list_units(&world, "guest", &guests);
    world.write(
        "one.rhai",
        "let name = args()[0]; print(cleanup::clear_debug_bins([name], false));",
    );
    let alone = |name: &str| {
        let freed = |arguments: &str| {
            let said = world.hero(arguments).assert().success();
            let said = said.get_output();
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            let note = String::from_utf8_lossy(&said.stderr).contains("compiles it again");
            (text.lines().last().unwrap().parse::<u64>().unwrap(), note)
        };
        let before = super::measure::du(&folders(&world));
        let (planned, _) = freed(&format!("run --dry-run one.rhai {name}"));
        let (freed, note) = freed(&format!("run one.rhai {name}"));
        let du = before - super::measure::du(&folders(&world));
        (Figures { planned, freed, du }, note)
    };
    let (figures, note) = alone("guest");
    figures.agree("a guest alone");
    assert!(!note);
    let (mut left, mut expected) = (hashes(&world), hosts);
    left.sort();
    expected.sort();
    assert_eq!(left, expected, "the host keeps what it has");
    world.succeed("run guest --debug --reset");
    let build = |name: &str| {
        let path = world.home(".local/share/hero/src").join(name);
        let script = format!(
            "print(cargo::build(#{{ path: \"{}\", name: \"{name}\", profile: \"debug\" }}).fresh);",
            path.display()
        );
        world.write("build.rhai", &script);
        world.succeed("run build").lines().any(|line| line == "true")
    };
    assert!(build("app"), "the host has nothing to compile");
    build("guest");
    let (figures, note) = alone("app");
    figures.agree("a host alone");
    assert!(note, "the guest is named");
    assert!(!build("guest"), "and compiles again");
    assert_eq!(world.run_bin("guest"), "hello");
}

#[test]
fn the_only_generation_by_force() {
    let world = World::new();
    world.service("other", &world.crate_repo("other", "hello"), "");
    world.succeed("run other --release");
    world.service("app", &world.crate_repo("app", "hello"), "");
    world.succeed("run app --debug");
    let freed = |arguments: &str| {
        let said = world.succeed(arguments);
        said.lines().find_map(|line| line.parse::<u64>().ok()).unwrap()
    };
    world.write("force.rhai", "print(cleanup::clear_debug_bins([\"app\"], true));");
    let before = super::measure::space(&world);
    let kept = super::measure::release_files(&world);
    let planned = freed("run --dry-run force.rhai");
    let freed = freed("run force.rhai");
    let du = before - super::measure::space(&world);
    Figures { planned, freed, du }.agree("the only generation, by force");
    assert!(!world.bin("app").exists() && !world.home(".local/share/hero/store/app").exists());
    assert!(super::measure::release_files(&world) == kept);
    world.succeed("run app --debug");
    assert_eq!(world.run_bin("app"), "hello");
}
