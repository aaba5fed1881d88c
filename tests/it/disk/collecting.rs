//! `hero gc` and `[disk]` in config.toml.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::measure::{du, folders, space};
use crate::support::World;

/// Services in both profiles; the debug build is current.
fn built(names: &[&str]) -> World {
    let world = World::new();
    for name in names {
        world.service(name, &world.crate_repo(name, "hello"), "");
        world.succeed(&format!("run {name} --release"));
        world.succeed(&format!("run {name} --debug"));
    }
    world
}

fn build(world: &World, path: &str) -> PathBuf {
    world.home(".cache/hero/build").join(path)
}

/// Makes a profile of a service unused for so many days.
fn unused(world: &World, service: &str, profile: &str, days: u64) {
    let stamp = build(world, &format!("{service}/hero-used-{profile}"));
    let file = std::fs::File::options().append(true).open(&stamp).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(24 * days)).unwrap();
}

fn generations(world: &World, service: &str) -> usize {
    std::fs::read_dir(world.home(".local/share/hero/store").join(service))
        .map_or(0, Iterator::count)
}

#[test]
fn the_least_recently_used_goes_first_until_the_limit_is_kept() {
    let world = built(&["a", "b", "c"]);
    for (service, profile, days) in [
        ("a", "debug", 3),
        ("a", "release", 9),
        ("b", "debug", 8),
        ("b", "release", 2),
        ("c", "debug", 1),
        ("c", "release", 7),
    ] {
        unused(&world, service, profile, days);
    }
    // In the order in which they must go.
    let order = ["a/release", "b/debug", "c/release", "a/debug", "b/release", "c/debug"];
    let whole = space(&world);
    for (gone, path) in order.iter().enumerate() {
        // One byte less than what is there now.
        let limit = space(&world) - 1 - 2 * 4096;
        let before = space(&world);
        let said = world.succeed(&format!("gc --dry-run --max-size {limit}B"));
        assert_eq!(said.matches("Would remove").count(), 1, "{said}");
        assert_eq!(space(&world), before);
        world.succeed(&format!("gc --max-size {limit}B"));
        assert!(space(&world) <= limit + 2 * 4096);
        let left: Vec<bool> = order.iter().map(|path| build(&world, path).exists()).collect();
        let expected: Vec<bool> = (0..order.len()).map(|index| index > gone).collect();
        assert_eq!(left, expected, "{path}");
    }
    assert!(space(&world) < whole);
    // Then the generations that are not current, and no more than that.
    let said = world.succeed("gc --max-size 0B");
    assert!(said.contains("more than 0 B: the rest is in use"), "{said}");
    for name in ["a", "b", "c"] {
        assert_eq!(generations(&world, name), 1, "{name}");
        assert_eq!(world.run_bin(name), "hello");
        assert!(world.checkout(name).path.join("Cargo.toml").exists());
    }
    world.succeed("verify");
    world.succeed("run a --debug");
}

#[test]
fn what_is_older_goes_and_the_figures_are_those_of_du() {
    let world = built(&["a", "b"]);
    unused(&world, "a", "debug", 20);
    unused(&world, "b", "release", 13);
    world.write("gc.rhai", "print(disk::collect(#{ older_than: \"14d\" }).freed);");
    let before = space(&world);
    let freed = |arguments: &str| {
        world.succeed(arguments).lines().find_map(|line| line.parse::<u64>().ok()).unwrap()
    };
    let planned = freed("run --dry-run gc.rhai");
    assert_eq!(space(&world), before);
    assert_eq!(freed("run gc.rhai"), planned);
    assert_eq!(before - space(&world), planned);
    assert!(!build(&world, "a/debug").exists() && build(&world, "b/release").exists());
    // A name limits it to one service.
    unused(&world, "a", "release", 20);
    unused(&world, "b", "release", 20);
    world.succeed("gc b --older-than 14d");
    assert!(build(&world, "a/release").exists() && !build(&world, "b/release").exists());
    // Clearing debug builds has the same flag.
    unused(&world, "b", "debug", 20);
    world.succeed("run clear_debug_bins --older-than 30d");
    assert!(build(&world, "b/debug").exists());
    world.succeed("run clear_debug_bins --older-than 2w");
    assert!(!build(&world, "b/debug").exists());
    assert!(world.fail(2, "gc --older-than never").contains("is not an age"));
    assert!(world.fail(2, "gc --max-size 20").contains("is not a size"));
    assert!(world.fail(1, "gc nobody").contains("`nobody` is not installed"));
}

#[test]
fn a_build_or_a_reuse_is_a_use() {
    let world = built(&["a"]);
    unused(&world, "a", "debug", 20);
    unused(&world, "a", "release", 20);
    let said = world.succeed("run a --release");
    assert!(!said.contains("Built"), "it is made current again: {said}");
    world.succeed("gc --older-than 14d");
    assert!(build(&world, "a/release").exists() && !build(&world, "a/debug").exists());
    world.succeed("run a --debug --full-debuginfo");
    world.succeed("gc --older-than 14d");
    assert!(build(&world, "a/debug").exists());
}

#[test]
fn build_files_without_a_service_go() {
    let world = built(&["a", "b"]);
    world.succeed("uninstall b");
    let before = space(&world);
    let size = du(&[build(&world, "b")]);
    // That is enough for a limit that everything together exceeds.
    let said = world.succeed(&format!("gc --dry-run --max-size {}B", before - 1 - 2 * 4096));
    assert!(said.contains("Would remove build files of `b`"), "{said}");
    assert_eq!(said.matches("Would remove").count(), 1, "{said}");
    world.succeed("gc");
    assert_eq!(before - space(&world), size);
    assert!(!build(&world, "b").exists() && build(&world, "a/debug").exists());
    assert!(world.checkout("b").path.exists(), "the checkout stays");
    assert_eq!(generations(&world, "a"), 2);
}

#[test]
fn what_a_killed_removal_left_goes() {
    let world = built(&["a"]);
    let store = world.home(".local/share/hero/store/a");
    let names = std::fs::read_dir(&store).unwrap().map(|it| it.unwrap().path());
    let release = names.into_iter().find(|it| it.display().to_string().contains("-release-"));
    std::fs::rename(release.unwrap(), store.join(".removed-999999-0")).unwrap();
    let before = space(&world);
    world.write("gc.rhai", "print(disk::collect(#{ max_size: \"1TB\" }).freed);");
    let said = world.succeed("run gc.rhai");
    let freed: u64 = said.lines().find_map(|line| line.parse().ok()).unwrap();
    assert_eq!((generations(&world, "a"), before - space(&world)), (1, freed));
    assert!(freed > 0);
    world.succeed("verify");
}

#[test]
fn what_runs_stays() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    repo.write(
        "src/main.rs",
        "fn main() { println!(\"up\"); std::io::stdin().read_line(&mut String::new()).unwrap(); }",
    );
    repo.commit("waits");
    world.service("app", &repo, "");
    world.succeed("run app --release");
    let mut child = std::process::Command::new(world.bin("app"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    world.succeed("run app --debug");
    world.succeed("gc --max-size 0B");
    assert_eq!(generations(&world, "app"), 2, "one is current, the other runs");
    drop(child.stdin.take());
    child.wait().unwrap();
    world.succeed("gc --max-size 0B");
    assert_eq!(generations(&world, "app"), 1);
}

#[test]
fn an_install_keeps_the_limits_of_the_configuration() {
    let world = built(&["a", "b"]);
    unused(&world, "a", "release", 9);
    let limit = space(&world);
    let config = format!("[disk]\nmax_size = \"{limit}B\"\nolder_than = \"300d\"\n");
    std::fs::create_dir_all(world.home(".config/hero")).unwrap();
    std::fs::write(world.home(".config/hero/config.toml"), config).unwrap();
    // Nothing new is nothing to do.
    let said = world.succeed("run b --debug");
    assert!(!said.contains("freed") && build(&world, "a/release").exists(), "{said}");
    world.service("c", &world.crate_repo("c", "hello"), "");
    let said = world.succeed("run c --debug --dry-run");
    assert!(!said.contains("freed") && build(&world, "a/release").exists(), "{said}");
    let said = world.succeed("run c --debug");
    assert!(said.contains("freed") && said.contains("as `[disk]` in config.toml says"), "{said}");
    assert_eq!(said.matches("freed").count(), 1, "{said}");
    assert!(!said.contains("Removed"), "{said}");
    assert!(!build(&world, "a/release").exists(), "the least recently used went");
    assert!(space(&world) <= limit + 2 * 4096);
    assert_eq!(world.run_bin("c"), "hello");
    // The limits hold for gc without flags too.
    unused(&world, "b", "release", 301);
    world.succeed("gc");
    assert!(!build(&world, "b/release").exists());
    // An install goes well whatever happens to the rest.
    std::fs::write(world.home(".config/hero/config.toml"), "[disk]\nmax_size = \"0B\"\n").unwrap();
    world.service("d", &world.crate_repo("d", "hello"), "");
    world.succeed("run d --debug");
    assert_eq!(world.run_bin("d"), "hello");
    assert_eq!(folders(&world).iter().filter(|it| it.exists()).count(), 2);
    std::fs::write(world.home(".config/hero/config.toml"), "[disk]\nmax_size = 20\n").unwrap();
    assert!(world.fail(1, "list").contains("line 2"));
}

#[test]
fn an_install_waits_for_nobody_to_keep_the_limits() {
    let world = built(&["a", "b"]);
    std::fs::create_dir_all(world.home(".config/hero")).unwrap();
    std::fs::write(world.home(".config/hero/config.toml"), "[disk]\nmax_size = \"0B\"\n").unwrap();
    let locks = world.home(".local/state/hero/locks");
    // Somebody works on one of them, somebody else builds in the directory of the other.
    let held = ["service-a.lock", "build-b.lock"].map(|name| {
        let file = std::fs::File::options().read(true).write(true).open(locks.join(name)).unwrap();
        file.lock().unwrap();
        file
    });
    world.service("c", &world.crate_repo("c", "hello"), "");
    let mut command = world.command("run c --debug");
    assert!(command.env("HERO_LOCK_TIMEOUT", "1").status().unwrap().success());
    assert!(build(&world, "a/debug").exists() && build(&world, "b/debug").exists());
    assert!(!build(&world, "c/debug").exists());
    // Who asks for it waits, and says for whom.
    let mut command = world.command("gc");
    let output = command.env("HERO_LOCK_TIMEOUT", "1").output().unwrap();
    let said = crate::support::both(&output);
    assert!(said.contains("Waiting") && said.contains("removals failed"), "{said}");
    assert_eq!(output.status.code(), Some(3), "{said}");
    drop(held);
    world.succeed("gc");
    assert!(!build(&world, "a/debug").exists() && !build(&world, "b/debug").exists());
    assert_eq!((world.run_bin("a"), world.run_bin("b")), ("hello".into(), "hello".into()));
}
