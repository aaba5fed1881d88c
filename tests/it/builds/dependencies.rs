//! Dependencies that no committed lockfile pins.

use crate::support::{Repo, World, manifest};

/// A library in a git repository that says `text`, and a service that prints it.
fn with_library(world: &World, text: &str) -> (Repo, Repo) {
    let library = world.repo("words");
    library.write("Cargo.toml", &manifest("words", ""));
    says(&library, text);
    let repo = world.repo("app");
    let dependency =
        format!("[dependencies]\nwords = {{ git = \"file://{}\" }}\n", library.path.display());
    repo.write("Cargo.toml", &manifest("app", &dependency));
    repo.write("src/main.rs", "fn main() { println!(\"{}\", words::IT); }\n");
    repo.commit("first");
    (library, repo)
}

fn says(library: &Repo, text: &str) {
    library.write("src/lib.rs", &format!("pub const IT: &str = \"{text}\";\n"));
    library.commit(text);
}

#[test]
fn a_branch_is_followed_when_asked() {
    let world = World::new();
    let (library, repo) = with_library(&world, "one");
    world.service("app", &repo, "");
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), "one");
    says(&library, "two");
    // Not without being asked.
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), "one");
    world.succeed("run app.rhai --debug --update");
    assert_eq!(world.run_bin("app"), "two");
    let again = world.succeed("run app.rhai --debug");
    assert!(again.contains("Fresh app"), "{again}");
    says(&library, "three");
    world.succeed("run app.rhai --debug --reset");
    assert_eq!(world.run_bin("app"), "three");
    // One that does not compile leaves what was resolved before.
    library.write("src/lib.rs", "pub const IT: &str = 7;\n");
    library.commit("broken");
    world.fail(3, "run app.rhai --debug --update");
    world.checkout("app").write("src/main.rs", "fn main() { println!(\"{}!\", words::IT); }\n");
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), "three!");
}

#[test]
fn a_committed_lockfile_pins() {
    let world = World::new();
    let (library, repo) = with_library(&world, "one");
    let mut command = std::process::Command::new("cargo");
    let made = command.arg("generate-lockfile").current_dir(&repo.path).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    repo.commit("a lockfile");
    world.service("app", &repo, "");
    says(&library, "two");
    for flags in ["", "--update", "--reset"] {
        world.succeed(&format!("run app.rhai --debug {flags}"));
        assert_eq!(world.run_bin("app"), "one", "{flags}");
    }
}
