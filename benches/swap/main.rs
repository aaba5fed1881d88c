//! From a changed line to the new binary answering: `cargo bench --bench swap [-- --runs N]`.
//!
//! The HTTP service of the demo, dev profile, by `hero run greeter complete --debug` and by
//! hand (`cargo build`, end the old process, start the new one). The two take turns. A client
//! asks all the time; how long it got no answer is the outage. Then a version that panics: how
//! long until the old one answers again.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

mod client;

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use client::Client;
use serde_json::json;
use support::services::{Stage, ask, eventually, free_port};
use support::{Repo, both};

/// What was measured of one way, a value each round, in seconds.
#[derive(Default)]
struct Measured {
    /// From the edit to the first answer of the new binary.
    answers: Vec<f64>,
    /// How long nothing answered.
    outage: Vec<f64>,
    /// Questions without an answer, of a client that asks every millisecond.
    failed: Vec<f64>,
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let runs = words.iter().position(|word| word == "--runs").and_then(|at| words.get(at + 1));
    let runs: usize = runs.and_then(|runs| runs.parse().ok()).unwrap_or(5);
    let stage = Stage::new();
    let repo = stage.world.repo("greeter");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo/sources/greeter"), &repo.path);
    repo.commit("as in the demo");
    let (hero, hand) = (Hero::new(&stage, &repo), Hand::new(&stage, &repo));
    let (mut by_hero, mut by_hand) = (Measured::default(), Measured::default());
    let (mut back, mut back_outage) = (Vec::new(), Vec::new());
    for round in 0..runs {
        swap(&mut by_hero, hero.port, &hero.checkout, &format!("hero{round}"), || hero.complete(0));
        swap(&mut by_hand, hand.port, &hand.checkout, &format!("hand{round}"), || hand.complete());
        let (seconds, outage) = hero.rolls_back(round);
        back.push(seconds);
        back_outage.push(outage);
    }
    report(runs, &by_hero, &by_hand, &back, &back_outage);
}

/// Edits the line, does the work, and waits for the edited words.
fn swap(measured: &mut Measured, port: u16, checkout: &Repo, words: &str, work: impl FnOnce()) {
    let client = Client::start(port);
    client.wait_for_one();
    edit(checkout, words);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let answers = scope.spawn(|| {
            wait(|| ask(port).is_some_and(|answer| answer.contains(words)));
            begun.elapsed().as_secs_f64()
        });
        work();
        measured.answers.push(answers.join().expect("it answers"));
    });
    client.wait_for_one();
    let (outage, failed) = client.end();
    measured.outage.push(outage);
    measured.failed.push(failed);
}

/// Waits without taking a processor from the compiler.
fn wait(mut so: impl FnMut() -> bool) {
    eventually("the new binary answers", || {
        std::thread::sleep(std::time::Duration::from_millis(1));
        so()
    });
}

/// Changes what the service answers.
fn edit(checkout: &Repo, words: &str) {
    let text = checkout.read("src/main.rs");
    let start = text.find("greeting: \"").expect("the line") + "greeting: \"".len();
    let end = start + text[start..].find('"').expect("its end");
    checkout.write("src/main.rs", &format!("{}{words}{}", &text[..start], &text[end..]));
}

struct Hero<'a> {
    stage: &'a Stage,
    checkout: Repo,
    port: u16,
}

impl<'a> Hero<'a> {
    fn new(stage: &'a Stage, repo: &Repo) -> Self {
        let port = free_port();
        let start = format!(
            "start: #{{ cmd: [\"greeter\", \"--port\", \"{{port}}\"], ready: #{{ port: {port}, http: \"/health\" }} }}"
        );
        stage.world.service("greeter", repo, &start);
        let hero = Self { stage, checkout: stage.world.checkout("greeter"), port };
        hero.complete(0);
        hero
    }

    fn complete(&self, exit: i32) {
        let output = self.stage.world.command("run greeter complete --debug").output();
        let output = output.expect("hero starts");
        assert_eq!(output.status.code(), Some(exit), "{}", both(&output));
    }

    /// A version that panics: seconds until the old one answers again, and the outage.
    fn rolls_back(&self, round: usize) -> (f64, f64) {
        let good = self.checkout.read("src/main.rs");
        let bad = good.replace(
            "let Some(options)",
            &format!(
                "if std::env::args().len() > {} {{ panic!(\"{round}\") }}\n    let Some(options)",
                2
            ),
        );
        self.checkout.write("src/main.rs", &bad);
        let client = Client::start(self.port);
        client.wait_for_one();
        let begun = Instant::now();
        self.complete(4);
        client.wait_for_one();
        let seconds = begun.elapsed().as_secs_f64();
        let (outage, _) = client.end();
        self.checkout.write("src/main.rs", &good);
        (seconds, outage)
    }
}

/// Without hero: the same source, `cargo build`, and a process that is replaced.
struct Hand {
    checkout: Repo,
    target: PathBuf,
    port: u16,
    child: RefCell<Option<Child>>,
    environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
}

impl Hand {
    fn new(stage: &Stage, repo: &Repo) -> Self {
        let path = stage.world.root().join("hand");
        copy(&repo.path, &path);
        let mut plain = Command::new("true");
        stage.world.environment(&mut plain);
        let pairs = plain.get_envs().filter_map(|(key, value)| Some((key.into(), value?.into())));
        let environment = pairs.collect();
        let target = stage.world.root().join("hand-target");
        let hand = Self {
            checkout: Repo { path },
            target,
            port: free_port(),
            child: RefCell::default(),
            environment,
        };
        hand.complete();
        hand
    }

    fn complete(&self) {
        let built = Command::new("cargo")
            .args(["build", "--locked", "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.checkout.path)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .output()
            .expect("cargo starts");
        assert!(built.status.success(), "{}", both(&built));
        self.end();
        let child = Command::new(self.target.join("debug/greeter"))
            .args(["--port", &self.port.to_string()])
            .stdout(Stdio::null())
            .spawn();
        self.child.replace(Some(child.expect("it starts")));
        eventually("it answers", || ask(self.port).is_some());
    }

    fn end(&self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is there");
            child.wait().expect("it ends");
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.end();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(|entry| entry.expect("readable")) {
        let path = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.path().components().any(|part| part.as_os_str() == ".git") {
            continue;
        }
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(path).expect("a folder");
        } else {
            std::fs::copy(entry.path(), path).expect("a copy");
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[allow(clippy::print_stdout, reason = "this is what is asked for")]
fn report(runs: usize, hero: &Measured, hand: &Measured, back: &[f64], back_outage: &[f64]) {
    let row = |what: &str, hero: &[f64], hand: Option<&[f64]>| {
        let ours = median(hero);
        let theirs = hand.map(median);
        let right = theirs.map_or_else(
            || format!("{:>12}{:>9}", "", ""),
            |theirs| format!("{:>9.0} ms{:>8.2}×", 1000.0 * theirs, ours / theirs),
        );
        println!("{what:<42}{:>9.0} ms{right}", 1000.0 * ours);
        json!({ "what": what, "hero": hero, "hand": hand })
    };
    println!("medians of {runs}; greeter, dev profile\n");
    println!("{:<42}{:>12}{:>12}{:>9}", "", "hero", "by hand", "ratio");
    let rows = [
        row("changed line → the new binary answers", &hero.answers, Some(&hand.answers)),
        row("nothing answers, for a swap", &hero.outage, Some(&hand.outage)),
        json!({ "what": "questions without an answer", "hero": hero.failed, "hand": hand.failed }),
        row("a version that panics → rolled back", back, None),
        row("nothing answers, for one rolled back", back_outage, None),
    ];
    let (failed, by_hand) = (median(&hero.failed), median(&hand.failed));
    println!("questions without an answer, one a millisecond: {failed} and {by_hand}");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let text = serde_json::to_string_pretty(&json!({ "runs": runs, "rows": rows })).expect("JSON");
    std::fs::write(target.join("swap.json"), text + "\n").expect("the report is written");
    println!("\nthe same in target/swap.json");
}
