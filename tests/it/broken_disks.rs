//! Real disks that are full, read-only or several, and binaries that run.
//!
//! Disks are mounted in a mount namespace of the test's own: each such test
//! starts itself again in one.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::support::{World, both, skipped};
use snapbox::str;

/// Set in the test that was started again.
const INSIDE: &str = "HERO_TEST_MAY_MOUNT";

/// Runs a test where it may mount, or says why it cannot.
fn where_mounting_is_allowed(test: &str, body: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let tried = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs none \"$1\" && mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
    let mut why = String::new();
    // As root already; or as root of a user namespace of one's own.
    for namespace in ["-m", "-rm"] {
        let mut probe = Command::new("unshare");
        probe.args([namespace, "sh", "-c", mount, "sh"]).arg(tried.path());
        match probe.output() {
            Err(error) => why = format!("unshare does not start: {error}"),
            Ok(output) if !output.status.success() => both(&output).trim().clone_into(&mut why),
            Ok(_) => {
                let mut again = Command::new("unshare");
                again.arg(namespace).arg(std::env::current_exe().unwrap());
                let (_, module) = module_path!().split_once("::").unwrap();
                let test = format!("{module}::{test}");
                again.args([&test, "--exact", "--nocapture"]).env(INSIDE, "1");
                // What is mounted cannot be removed in there; out here it can.
                again.env("TMPDIR", tried.path());
                let output = again.output().unwrap();
                let said = both(&output);
                assert!(output.status.success(), "{said}");
                assert!(said.contains("1 passed"), "no test `{test}`: {said}");
                return;
            }
        }
    }
    skipped(&format!("nothing may be mounted here: {why}"));
}

fn mount(options: &[&str], path: &Path) {
    let output = Command::new("mount").args(options).arg(path).output().expect("mount starts");
    assert!(output.status.success(), "mount {options:?}: {}", both(&output));
}

/// A disk of its own at this path.
fn disk(path: &Path, size: &str) {
    std::fs::create_dir_all(path).unwrap();
    mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=755"), "none"], path);
}

fn read_only(path: &Path) {
    std::fs::create_dir_all(path).unwrap();
    mount(&["--bind", path.to_str().unwrap()], path);
    mount(&["-o", "remount,bind,ro"], path);
}

/// Takes every byte that is free.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    for size in [64 * 1024, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

/// Writes a script that installs `app` with these options, and the programs.
fn installer(world: &World, version: &str, bins: &[&str], padding: usize, more: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let mut artifacts = Vec::new();
    for bin in bins {
        let text = format!("#!/bin/sh\necho {bin} {version}\n#{}\n", "x".repeat(padding));
        let path = world.write(&format!("{version}/{bin}"), &text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        artifacts.push(format!("#{{ name: \"{bin}\", path: \"{}\" }}", path.display()));
    }
    let build = format!("let artifacts = [{}];\n", artifacts.join(", "));
    let install = format!("bin::install(#{{ name: \"app\", {more} }});\n");
    world.write(&format!("{version}.rhai"), &(build + &install));
    format!("run {version}")
}

/// The options of `bin::install` for a build of a profile.
const RELEASE: &str = "build: #{ artifacts: artifacts, profile: \"release\" }";
const DEBUG: &str = "build: #{ artifacts: artifacts, profile: \"debug\" }";

/// What is in the store and was not to stay there.
fn left_over(world: &World) -> Vec<PathBuf> {
    let files = world.photograph().into_iter().map(|(path, _)| path);
    let hidden = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        [".staging-", ".removed-", ".hero-", ".tmp"].iter().any(|it| name.starts_with(it))
    };
    files.filter(|path| path.starts_with(world.home(".local")) && hidden(path)).collect()
}

#[test]
fn a_disk_that_gets_full() {
    where_mounting_is_allowed("a_disk_that_gets_full", || {
        let world = World::new();
        disk(&world.home(".local/share/hero"), "256k");
        world.install("app", &["app", "appctl"], "one");
        let big = installer(&world, "two", &["app", "appctl"], 160 * 1024, RELEASE);
        world.hero(&big).assert().code(3).stderr_eq(str![[r#"
error: cannot write to `[ROOT]/home/.local/share/hero/store`: no space left on device
 --> two.rhai:2:6
  |
2 | bin::install(#{ name: "app", build: #{ artifacts: artifacts, profile: "release" } });
  |      ^^^^^^^

hint: free some space, for instance: hero run clear_debug_bins.rhai

"#]]);
        assert_eq!(world.run_bin("app"), "app one");
        assert_eq!(world.run_bin("appctl"), "appctl one");
        assert_eq!(left_over(&world), [] as [PathBuf; 0]);
        let text = std::fs::read_to_string(world.work("two.rhai")).unwrap();
        let caught = format!("try {{ {text} }} catch (error) {{ print(error.kind) }}");
        world.write("caught.rhai", &caught);
        world.hero("run caught").assert().success().stdout_eq("disk_full\n");
        world.install("app", &["app"], "three");
        assert_eq!(world.run_bin("app"), "app three");
        assert_eq!(left_over(&world), [] as [PathBuf; 0]);
    });
}

#[test]
fn a_disk_without_a_free_byte() {
    where_mounting_is_allowed("a_disk_without_a_free_byte", || {
        let world = World::new();
        let hero = world.home(".local/share/hero");
        disk(&hero, "256k");
        let debug = installer(&world, "slow", &["app"], 0, DEBUG);
        world.succeed(&debug);
        world.install("app", &["app"], "one");
        world.install("app", &["app"], "two");
        let small = installer(&world, "three", &["app"], 0, RELEASE);
        fill(&hero);
        let said = world.fail(3, &small);
        assert!(said.contains("hint: free some space"), "{said}");
        assert_eq!(world.run_bin("app"), "app two");
        assert_eq!(left_over(&world), [] as [PathBuf; 0]);
        // What the hint says, and what else makes room.
        world.succeed("run clear_debug_bins");
        assert_eq!(world.run_bin("app"), "app two");
        fill(&hero);
        world.succeed("uninstall app");
        assert!(!world.bin("app").exists());
        assert_eq!(left_over(&world), [] as [PathBuf; 0]);
    });
}

/// Lock files are on the full disk too.
#[test]
fn a_home_without_a_free_byte() {
    where_mounting_is_allowed("a_home_without_a_free_byte", || {
        let world = World::new();
        disk(&world.home(""), "512k");
        let debug = installer(&world, "slow", &["app"], 0, DEBUG);
        world.succeed(&debug);
        world.install("app", &["app"], "one");
        fill(&world.home(""));
        let said = world.fail(3, &installer(&world, "two", &["app"], 0, RELEASE));
        assert!(said.contains("hint: free some space"), "{said}");
        assert_eq!(world.run_bin("app"), "app one");
        world.succeed("run clear_debug_bins");
        assert_eq!(world.run_bin("app"), "app one");
        fill(&world.home(""));
        world.succeed("uninstall app");
        assert!(!world.bin("app").exists());
    });
}

#[test]
fn a_read_only_root_is_told_before_anything_is_done() {
    let test = "a_read_only_root_is_told_before_anything_is_done";
    where_mounting_is_allowed(test, || {
        for folder in [".local/share/hero", ".local/share/hero/current", ".local/bin", ".local"] {
            let world = World::new();
            world.succeed(&installer(&world, "slow", &["app"], 0, DEBUG));
            world.install("app", &["app"], "one");
            let two = installer(&world, "two", &["app", "appctl"], 0, RELEASE);
            world.write("clear.rhai", "bin::clear(#{ name: \"app\" });");
            read_only(&world.home(folder));
            let before = world.photograph();
            for command in [&two, "rollback app", "uninstall app", "run clear"] {
                let said = world.fail(3, command);
                assert!(said.contains("error: cannot install into"), "{folder}: {command}: {said}");
                assert!(said.contains("read-only file system"), "{folder}: {command}: {said}");
                assert_eq!(world.photograph(), before, "{folder}: {command}");
            }
            let listed = world.succeed("list");
            assert!(listed.contains("app"), "{listed}");
            assert_eq!(world.run_bin("app"), "app one");
        }
        let world = World::new();
        read_only(&world.home(".local"));
        let one = installer(&world, "one", &["app"], 0, RELEASE);
        world.hero(&one).assert().code(3).stderr_eq(str![[r#"
error: cannot install into `[ROOT]/home/.local/share/hero/store`: it is not writable
 --> one.rhai:2:6
  |
2 | bin::install(#{ name: "app", build: #{ artifacts: artifacts, profile: "release" } });
  |      ^^^^^^^
  cannot write to `[ROOT]/home/.local`: read-only file system

hint: mount it writable, or choose another place: findmnt --target [ROOT]/home/.local

"#]]);
    });
}

#[test]
fn everything_on_a_disk_of_its_own() {
    where_mounting_is_allowed("everything_on_a_disk_of_its_own", || {
        let world = World::new();
        let hero = world.home(".local/share/hero");
        for folder in ["store", "current", "replaced"] {
            disk(&hero.join(folder), "1m");
        }
        disk(&world.home(".local/bin"), "1m");
        disk(&world.work("one"), "1m");
        let said = |bins: &[&str]| bins.iter().map(|bin| world.run_bin(bin)).collect::<Vec<_>>();
        world.succeed(&installer(&world, "slow", &["app", "appctl"], 0, DEBUG));
        world.succeed(&installer(&world, "one", &["app", "appctl"], 0, RELEASE));
        assert_eq!(said(&["app", "appctl"]), ["app one", "appctl one"]);
        std::fs::write(world.bin("more"), "a stranger's").unwrap();
        let replacing =
            installer(&world, "two", &["app", "more"], 0, &format!("{RELEASE}, replace: true"));
        world.succeed(&replacing);
        assert_eq!(said(&["app", "more"]), ["app two", "more two"]);
        assert!(!world.bin("appctl").exists());
        let kept: Vec<_> = std::fs::read_dir(hero.join("replaced")).unwrap().collect();
        let [Ok(kept)] = &kept[..] else { panic!("{kept:?}") };
        assert_eq!(std::fs::read_to_string(kept.path()).unwrap(), "a stranger's");
        world.succeed("rollback app");
        assert_eq!(said(&["app", "appctl"]), ["app one", "appctl one"]);
        world.write("clear.rhai", "bin::clear(#{ name: \"app\", force: true });");
        world.succeed("run clear");
        assert_eq!(said(&["app", "appctl"]), ["app one", "appctl one"]);
        world.succeed("uninstall app");
        assert!(!world.bin("app").exists());
        assert_eq!(left_over(&world), [] as [PathBuf; 0]);
    });
}

/// A process that says what it is told, as long as it lives.
struct Echo {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Echo {
    fn start(program: &Path) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut echo = Self { child, said };
        echo.lives();
        echo
    }

    fn lives(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"hello\n").expect("it reads");
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert_eq!(line, "hello\n");
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}

#[test]
fn binaries_that_run_live_on() {
    let world = World::new();
    let install = |version: &str| {
        let path = world.work("cat");
        // It is called `cat` in case it is one of many programs in one file;
        // what follows the program does not disturb it.
        let mut program = std::fs::read("/bin/cat").unwrap();
        program.extend(version.bytes());
        std::fs::remove_file(&path).ok();
        std::fs::write(&path, program).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        let files = path.display();
        world
            .write("i.rhai", &format!("bin::install(#{{ name: \"app\", files: [\"{files}\"] }});"));
        world.succeed("run i");
    };
    install("one");
    let mut one = Echo::start(&world.bin("cat"));
    install("two");
    one.lives();
    let mut two = Echo::start(&world.bin("cat"));
    world.succeed("rollback app");
    one.lives();
    two.lives();
    world.succeed("uninstall app");
    assert!(!world.bin("cat").exists());
    one.lives();
    two.lives();
}
