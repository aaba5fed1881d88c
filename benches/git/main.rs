//! Clone, fetch and a fetch that finds nothing: hero beside git, in turns, over the git
//! protocol from a server on loopback and from a path.
//!
//! `cargo bench --bench git [-- ROUNDS]`. With `HERO_BEFORE=PATH` another hero takes part
//! in the fetch that finds nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "the rules are for the program"
)]

mod lab;

use std::path::{Path, PathBuf};
use std::time::Duration;

use lab::{Lab, Remote, remove, time};

/// Services in the stack that is asked for news.
const SERVICES: usize = 10;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let lab = Lab::new();
    println!("{:<44} {:>8} {:>8} {:>6}", "", "git", "hero", "ratio");
    for (name, remote) in [("100 MiB", lab.large()), ("50,000 commits", lab.deep())] {
        for (way, url) in [("git://", lab.url(&remote)), ("path", remote.path_text())] {
            let (git, hero) = clones(&lab, &url, rounds);
            row(&format!("clone, {name}, {way}"), git, hero);
            let (git, hero) = fetches(&lab, &remote, &url, rounds);
            row(&format!("fetch of one commit, {name}, {way}"), git, hero);
            let (git, hero) = everything(&lab, &remote, &url, rounds);
            row(&format!("fetch of {name}, {way}"), git, hero);
        }
    }
    nothing_new(&lab, rounds);
}

/// A clone by git, then one by hero, in turns; the medians.
fn clones(lab: &Lab, url: &str, rounds: usize) -> (Duration, Duration) {
    let target = lab.root().join("clone");
    let script = lab.script("x", url, "");
    let turns = (0..rounds).map(|_| {
        remove(&target);
        let git = time(&mut lab.git(&["clone", "--quiet", url, &text(&target)]));
        remove(&lab.checkout("x"));
        (git, time(&mut lab.hero(&script)))
    });
    medians(turns.collect())
}

/// `git pull` and `hero run --update` after one new commit, in turns.
fn fetches(lab: &Lab, remote: &Remote, url: &str, rounds: usize) -> (Duration, Duration) {
    let target = text(&lab.root().join("clone"));
    let script = lab.script("x", url, "update: true");
    let turns = (0..rounds).map(|_| {
        remote.commit();
        let git = time(&mut lab.git(&["-C", &target, "pull", "--quiet", "--ff-only"]));
        (git, time(&mut lab.hero(&script)))
    });
    medians(turns.collect())
}

/// `git pull` and `hero run --update` of all commits but the first, in turns.
fn everything(lab: &Lab, remote: &Remote, url: &str, rounds: usize) -> (Duration, Duration) {
    let target = text(&lab.root().join("clone"));
    let script = lab.script("x", url, "update: true");
    let turns = (0..rounds).map(|_| {
        remove(Path::new(&target));
        remove(&lab.checkout("x"));
        let tip = remote.rewind();
        time(&mut lab.git(&["clone", "--quiet", url, &target]));
        time(&mut lab.hero(&script));
        remote.set(&tip);
        let git = time(&mut lab.git(&["-C", &target, "pull", "--quiet", "--ff-only"]));
        (git, time(&mut lab.hero(&script)))
    });
    medians(turns.collect())
}

/// A stack that finds nothing new, as `install_all --update` fetches it: side by side.
fn nothing_new(lab: &Lab, rounds: usize) {
    let remotes: Vec<Remote> = (0..SERVICES).map(|number| lab.small(number)).collect();
    let fetch = |number: usize, remote: &Remote| {
        format!(
            "|| git::fetch(#{{ name: \"s{number}\", repo: \"{}\", update: true }}),\n",
            lab.url(remote)
        )
    };
    let calls = remotes.iter().enumerate().map(|(number, remote)| fetch(number, remote));
    let text = format!("parallel([{}], |work| work.call());", calls.collect::<String>());
    let script = lab.write("stack.rhai", &text);
    time(&mut lab.hero(&script));
    let before = std::env::var_os("HERO_BEFORE").map(PathBuf::from);
    let turns = (0..rounds * 3).map(|_| {
        let other = before.as_ref().map(|hero| time(&mut lab.other_hero(hero, &script)));
        (other.unwrap_or_default(), time(&mut lab.hero(&script)))
    });
    let (other, hero) = medians(turns.collect());
    let name = format!("nothing new, {SERVICES} services, git://");
    if before.is_some() {
        println!("(the first column is the other hero)");
        row(&name, other, hero);
    } else {
        println!("{name:<44} {:>8} {:>8.3}", "", hero.as_secs_f64());
    }
}

fn medians(mut turns: Vec<(Duration, Duration)>) -> (Duration, Duration) {
    let middle = turns.len() / 2;
    turns.sort_by_key(|turn| turn.0);
    let first = turns[middle].0;
    turns.sort_by_key(|turn| turn.1);
    (first, turns[middle].1)
}

fn row(name: &str, git: Duration, hero: Duration) {
    let (git, hero) = (git.as_secs_f64(), hero.as_secs_f64());
    println!("{name:<44} {git:>8.3} {hero:>8.3} {:>6.2}", hero / git);
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
