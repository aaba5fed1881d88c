//! Services with the same crates build in one directory and never get each
//! other's binaries.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::super::clean::Cleaned;
use super::super::{Built, Clean, Options, Part, Profile, build, clean};
use super::support::run;
use crate::event::{Event, Recorder};
use crate::sys::cancel::Cancel;
use crate::sys::disk::{self, Removal};
use crate::sys::fs;
use crate::sys::name::Name;

/// Services beside each other. Each is the package `server` 0.1.0 with a
/// binary, a library and a build script of always the same names, and has one
/// crate of the registry.
struct Siblings(tempfile::TempDir);

impl Siblings {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// The files of a service, all of them of this age in days.
    fn service(&self, name: &str, age: u64) {
        let dir = self.path("src").join(name);
        let own =
            "[[package]]\nname = \"server\"\nversion = \"0.1.0\"\ndependencies = [\"itoa\"]\n";
        let lock = format!("version = 4\n\n{own}\n{}", itoa());
        let files = [
            ("Cargo.toml", format!("{}{DEPENDENCY}", super::support::package("server", ""))),
            ("Cargo.lock", lock),
            ("build.rs", format!("fn main() {{ println!(\"cargo::rustc-env=BY={name}\"); }}\n")),
            ("src/lib.rs", format!("pub const NAME: &str = \"{name}\";\n")),
            ("src/main.rs", MAIN.into()),
        ];
        for (path, text) in files {
            fs::write(&dir.join(path), text.as_bytes()).unwrap();
            let file = std::fs::File::options().write(true).open(dir.join(path)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_hours(24 * age)).unwrap();
        }
    }

    fn build(&self, name: &str) -> Built {
        self.build_with(name, |_| ()).0
    }

    fn build_with(&self, name: &str, change: impl FnOnce(&mut Options)) -> (Built, Vec<Event>) {
        let service = Name::new("service", name).unwrap();
        let (source, build_dir) = (self.path("src").join(name), self.build_dir(name));
        let (log, locks) = (self.path("log"), self.path("locks"));
        let mut options = Options::new(&service, &source, &source, &build_dir, &log);
        options.profile = Profile::Debug;
        options.offline = true;
        options.share = Some(&locks);
        change(&mut options);
        let reporter = Recorder::default();
        let built = build(&options, &reporter, &Cancel::default());
        (built.unwrap_or_else(|error| panic!("{error:?}")), reporter.events())
    }

    fn clean(&self, name: &str) -> Cleaned {
        let service = Name::new("service", name).unwrap();
        let what = Clean {
            service: &service,
            build: &self.path("build"),
            locks: &self.path("locks"),
            part: Part::Profile(&Profile::Debug),
            used_before: None,
            wait: true,
            dry_run: false,
        };
        let (reporter, cancel) = (Recorder::default(), Cancel::default());
        clean(&what, &mut Removal::default(), &reporter, &cancel).unwrap()
    }

    fn build_dir(&self, name: &str) -> PathBuf {
        self.path("build").join(name)
    }

    /// The hashes of all units in the directory of `one`, by crate.
    fn hashes(&self) -> Vec<(String, String)> {
        let prints = fs::list(&self.build_dir("one").join("debug/.fingerprint")).unwrap();
        let parts = prints.iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            name.rsplit_once('-').map(|(name, hash)| (name.to_owned(), hash.to_owned()))
        });
        parts.collect()
    }

    /// How often the crate of the registry was compiled in a service's directory.
    fn crates(&self, name: &str) -> usize {
        let prints = fs::list(&self.build_dir(name).join("debug/.fingerprint")).unwrap_or_default();
        let name = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        prints.iter().filter(|path| name(path).starts_with("itoa-")).count()
    }
}

const DEPENDENCY: &str = "[dependencies]\nitoa = \"1\"\n";
const MAIN: &str = "fn main() {\n    let mut digits = itoa::Buffer::new();\n    \
    println!(\"{} {} {}\", server::NAME, env!(\"BY\"), digits.format(7));\n}\n";

/// The entry of hero's own lockfile: that version has been downloaded.
fn itoa() -> String {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let start = text.find("[[package]]\nname = \"itoa\"").unwrap();
    text[start..].split("\n\n").next().unwrap().to_owned() + "\n"
}

fn says(built: &Built) -> String {
    run(&built.artifacts[0].path)
}

#[test]
fn packages_of_one_name_and_version_are_never_mixed_up() {
    let siblings = Siblings::new();
    siblings.service("one", 0);
    // Older than everything that was built of the first: cargo would call it fresh.
    siblings.service("two", 400);
    siblings.service("three", 800);
    for _ in 0..2 {
        for name in ["one", "two", "three"] {
            assert_eq!(says(&siblings.build(name)), format!("{name} {name} 7\n"));
        }
    }
    let all = ["one", "two", "three"].map(|name| siblings.crates(name));
    assert_eq!(all, [1, 0, 0], "the crate is compiled once for all");
    for name in ["one", "two", "three"] {
        assert!(siblings.build(name).fresh, "{name}");
    }
    // What one of them changes is that one's alone.
    let lib = siblings.path("src/two/src/lib.rs");
    fs::write(&lib, b"pub const NAME: &str = \"new\";\n").unwrap();
    assert_eq!(says(&siblings.build("two")), "new two 7\n");
    assert_eq!(says(&siblings.build("one")), "one one 7\n");
    assert!(siblings.build("three").fresh && siblings.build("one").fresh);
}

#[test]
fn only_services_with_half_of_the_crates_in_common_share() {
    let siblings = Siblings::new();
    siblings.service("one", 0);
    siblings.service("two", 0);
    let lock = siblings.path("src/two/Cargo.lock");
    let other = fs::read_to_string(&lock).unwrap();
    let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let more: String = ["a", "b"]
        .map(|name| format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}\n"))
        .concat();
    fs::write(&lock, format!("{other}{more}").as_bytes()).unwrap();
    siblings.build("one");
    // cargo drops the entries that nothing needs.
    siblings.build("two");
    assert_eq!((siblings.crates("one"), siblings.crates("two")), (1, 1));
    // What was chosen once stays.
    assert!(siblings.build("two").fresh);
    assert_eq!(siblings.crates("two"), 1);
}

#[test]
fn what_could_be_mixed_up_is_built_alone() {
    let siblings = Siblings::new();
    siblings.service("host", 0);
    siblings.build("host");
    let alone = |name: &str, prepare: &dyn Fn(&Path), change: &dyn Fn(&mut Options)| {
        siblings.service(name, 400);
        prepare(&siblings.path("src").join(name));
        let built = siblings.build_with(name, change).0;
        assert_eq!(says(&built), format!("{name} {name} 7\n"));
        assert_eq!(siblings.crates(name), 1, "{name}");
    };
    alone("unwilling", &|_| (), &|options| options.share = None);
    alone("variable", &|_| (), &|options| drop(options.env.insert("A".into(), "b".into())));
    let wrapper = "[build]\nrustc-workspace-wrapper = \"env\"\n";
    let configure = |text: &'static str| {
        move |dir: &Path| fs::write(&dir.join(".cargo/config.toml"), text.as_bytes()).unwrap()
    };
    alone("wrapped", &configure(wrapper), &|_| ());
    // A package by path that is no member: cargo tells such only by name.
    let beside = |dir: &Path| {
        let manifest = super::support::package("part", "");
        fs::write(&dir.join("part/Cargo.toml"), manifest.as_bytes()).unwrap();
        fs::write(&dir.join("part/src/lib.rs"), b"").unwrap();
        let own = fs::read_to_string(&dir.join("Cargo.toml")).unwrap();
        let more = "part = { path = \"part\" }\n[workspace]\nexclude = [\"part\"]\n";
        fs::write(&dir.join("Cargo.toml"), (own + more).as_bytes()).unwrap();
    };
    alone("path", &beside, &|options| options.locked = Some(false));
}

#[test]
fn cleaning_a_guest_leaves_the_host_what_it_has() {
    let siblings = Siblings::new();
    siblings.service("one", 0);
    siblings.service("two", 0);
    siblings.build("one");
    let hosts = siblings.hashes();
    let binary = siblings.build("two").artifacts[0].path.clone();
    assert!(binary.starts_with(siblings.build_dir("two")));
    // Everything that is its own goes, and nothing else.
    let guests: Vec<_> = siblings.hashes().into_iter().filter(|it| !hosts.contains(it)).collect();
    assert_eq!((hosts.len(), guests.len()), (5, 4), "the crate, and its print, is the host's");
    let before = disk::used(&siblings.path("build"));
    let freed = siblings.clean("two").freed;
    assert_eq!(before - disk::used(&siblings.path("build")), freed);
    assert!(!fs::exists(&binary));
    assert_eq!(siblings.hashes(), hosts);
    assert!(siblings.build("one").fresh, "nothing of the host's is compiled again");
    let again = siblings.build("two");
    assert!(!again.fresh && says(&again) == "two two 7\n");
    // Without a list of its own units only its own folder goes.
    fs::remove_file(&siblings.build_dir("two").join("hero-units.json")).unwrap();
    assert!(siblings.clean("two").freed > 0);
    assert!(!fs::exists(&binary));
    assert!(siblings.hashes().len() > hosts.len());
    assert_eq!(says(&siblings.build("two")), "two two 7\n");

    let cleaned = siblings.clean("one");
    assert_eq!(cleaned.guests, [Name::new("service", "two").unwrap()]);
    assert_eq!(siblings.crates("one"), 0);
    assert_eq!(says(&siblings.build("two")), "two two 7\n");
    // Without a host the guest finds itself another place.
    fs::remove_dir_all(&siblings.build_dir("one")).unwrap();
    assert_eq!(says(&siblings.build("two")), "two two 7\n");
    assert_eq!(siblings.crates("two"), 1);
}

#[test]
fn builds_in_one_directory_take_turns_and_say_so() {
    let siblings = Siblings::new();
    siblings.service("one", 0);
    siblings.service("two", 0);
    siblings.build("one");
    // A process that another test starts at this moment may hold the lock until it is exec'ed.
    let (recorder, cancel) = (Recorder::default(), Cancel::default());
    let locks = siblings.path("locks");
    let turn = crate::sys::lock::acquire(&locks, "build-one", &recorder, &cancel).unwrap();
    let turn = Some(turn);
    let waits = |event: &Event| match event {
        Event::BuildProgress { current, .. } => current.contains("waits for its turn"),
        _ => false,
    };
    let reporter = Release { turn: turn.into(), heard: std::sync::Mutex::default(), waits };
    let service = Name::new("service", "two").unwrap();
    let (source, build_dir) = (siblings.path("src/two"), siblings.build_dir("two"));
    let (log, locks) = (siblings.path("log"), siblings.path("locks"));
    let mut options = Options::new(&service, &source, &source, &build_dir, &log);
    options.share = Some(&locks);
    options.offline = true;
    let built = build(&options, &reporter, &Cancel::default()).unwrap();
    assert_eq!(says(&built), "two two 7\n");
    assert!(*reporter.heard.lock().unwrap(), "it waited");
}

/// Gives the turn up as soon as somebody waits for it.
struct Release<F> {
    turn: std::sync::Mutex<Option<crate::sys::lock::Lock>>,
    heard: std::sync::Mutex<bool>,
    waits: F,
}

impl<F: Fn(&Event) -> bool + Send + Sync> crate::event::Reporter for Release<F> {
    fn report(&self, event: Event) {
        if (self.waits)(&event) {
            *self.heard.lock().unwrap() = true;
            drop(self.turn.lock().unwrap().take());
        }
    }
}
