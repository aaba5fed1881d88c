//! Builds where another project lies around hero's folders.

use std::path::{Path, PathBuf};

use crate::support::{World, both, prints, skipped};

/// A workspace that contains hero's folders.
fn workspace(folder: &Path) {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"outer\"\nversion = \"0.1.0\"\n[workspace]\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
}

/// Installs, edits the checkout and installs again, with HERO_HOME or HOME there.
fn install(variable: &str, home: &Path, checkouts: &Path) {
    let world = World::new();
    let repo = world.crate_repo("app", "first");
    world.service("app", &repo, "");
    let hero = |arguments: &str| {
        let mut command = world.command(arguments);
        command.env(variable, home);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
    };
    hero("run app.rhai --debug");
    let source: PathBuf = checkouts.join("app/src/main.rs");
    std::fs::write(&source, prints("second")).unwrap();
    hero("run app.rhai --debug");
    let bin = if variable == "HOME" { home.join(".local/bin/app") } else { home.join("bin/app") };
    let output = std::process::Command::new(bin).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "second\n");
}

#[test]
fn below_a_workspace() {
    let dir = tempfile::tempdir().unwrap();
    let outer = dir.path().canonicalize().unwrap().join("outer");
    workspace(&outer);
    install("HERO_HOME", &outer.join(".hero"), &outer.join(".hero/target/package"));
    install("HOME", &outer, &outer.join(".local/share/hero/target/package"));
    // By a link.
    let link = dir.path().join("link");
    std::fs::create_dir(outer.join("linked")).unwrap();
    std::os::unix::fs::symlink(outer.join("linked"), &link).unwrap();
    install("HERO_HOME", &link, &outer.join("linked/target/package"));
}

#[test]
fn a_folder_of_checkouts_stays_and_cargos_complaint_has_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new();
    let repo = world.crate_repo("app", "moved");
    world.service("app", &repo, "");
    let home = dir.path().canonicalize().unwrap().join("home");
    let hero = |arguments: &str| {
        let mut command = world.command(arguments);
        command.env("HERO_HOME", &home);
        command.output().unwrap()
    };
    assert!(hero("run app.rhai --debug").status.success());
    // The workspace came later.
    workspace(dir.path());
    std::fs::write(home.join("src/app/src/main.rs"), prints("edited")).unwrap();
    let output = hero("run app.rhai --debug");
    let text = both(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    let hint = text.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    let (_, typed) = hint.split_once("workspace: ").unwrap();
    let moved = std::process::Command::new("sh").args(["-c", typed]).status().unwrap();
    assert!(moved.success(), "{typed}");
    let output = hero("run app.rhai --debug");
    assert!(output.status.success(), "{}", both(&output));
    let output = std::process::Command::new(home.join("bin/app")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "edited\n");
}

/// A file system that is gone at the end.
struct Mounted(PathBuf);

impl Mounted {
    /// `None` where this user may not mount.
    fn noexec(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = std::process::Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "noexec,size=200m", "tmpfs"]).arg(&folder);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        if !mounted {
            skipped("this user cannot mount");
        }
        mounted.then_some(Self(folder))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let status = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(status.unwrap().success());
    }
}

#[test]
fn where_no_program_runs() {
    let world = World::new();
    let Some(mounted) = Mounted::noexec(world.root().join("noexec")) else { return };
    let repo = world.crate_repo("app", "one");
    repo.write("build.rs", "fn main() {}\n");
    repo.commit("a build script");
    world.service("app", &repo, "");
    let said = |arguments: &str| {
        let mut command = world.command(arguments);
        let output = command.env("HERO_HOME", &mounted.0).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", both(&output));
        both(&output)
    };
    let text = said("run app.rhai --debug");
    assert!(text.contains("hint: see whether") && text.contains("hero doctor"), "{text}");
    let text = said("doctor");
    assert_eq!(text.matches("runs no programs (`noexec`)").count(), 2, "{text}");
    assert!(text.contains("mount -o remount,exec"), "{text}");
}

#[test]
fn a_home_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    world.service("app", &world.crate_repo("app", "one"), "");
    let home = world.root().join(std::ffi::OsStr::from_bytes(b"h\xff"));
    if std::fs::create_dir(&home).is_err() {
        return skipped("this file system has only names in UTF-8");
    }
    for (arguments, exit) in [("run app.rhai --debug", 1), ("doctor", 3)] {
        let output = world.command(arguments).env("HOME", &home).output().unwrap();
        let text = both(&output);
        assert_eq!(output.status.code(), Some(exit), "{text}");
        assert!(text.contains("set HERO_HOME to a folder with another path"), "{text}");
    }
}

#[test]
fn a_binary_with_a_name_that_hero_does_not_take() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    repo.write("src/bin/größe.rs", &prints("seven"));
    repo.commit("another binary");
    world.service("app", &repo, "");
    let text = world.fail(1, "run app.rhai --debug");
    assert!(text.contains("`größe` is not a valid binary name"), "{text}");
    assert!(text.contains("hint: leave it out by naming the others, `bins: "), "{text}");
    world.service("app", &repo, "bins: [\"app\"],");
    world.succeed("run app.rhai --debug");
    assert_eq!(world.run_bin("app"), "one");
}
