//! Several services at once: fetches, builds, one jobserver.

use crate::support::{World, manifest, prints};

/// A service whose build script runs a shell's lines, of which the last must
/// succeed.
fn service(world: &World, name: &str, script: &str) {
    let repo = world.repo(name);
    repo.write("Cargo.toml", &manifest(name, "build = \"build.rs\""));
    repo.write("src/main.rs", &prints(name));
    let build = format!(
        "fn main() {{\n    let status = std::process::Command::new(\"sh\").args([\"-c\", {script:?}]).status();\n    assert!(status.unwrap().success());\n}}\n"
    );
    repo.write("build.rs", &build);
    repo.commit("first");
    let script = world.service(name, &repo, "");
    std::fs::create_dir_all(world.work("services")).unwrap();
    std::fs::rename(script, world.work(&format!("services/{name}.rhai"))).unwrap();
}

#[test]
fn builds_go_on_at_the_same_time() {
    let world = World::new();
    let root = world.root();
    // Each waits for a word of the other: one after the other none would end.
    for (name, other) in [("one", "two"), ("two", "one")] {
        let pipe = root.join(name);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let talk = format!("echo {name} > {0}/{other} & read word < {0}/{name}", root.display());
        service(&world, name, &format!("timeout 60 sh -c '{talk}'"));
    }
    let said = world.succeed("run install_all --debug --jobs 2");
    assert!(said.contains("2 services: 2 installed"), "{said}");
    assert_eq!((world.run_bin("one"), world.run_bin("two")), ("one".into(), "two".into()));
}

#[test]
fn one_job_is_one_compiler_for_all() {
    let world = World::new();
    let held = world.root().join("held");
    for name in ["one", "two", "three"] {
        let script = format!("mkdir {0} && sh -c 'exit 0' && rmdir {0}", held.display());
        service(&world, name, &script);
    }
    let said = world.succeed("run install_all --debug --jobs 1 --fetch-jobs 1");
    assert!(said.contains("3 services: 3 installed"), "{said}");
    world.fail(2, "run install_all --fetch-jobs 0");
}

#[test]
fn a_compiler_is_told_of_the_jobserver() {
    let world = World::new();
    service(&world, "app", "case \"$CARGO_MAKEFLAGS\" in *jobserver*) ;; *) exit 1;; esac");
    world.succeed("run install_all --debug");
}

#[test]
fn locks_of_the_same_run_are_waited_for_without_a_word() {
    let world = World::new();
    for name in ["a", "b", "c", "d", "e"] {
        service(&world, name, "true");
    }
    let said = world.succeed("run install_all --debug");
    assert!(!said.contains("Waiting"), "{said}");
    let again = world.succeed("run install_all --debug");
    assert!(again.contains("5 services: 5 unchanged") && !again.contains("Waiting"), "{again}");
}

/// A service whose package has the same name and version as those of others,
/// with a crate of the registry that hero has too.
fn sibling(world: &World, name: &str, more: &str) {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = std::fs::read_to_string(own).unwrap();
    let entry = lock.split("\n\n").find(|entry| entry.contains("name = \"itoa\"")).unwrap();
    let package = "[[package]]\nname = \"server\"\nversion = \"0.1.0\"\ndependencies = [\"itoa\"]";
    let repo = world.repo(name);
    let bin = format!("[[bin]]\nname = \"{name}\"\npath = \"src/main.rs\"");
    let dependency = "[dependencies]\nitoa = \"1\"";
    repo.write("Cargo.toml", &manifest("server", &format!("{bin}\n{dependency}")));
    repo.write("Cargo.lock", &format!("version = 4\n\n{entry}\n\n{package}\n"));
    repo.write("src/lib.rs", &format!("pub const NAME: &str = \"{name}\";\n"));
    repo.write("src/main.rs", "fn main() {\n    println!(\"{}\", server::NAME);\n}\n");
    repo.commit("first");
    let script = world.service(name, &repo, more);
    std::fs::create_dir_all(world.work("services")).unwrap();
    std::fs::rename(script, world.work(&format!("services/{name}.rhai"))).unwrap();
}

#[test]
fn siblings_share_crates_and_nothing_else() {
    let world = World::new();
    let names = ["one", "two", "three"];
    for name in names {
        sibling(&world, name, "");
    }
    sibling(&world, "alone", "share: false");
    let said = world.succeed("-v run install_all --debug");
    assert_eq!(said.matches("is built in the build directory of").count(), 2, "{said}");
    let all = names.iter().chain([&"alone"]);
    all.clone().for_each(|name| assert_eq!(world.run_bin(name), *name));
    let built = |name: &&&str| {
        let prints = world.home(".cache/hero/build").join(name).join("debug/.fingerprint");
        let entries = std::fs::read_dir(prints).into_iter().flatten().filter_map(Result::ok);
        entries.filter(|it| it.file_name().to_string_lossy().starts_with("itoa-")).count() > 0
    };
    assert_eq!(all.clone().filter(built).count(), 2, "by one for three, and by the one alone");
    // Everything goes, and comes again.
    world.succeed("run clear_debug_bins --force");
    assert_eq!(all.clone().filter(built).count(), 0);
    world.succeed("run install_all --debug");
    all.for_each(|name| assert_eq!(world.run_bin(name), *name));
}

#[test]
fn sharing_can_be_switched_off_for_good() {
    let world = World::new();
    sibling(&world, "one", "");
    sibling(&world, "two", "");
    std::fs::create_dir_all(world.home(".config/hero")).unwrap();
    std::fs::write(world.home(".config/hero/config.toml"), "[build]\nshare = false\n").unwrap();
    let said = world.succeed("-v run install_all --debug");
    assert!(!said.contains("is built in the build directory of"), "{said}");
    assert_eq!((world.run_bin("one"), world.run_bin("two")), ("one".into(), "two".into()));
}
