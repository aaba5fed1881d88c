//! Runs the cases, two at a time beside those that only wait, and tells what was not as the table has it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::case::{Case, Git, Hero};
use super::ps::Sampler;
use super::run::{Said, hero};
use super::scene::Scene;
use super::servers::Servers;
use super::support::skipped;
use super::{control, judge, secrets};

/// All that was not as expected.
#[derive(Default)]
pub struct Report {
    control: Vec<String>,
    hero: Vec<String>,
    skipped: usize,
    passed: usize,
    slowest: Vec<(Duration, &'static str)>,
}

/// Cases that are taken one after the other.
struct Queue {
    cases: Vec<&'static Case>,
    taken: AtomicUsize,
}

impl Queue {
    fn new(cases: Vec<&'static Case>) -> Self {
        Self { cases, taken: AtomicUsize::new(0) }
    }

    fn next(&self) -> Option<&'static Case> {
        self.cases.get(self.taken.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

enum Verdict {
    Passed,
    Skipped(String),
    Control(String),
    Hero(String),
}

/// Runs the cases that `FORGE` selects; without it, all.
pub fn run(cases: &[&'static Case]) -> Report {
    let servers = Servers::start();
    let wanted = std::env::var("FORGE").unwrap_or_default();
    let wanted: Vec<_> = wanted.split('|').collect();
    let fits = |text: &str| wanted.iter().any(|wanted| text.contains(wanted));
    let chosen = |case: &&&Case| fits(case.id) || fits(case.name);
    let cases: Vec<_> = cases.iter().filter(chosen).copied().collect();
    let (waiting, busy): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.waits());
    let (waiting, busy) = (Queue::new(waiting), Queue::new(busy));
    let report = Mutex::new(Report::default());
    let work = |next: &dyn Fn() -> Option<&'static Case>| {
        while let Some(case) = next() {
            let begin = Instant::now();
            let verdict = catch_unwind(AssertUnwindSafe(|| one(case, &servers)));
            let verdict = verdict.unwrap_or_else(|_| Verdict::Control("the setup failed".into()));
            report.lock().expect("no panic").add(case, verdict, begin.elapsed());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| work(&|| busy.next().or_else(|| waiting.next())));
        }
        // Whatever only waits takes no processor from the others.
        for _ in 0..2 {
            scope.spawn(|| work(&|| waiting.next()));
        }
    });
    report.into_inner().expect("no panic")
}

fn one(case: &Case, servers: &Servers) -> Verdict {
    for need in case.needs {
        if let Some(why) = servers.lacks(*need) {
            return Verdict::Skipped(why);
        }
    }
    let mut scene = Scene::new(servers);
    (case.set_up)(&mut scene);
    while let Some(then) = scene.then.take() {
        match act(&mut scene, Git::Works, Hero::Works) {
            Verdict::Passed => then(&mut scene),
            Verdict::Control(what) => return Verdict::Control(format!("an act before: {what}")),
            Verdict::Hero(what) => return Verdict::Hero(format!("an act before: {what}")),
            skipped @ Verdict::Skipped(_) => return skipped,
        }
    }
    act(&mut scene, case.git, case.hero)
}

fn act(scene: &mut Scene, git: Git, expected: Hero) -> Verdict {
    let pending = judge::prepare(&scene.checks);
    let (seen, why) = control::git(scene);
    if seen != git {
        return Verdict::Control(format!("expected {git:?}, seen {seen:?} {why}"));
    }
    if seen == Git::Works {
        let folder = scene.world.work("control");
        if let Some(wrong) = pending.iter().find_map(|check| check.wrong(None, &folder)) {
            return Verdict::Control(wrong);
        }
    }
    if std::env::var_os("FORGE_GIT_ONLY").is_some() {
        return Verdict::Passed;
    }
    if scene.then.is_none() && !scene.secrets.is_empty() {
        control::remove(scene);
    }
    let checkout = scene.world.home(".local/share/hero/src/x");
    let before = secrets::files(scene);
    let log = scene.servers.access_log();
    let pending = judge::prepare(&scene.checks);
    let sampler = Sampler::start(&scene.secrets);
    let mut said = hero(scene, true);
    let shown = sampler.and_then(Sampler::stop);
    let mut wrong = compare(scene, expected, &said);
    for check in &pending {
        wrong.extend(check.wrong(Some(&said), &checkout));
    }
    if !scene.secrets.is_empty() {
        // The report for people quotes the script; the one of JSON does not.
        if expected != Hero::Works {
            said.text += &hero(scene, false).text;
        }
        wrong.extend(shown.map(|program| format!("ps shows a secret: {program}")));
        if secrets::shown(&scene.secrets, &said.text) {
            wrong.push("hero printed a secret".into());
        }
        let script = scene.world.work("x.rhai");
        let after = secrets::files(scene);
        let new = after.difference(&before).find(|path| **path != script);
        wrong.extend(new.map(|path| format!("a secret is in {}", path.display())));
        let requests = scene.servers.access_log();
        wrong
            .extend(secrets::astray(&scene.secrets, requests.get(log.len()..).unwrap_or_default()));
    }
    if wrong.is_empty() { Verdict::Passed } else { Verdict::Hero(wrong.join("; ")) }
}

fn compare(scene: &Scene, expected: Hero, said: &Said) -> Vec<String> {
    if said.hung {
        return vec!["hero did not end in time".into()];
    }
    let checkout = scene.world.home(".local/share/hero/src/x");
    let wrong = match (expected, said.fault()) {
        (Hero::Works, Some(fault)) => {
            let line = fault.words.replace('\n', " / ");
            Some(format!("expected success, seen {} ({line})", fault.kind))
        }
        (Hero::Works, None) if said.exit != Some(0) => Some(format!("exit {:?}", said.exit)),
        (Hero::Works, None) => {
            let head = control::head(&checkout);
            let differs = scene.expected.is_some() && head != scene.expected;
            differs.then(|| format!("the checkout is at {head:?}, not {:?}", scene.expected))
        }
        (Hero::Fails(kind, _), None) => {
            Some(format!("expected {kind}, seen exit {:?} without an error", said.exit))
        }
        (Hero::Fails(kind, hint), Some(fault)) => {
            let kind_fits = kind == "*" || kind.split('|').any(|kind| kind == fault.kind);
            let words = fault.words.to_lowercase();
            let missing = hint.split('|').find(|text| !words.contains(&text.to_lowercase()));
            let line = fault.words.replace('\n', " / ");
            if !kind_fits {
                Some(format!("expected {kind}, seen {} ({line})", fault.kind))
            } else if !matches!(said.exit, Some(1 | 3)) {
                Some(format!("exit {:?}", said.exit))
            } else {
                missing.map(|text| format!("no `{text}` in {} ({line})", fault.kind))
            }
        }
    };
    wrong.into_iter().collect()
}

impl Report {
    fn add(&mut self, case: &Case, verdict: Verdict, took: Duration) {
        self.slowest.push((took, case.id));
        eprintln!("{:6.1}s {}", took.as_secs_f32(), case.id);
        let line = |text: String| format!("{} {}: {text}", case.id, case.name);
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Control(text) => self.control.push(line(text)),
            Verdict::Hero(text) => self.hero.push(line(text)),
            Verdict::Skipped(why) => {
                self.skipped += 1;
                skipped(&line(why));
            }
        }
    }

    /// Whether every case that ran was as expected.
    pub fn is_clean(&self) -> bool {
        self.failures() == 0
    }

    /// How many cases were not.
    pub fn failures(&self) -> usize {
        self.control.len() + self.hero.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, lines) in [("git, the control", &self.control), ("hero", &self.hero)] {
            let mut lines: Vec<_> = lines.iter().collect();
            lines.sort();
            for line in lines {
                writeln!(formatter, "not as expected in {title}: {line}")?;
            }
        }
        let mut slowest = self.slowest.clone();
        slowest.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
        let times =
            slowest.iter().take(8).map(|(took, id)| format!("{id} {:.1}s", took.as_secs_f32()));
        writeln!(formatter, "slowest: {}", times.collect::<Vec<_>>().join(", "))?;
        let (control, hero) = (self.control.len(), self.hero.len());
        let (passed, skipped) = (self.passed, self.skipped);
        write!(
            formatter,
            "{passed} passed, {hero} failed, {control} with a wrong control, {skipped} skipped"
        )
    }
}
