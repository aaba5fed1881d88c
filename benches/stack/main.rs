//! A stack on a fresh machine: `cargo bench --bench stack [-- REPO…] [--siblings N]
//! [--runs N] [--release]`.
//!
//! Without repositories, as many sibling services as asked for (four): small web
//! services with the same crates in the same versions. The ways take turns, each
//! time with a home, a store and build directories of their own; only downloaded
//! crates are shared. Nothing fails because it was slow; it does if a service is
//! not installed.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod memory;
mod report;
mod siblings;

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use std::path::PathBuf;
use std::time::Instant;

use memory::Peak;
use report::{Report, say};
use support::{World, both};

/// How a stack is installed.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// A command for each service, one after the other.
    OneByOne,
    /// `install_all`, where no service shares another's build directory.
    Separate,
    /// `install_all` as it is.
    Stack,
}

impl Way {
    const ALL: [Self; 3] = [Self::OneByOne, Self::Separate, Self::Stack];

    /// As the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneByOne => "one after the other",
            Self::Separate => "install_all, nothing shared",
            Self::Stack => "install_all",
        }
    }
}

/// A repository to install.
struct Service {
    name: String,
    url: String,
}

/// What was measured of one way, once.
pub struct Measured {
    /// From nothing.
    pub cold: f64,
    /// With nothing to do, the least of five.
    pub again: f64,
    /// Bytes, of hero and everything it started.
    pub peak: u64,
    /// Bytes of all build directories.
    pub build: u64,
}

fn main() {
    // As `cargo test --benches` runs it.
    if !std::env::args().any(|argument| argument == "--bench") {
        say("nothing is measured without --bench");
        return;
    }
    let (mut repos, mut count, mut runs, mut profile) = (Vec::new(), 4, 1, "--debug");
    let mut words = std::env::args().skip(1);
    let number = |word: Option<String>| {
        let number = word.and_then(|word| word.parse::<usize>().ok()).filter(|number| *number > 0);
        number.expect("--siblings and --runs want a number")
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--siblings" => count = number(words.next()),
            "--runs" => runs = number(words.next()),
            "--release" => profile = "--release",
            option if option.starts_with('-') => panic!("what is {option}?"),
            _ => repos.push(PathBuf::from(word)),
        }
    }
    let remotes = World::new();
    let services = if repos.is_empty() {
        let siblings = siblings::make(&remotes, count);
        let service = |(name, path): (String, PathBuf)| Service { name, url: url(&path) };
        siblings.into_iter().map(service).collect()
    } else {
        repos.iter().enumerate().map(real).collect::<Vec<_>>()
    };
    // Crates are downloaded before anything is timed.
    tell("downloading");
    measure(&services, Way::OneByOne, profile, true);
    let names = services.iter().map(|service| service.name.clone()).collect();
    let mut report = Report::new(names, profile, runs);
    for run in 0..runs {
        let mut ways = Way::ALL;
        ways.rotate_left(run % Way::ALL.len());
        for way in ways {
            tell(&format!("run {} of {runs}: {}", run + 1, way.name()));
            report.add(way, measure(&services, way, profile, false));
        }
    }
    report.finish();
}

fn real((index, path): (usize, &PathBuf)) -> Service {
    let path = path.canonicalize().expect("the repository exists");
    Service { name: format!("service{index}"), url: url(&path) }
}

fn url(path: &std::path::Path) -> String {
    format!("file://{}", path.display())
}

/// Installs the stack in a world of its own.
fn measure(services: &[Service], way: Way, profile: &str, fetch_only: bool) -> Measured {
    let world = World::new();
    for Service { name, url } in services {
        let text = format!(
            "fn service() {{ #{{ name: \"{name}\", repo: \"{url}\" }} }}\nservice::main(service());\n"
        );
        world.write(&format!("services/{name}.rhai"), &text);
    }
    if fetch_only {
        download(&world, services);
        return Measured { cold: 0.0, again: 0.0, peak: 0, build: 0 };
    }
    if way != Way::Stack {
        let config = world.home(".config/hero/config.toml");
        std::fs::create_dir_all(config.parent().expect("a parent")).expect("folders");
        std::fs::write(config, "[build]\nshare = false\n").expect("the file is written");
    }
    let commands: Vec<String> = if way == Way::OneByOne {
        services
            .iter()
            .map(|service| format!("run services/{}.rhai {profile}", service.name))
            .collect()
    } else {
        vec![format!("run install_all services {profile}")]
    };
    let (cold, peak) = take(&world, &commands);
    for service in services {
        assert!(world.home(".local/share/hero/current").join(&service.name).exists());
    }
    let again = (0..5).map(|_| take(&world, &commands).0).fold(f64::INFINITY, f64::min);
    let build = size(&world.home(".cache/hero/build"));
    Measured { cold, again, peak, build }
}

/// Runs the commands; seconds, and the most memory at one time.
fn take(world: &World, commands: &[String]) -> (f64, u64) {
    let (mut seconds, mut most) = (0.0, 0);
    for command in commands {
        let mut command = world.command(command);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let start = Instant::now();
        let child = command.spawn().expect("hero starts");
        let peak = Peak::watch(child.id());
        let output = child.wait_with_output().expect("hero ends");
        seconds += start.elapsed().as_secs_f64();
        most = most.max(peak.end());
        assert!(output.status.success(), "{}", both(&output));
    }
    (seconds, most)
}

/// Fetches the sources, and lets cargo download what they need.
fn download(world: &World, services: &[Service]) {
    for Service { name, url } in services {
        let script = format!("git::fetch(#{{ repo: \"{url}\", name: \"{name}\" }});\n");
        world.write("fetch.rhai", &script);
        world.succeed("run fetch.rhai");
        let mut cargo = std::process::Command::new("cargo");
        world.environment(&mut cargo);
        let output = cargo.arg("fetch").current_dir(world.checkout(name).path).output();
        let output = output.expect("cargo starts");
        assert!(output.status.success(), "{}", both(&output));
    }
}

fn size(folder: &std::path::Path) -> u64 {
    // A file with several names is there once.
    use std::os::unix::fs::MetadataExt;
    let mut seen = std::collections::BTreeSet::new();
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let data = files.filter_map(|entry| entry.metadata().ok());
    data.filter(|data| seen.insert(data.ino())).map(|data| data.len()).sum()
}

#[allow(clippy::print_stderr, reason = "it takes minutes: whoever waits should see what for")]
fn tell(line: &str) {
    eprintln!("{line}");
}
