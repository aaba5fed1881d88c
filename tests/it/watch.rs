//! The verb `watch`: every saved change is built and installed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::support::{self, World, prints};

/// Longer than any build here takes, so that what is never said is a failure.
const LIMIT: Duration = Duration::from_mins(2);

/// A hero that watches, and what it says, line by line.
struct Watching(Child, Receiver<String>);

impl Watching {
    fn start(world: &World, arguments: &str) -> Self {
        let mut child = world
            .command(arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("hero starts");
        let (sender, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        std::thread::spawn(move || {
            for line in stderr.lines() {
                drop(sender.send(line.expect("text")));
            }
        });
        Self(child, lines)
    }

    /// Reads on until a line has this in it; all that was said until then.
    fn until(&mut self, text: &str) -> String {
        let mut said = String::new();
        while let Ok(line) = self.1.recv_timeout(LIMIT) {
            said.push_str(&line);
            said.push('\n');
            if line.contains(text) {
                return said;
            }
        }
        drop(self.0.kill());
        panic!("`{text}` was never said:\n{said}");
    }

    fn end(mut self) {
        support::interrupt(&self.0);
        assert_eq!(self.0.wait().unwrap().code(), Some(130));
        assert_eq!(self.1.iter().collect::<Vec<_>>(), [] as [String; 0]);
    }
}

#[test]
fn each_saved_change_is_installed_and_an_error_waits_for_the_next() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    world.service("app", &repo, "");
    let mut watching = Watching::start(&world, "run app watch --debug");
    watching.until("Watching");
    assert_eq!(world.run_bin("app"), "one");

    let checkout = world.checkout("app");
    checkout.write("src/main.rs", &prints("two"));
    let said = watching.until("Finished");
    assert!(said.contains("Changed src/main.rs") && said.contains("Installed app"), "{said}");
    assert_eq!(world.run_bin("app"), "two");

    checkout.write("src/main.rs", "fn main() { missing() }\n");
    let said = watching.until("Failed app");
    assert!(said.contains("cannot find function `missing`"), "{said}");
    assert_eq!(world.run_bin("app"), "two");

    // What git ignores, and git's own files, are no change.
    checkout.write(".git/info/exclude", "*.log\n");
    checkout.write("noise.log", "noise");
    checkout.write("src/main.rs", &prints("three"));
    let said = watching.until("Finished");
    assert!(said.contains("Changed src/main.rs\n"), "{said}");
    assert_eq!(world.run_bin("app"), "three");
    watching.end();
    world.succeed("verify");
}

#[test]
fn what_the_build_read_is_watched_too() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    let outside = world.write("outside.txt", "outside one");
    let main = format!(
        "fn main() {{ println!(\"{{}} {{}}\", include_str!(\"../dist.txt\").trim(), include_str!(\"{}\").trim()); }}\n",
        outside.display()
    );
    repo.write("src/main.rs", &main);
    // It writes an ignored file each time it runs, with the same content.
    repo.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=made.txt\");\n    std::fs::write(\"made.txt\", \"made\").unwrap();\n}\n",
    );
    repo.write(".gitignore", "/dist.txt\n/made.txt\n/Cargo.lock\n");
    repo.commit("inputs that git does not see");
    world.service("app", &repo, "");
    repo.git(&format!(
        "clone --quiet {0} {1}",
        repo.path.display(),
        world.checkout("app").path.display()
    ));
    let checkout = world.checkout("app");
    checkout.write("dist.txt", "one");
    let mut watching = Watching::start(&world, "run app watch --debug");
    watching.until("Watching");
    assert_eq!(world.run_bin("app"), "one outside one");
    checkout.write("dist.txt", "two");
    let said = watching.until("Finished");
    assert!(said.contains("Changed dist.txt"), "{said}");
    assert_eq!(world.run_bin("app"), "two outside one");
    world.write("outside.txt", "outside two");
    let said = watching.until("Finished");
    assert!(said.contains("outside.txt"), "{said}");
    assert_eq!(world.run_bin("app"), "two outside two");
    watching.end();
}

#[test]
fn a_first_build_that_fails_is_waited_with() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    repo.write("src/main.rs", "fn main() { missing() }\n");
    repo.commit("broken");
    world.service("app", &repo, "");
    let mut watching = Watching::start(&world, "run app watch --debug");
    watching.until("Watching");
    world.checkout("app").write("src/main.rs", &prints("mended"));
    watching.until("Finished");
    assert_eq!(world.run_bin("app"), "mended");
    watching.end();
}

#[test]
fn nothing_to_watch_is_an_error_and_a_plan_watches_nothing() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    world.service("app", &repo, "branch: \"none\",");
    assert!(world.fail(3, "run app watch --debug").contains("no such branch"));
    world.service("app", &repo, "");
    let said = world.succeed("run app watch --dry-run");
    assert!(said.contains("Would watch"), "{said}");
}
