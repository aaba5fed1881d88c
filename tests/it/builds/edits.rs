//! What only a build has changed in a checkout is not the user's edit.

use crate::support::{Repo, World, both, manifest, prints, program};

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// What the receipt of the installed generation and `status` say of edits.
fn is_edited(world: &World) -> (bool, bool) {
    let list = world.command("list --json").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let status = world.succeed("run app.rhai status");
    (list.contains("\"dirty\": true") || list.contains("\"dirty\":true"), status.contains("edited"))
}

/// A crate whose lockfile is older than its manifest.
fn stale(world: &World) -> Repo {
    let repo = world.crate_repo("app", "one");
    repo.write("Cargo.lock", LOCK);
    repo.write("Cargo.toml", &manifest("app", "").replace("0.1.0", "0.2.0"));
    repo.commit("the lockfile is forgotten");
    repo
}

#[test]
fn a_lockfile_that_cargo_brought_up_to_date() {
    let world = World::new();
    let repo = stale(&world);
    world.service("app", &repo, "");
    let text = world.fail(3, "run app.rhai --debug");
    assert!(text.contains("hint: set `locked: false`"), "{text}");

    world.service("app", &repo, "locked: false,");
    world.succeed("run app.rhai --debug");
    let lock = || world.checkout("app").read("Cargo.lock");
    assert!(lock().contains("0.2.0"), "{}", lock());
    assert_eq!(is_edited(&world), (false, false));
    let again = world.succeed("run app.rhai --debug");
    assert!(again.contains("Fresh app"), "{again}");

    // A failed build has changed it too.
    repo.write("Cargo.toml", &manifest("app", "").replace("0.1.0", "0.3.0"));
    repo.write("src/main.rs", "fn main() { missing() }\n");
    repo.commit("does not compile");
    world.fail(3, "run app.rhai --debug --update");
    assert!(lock().contains("0.3.0"), "{}", lock());
    // Upstream has a lockfile of its own by now.
    repo.write("Cargo.lock", &format!("# ours\n{}", LOCK.replace("0.1.0", "0.3.0")));
    repo.write("src/main.rs", &prints("two"));
    repo.commit("compiles");
    world.succeed("run app.rhai --debug --update");
    assert_eq!(world.run_bin("app"), "two");
    assert!(lock().contains("# ours"), "{}", lock());
    assert_eq!(is_edited(&world), (false, false));
}

#[test]
fn a_lockfile_that_the_user_changed_as_well_is_an_edit() {
    let world = World::new();
    let repo = stale(&world);
    world.service("app", &repo, "locked: false,");
    world.succeed("run app.rhai --debug");
    let checkout = world.checkout("app");
    checkout.write("Cargo.lock", &format!("{}# mine\n", checkout.read("Cargo.lock")));
    assert!(is_edited(&world).1);
    repo.write("Cargo.lock", &format!("# ours\n{LOCK}"));
    repo.commit("another lockfile");
    let text = world.fail(3, "run app.rhai --debug --update");
    assert!(text.contains("Cargo.lock"), "{text}");
    assert!(checkout.read("Cargo.lock").contains("# mine"));
}

/// A crate whose build script writes a tracked and an untracked file.
fn generating(world: &World) -> Repo {
    let repo = world.crate_repo("app", "one");
    repo.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo:rerun-if-changed=build.rs\");\n    \
         std::fs::write(\"src/version.rs\", \"pub const IT: u8 = 7;\\n\").unwrap();\n    \
         std::fs::write(\"generated.txt\", \"new\\n\").unwrap();\n}\n",
    );
    repo.write("src/version.rs", "pub const IT: u8 = 0;\n");
    repo.write("src/notes.rs", "// nothing\n");
    repo.write(
        "src/main.rs",
        "mod notes;\nmod version;\nfn main() { println!(\"{}\", version::IT); }\n",
    );
    repo.commit("a build script");
    repo
}

#[test]
fn files_that_a_build_script_writes() {
    let world = World::new();
    let repo = generating(&world);
    world.service("app", &repo, "");
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), "7");
    let checkout = world.checkout("app");
    assert_eq!(checkout.read("generated.txt"), "new\n");
    assert_eq!(is_edited(&world), (false, false));
    // Upstream changes both.
    repo.write("src/version.rs", "pub const IT: u8 = 1;\n");
    repo.write("generated.txt", "theirs\n");
    repo.write("build.rs", "fn main() {}\n");
    repo.commit("no build script any more");
    world.succeed("run app.rhai --debug --update");
    assert_eq!(world.run_bin("app"), "1");
    assert_eq!(checkout.read("generated.txt"), "theirs\n");
    assert_eq!(checkout.git("status --porcelain"), "");
}

#[test]
fn a_reset_puts_them_back_and_says_nothing() {
    let world = World::new();
    let repo = generating(&world);
    world.service("app", &repo, "");
    world.succeed("run app.rhai --debug");
    let text = world.succeed("run app.rhai --debug --reset");
    assert!(!text.contains("kept what"), "{text}");
    let checkout = world.checkout("app");
    assert_eq!(checkout.git("show refs/hero/built:generated.txt"), "new");
    // And an edit on top of the build's is kept.
    checkout.write("src/version.rs", "pub const IT: u8 = 9;\n");
    let text = world.succeed("run app.rhai --debug --reset");
    assert!(text.contains("kept what"), "{text}");
}

/// It cannot be told from the script's own work, so nothing of it may be lost.
#[test]
fn a_file_that_the_user_saves_while_a_build_script_runs_is_kept() {
    for flag in ["--update", "--reset"] {
        let world = World::new();
        let repo = generating(&world);
        world.service("app", &repo, "");
        let notes = world.home(".local/share/hero/src/app/src/notes.rs");
        let save = format!("std::fs::write({:?}, \"// mine\\n\").unwrap();\n}}\n", notes.display());
        let script = repo.read("build.rs");
        repo.write("build.rs", &script.replacen("}\n", &save, 1));
        repo.commit("the user saves meanwhile");
        world.succeed("run app.rhai --debug");
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), "// mine\n");
        repo.write("src/notes.rs", "// theirs\n");
        repo.write("build.rs", "fn main() {}\n");
        repo.commit("the next version");
        world.succeed(&format!("run app.rhai --debug {flag}"));
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), "// theirs\n");
        let kept = world.checkout("app").git("show refs/hero/built:src/notes.rs");
        assert_eq!(kept, "// mine", "{flag}");
    }
}

#[test]
fn a_file_that_the_user_saves_during_the_build_is_an_edit() {
    let world = World::new();
    let repo = generating(&world);
    world.service("app", &repo, "");
    // When the binary is compiled, the build script has ended. The pause gives the file another
    // time: clocks of file systems tick every few milliseconds.
    let notes = world.home(".local/share/hero/src/app/src/notes.rs");
    let wrapper = program(
        &world.work("wrapper"),
        &format!(
            "#!/bin/sh\ncase \" $* \" in *\" src/main.rs \"*) sleep 0.05; echo '// mine' > {};; esac\nexec \"$@\"\n",
            notes.display()
        ),
    );
    let mut command = world.command("run app.rhai --debug");
    let output = command.env("RUSTC_WRAPPER", &wrapper).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "// mine\n");
    let (installed, checkout) = is_edited(&world);
    assert!(installed && checkout);
    let status = world.succeed("run app.rhai status");
    assert!(status.contains("1 edited"), "{status}");
}
