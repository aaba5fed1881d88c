//! Clearing goes on whatever is wrong with a service.

use super::measure::{clear, folders, space};
use crate::support::World;

/// Three services in both profiles; something is then done to the second.
fn three(spoil: impl Fn(&World)) -> World {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.service(name, &world.crate_repo(name, "hello"), "");
        world.succeed(&format!("run {name} --debug"));
        world.succeed(&format!("run {name} --release"));
    }
    spoil(&world);
    world
}

fn debug_left(world: &World) -> Vec<&'static str> {
    let mut left = vec!["a", "b", "c"];
    left.retain(|name| world.home(".cache/hero/build").join(name).join("debug").exists());
    left
}

#[test]
fn a_toolchain_that_is_not_there() {
    let world = three(|world| {
        let text = "[toolchain]\nchannel = \"1.2.3-none\"\n";
        world.checkout("b").write("rust-toolchain.toml", text);
    });
    clear(&world).agree("a toolchain that is not there");
    assert_eq!(debug_left(&world), [""; 0]);
}

#[test]
fn no_toolchain_at_all() {
    let world = three(|_| ());
    let nothing = world.work("empty");
    std::fs::create_dir_all(&nothing).unwrap();
    let path = nothing.display().to_string();
    super::measure::clear_in(&world, &[("PATH", &path)]).agree("neither cargo nor rustc");
    assert_eq!(debug_left(&world), [""; 0]);
}

#[test]
fn a_manifest_that_cannot_be_read() {
    let world = three(|world| world.checkout("b").write("Cargo.toml", "[package"));
    clear(&world).agree("a broken Cargo.toml");
    assert_eq!(debug_left(&world), [""; 0]);
}

#[test]
fn a_checkout_that_is_gone() {
    let world = three(|world| std::fs::remove_dir_all(world.checkout("b").path).unwrap());
    clear(&world).agree("no checkout");
    assert_eq!(debug_left(&world), [""; 0]);
    assert!(world.home(".cache/hero/build/b/release/b").exists(), "the release build stays");
}

#[test]
fn a_claim_that_is_gone_or_broken() {
    for text in [None, Some("{")] {
        let world = three(|world| {
            let claim = world.home(".cache/hero/build/b/hero.json");
            match text {
                None => std::fs::remove_file(claim).unwrap(),
                Some(text) => std::fs::write(claim, text).unwrap(),
            }
        });
        clear(&world).agree("no hero.json");
        assert_eq!(debug_left(&world), [""; 0]);
    }
}

#[test]
fn a_folder_that_is_not_for_building() {
    let world = three(|world| {
        let folder = world.home(".cache/hero/build/notes/debug");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("mine"), "precious").unwrap();
    });
    clear(&world).agree("a foreign folder");
    assert_eq!(debug_left(&world), [""; 0]);
    assert!(world.home(".cache/hero/build/notes/debug/mine").exists());
    let said = world.succeed("run clear_debug_bins");
    assert!(said.contains("warning: skipped `") && said.contains("notes`"), "{said}");
    let said = world.succeed("run clear_debug_bins notes");
    assert!(said.contains("it is not a build directory"), "{said}");
    assert!(world.home(".cache/hero/build/notes/debug/mine").exists());
}

#[test]
fn one_that_fails_stops_no_other_and_is_told() {
    let world = three(|world| {
        let receipts = std::fs::read_dir(world.home(".local/share/hero/store/b")).unwrap();
        for generation in receipts {
            // A folder cannot be read as a file: an error of the disk, not of the text.
            let receipt = generation.unwrap().path().join("receipt.json");
            std::fs::remove_file(&receipt).unwrap();
            std::fs::create_dir(&receipt).unwrap();
        }
    });
    let before = space(&world);
    let said = world.fail(3, "run clear_debug_bins");
    assert!(said.contains("1 of 3 services could not be cleared"), "{said}");
    assert!(said.contains("of `b` cannot be used"), "{said}");
    assert!(said.contains("SERVICE"), "the table is there: {said}");
    assert_eq!(debug_left(&world), [""; 0], "its build files go all the same");
    assert!(space(&world) < before);
    // Alone it is the error itself.
    let said = world.fail(3, "run clear_debug_bins b");
    assert!(said.contains("error: the generation"), "{said}");
}

#[test]
fn a_name_that_nobody_knows() {
    let world = three(|_| ());
    let said = world.fail(1, "run clear_debug_bins aa");
    assert!(said.contains("`aa` is not installed"), "{said}");
    let said = world.fail(2, "run clear_debug_bins --older-than soon");
    assert!(said.contains("is not an age such as `14d`"), "{said}");
    assert!(folders(&world).iter().all(|folder| folder.exists()));
    assert_eq!(debug_left(&world), ["a", "b", "c"]);
}

#[test]
fn an_interrupted_clear_leaves_nothing_that_cargo_takes_for_whole() {
    let world = three(|world| {
        // As after a kill: cargo's fingerprints go first.
        let debug = world.home(".cache/hero/build/b/debug");
        std::fs::remove_dir_all(debug.join(".fingerprint")).unwrap();
        std::fs::remove_dir_all(debug.join("deps")).unwrap();
        std::fs::remove_dir_all(debug.join("build")).unwrap();
    });
    world.succeed("run b --debug --reset");
    assert_eq!(world.run_bin("b"), "hello");
    let debug = world.home(".cache/hero/build/b/debug");
    for part in [".fingerprint", "deps", "build", "incremental", ".cargo-lock"] {
        let path = debug.join(part);
        let _none = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
    }
    world.succeed("run b --release");
    clear(&world).agree("after an interrupted clear");
    assert_eq!(debug_left(&world), [""; 0]);
}
