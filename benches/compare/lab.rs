//! The ways side by side, and what was measured of them.

use std::time::Instant;

use super::project::Project;
use super::report::Report;
use super::support::both;
use super::way::{Side, Way};

pub struct Lab {
    pub project: Project,
    report: Report,
    pub quick: bool,
    hero: Side,
    git_debug: Side,
    git_release: Side,
    path: Side,
    hand: Side,
    started: Instant,
}

impl Lab {
    pub fn new(project: Project, report: Report, quick: bool) -> Self {
        let started = Instant::now();
        project.fetch();
        let side = || Side::new(&project);
        let (hero, git_debug, git_release) = (side(), side(), side());
        let (path, hand) = (side(), side());
        for (way, side) in [(Way::Path, &path), (Way::Hand, &hand)] {
            side.prepare(way, &project);
        }
        Self { project, report, quick, hero, git_debug, git_release, path, hand, started }
    }

    pub fn side(&self, way: Way) -> &Side {
        match way {
            Way::Build | Way::HeroDebug | Way::HeroRelease | Way::HeroUpdate => &self.hero,
            Way::GitDebug => &self.git_debug,
            Way::GitRelease => &self.git_release,
            Way::Path => &self.path,
            Way::Hand => &self.hand,
        }
    }

    /// Whether a way is measured at all.
    pub fn takes(&self, way: Way) -> bool {
        !(self.quick && way.releases())
    }

    /// Edits the line where the way wants it; the text that the program then
    /// holds.
    pub fn edit(&mut self, way: Way) -> String {
        if way.wants_commit() {
            return self.project.commit();
        }
        let checkout = self.side(way).checkout(way);
        self.project.edit(&checkout.path)
    }

    /// Takes a way, and counts it as `operation`.
    pub fn time(&mut self, operation: &'static str, way: Way) {
        let seconds = self.run(way);
        self.tell(&format!("{operation}, {}: {seconds:.2} s", way.name()));
        self.report.add(operation, way.name(), seconds);
    }

    /// Takes a way.
    pub fn run(&self, way: Way) -> f64 {
        let mut command = self.side(way).command(way, &self.project);
        let start = Instant::now();
        let output = command.output().expect("it starts");
        let seconds = start.elapsed().as_secs_f64();
        assert!(output.status.success(), "{}: {}", way.name(), both(&output));
        seconds
    }

    /// Looks whether what is installed is what was edited.
    pub fn see(&mut self, way: Way, text: &str) {
        let path = self.side(way).installed(way, &self.project.bin);
        let bytes = std::fs::read(&path).expect("it is installed");
        let there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(there, "{}: the edit is not in the binary", way.name());
        self.report.size(way.name(), bytes.len());
    }

    #[allow(clippy::print_stderr, reason = "it takes minutes: whoever waits should see what for")]
    pub fn tell(&self, line: &str) {
        eprintln!("{:>5.0} s  {line}", self.started.elapsed().as_secs_f64());
    }

    pub fn finish(self) {
        self.report.finish();
    }
}
