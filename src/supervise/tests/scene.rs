//! A service of one unit on a machine that is made up, and what is seen when it is started.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use super::super::record::Proven;
use super::super::{
    Boot, Error, Kind, Machine, Places, Probe, Ready, Record, Restart, Supervisor, Unit,
};
use super::fake::{Does, Fake};
use crate::event::Recorder;
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

use Before::*;
use Does::*;

/// What is there before generation `b` is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// hero never started it.
    Nothing,
    /// It was stopped.
    Stopped,
    /// Generation `a` has failed.
    Failed,
    /// Generation `a` runs.
    Older,
    /// `b` runs, and hero was killed before it could verify that.
    Unsettled,
    /// `b` runs with other arguments.
    Described,
    /// `b` runs, and nobody would start it again.
    Lost,
    /// `a` runs in another supervisor.
    Elsewhere,
    /// `a` was started by another supervisor, which is gone.
    ElsewhereGone,
}

/// What was seen beside what was expected; says all differences at once.
#[derive(Default)]
pub(super) struct Table {
    rows: usize,
    wrong: Vec<String>,
}

impl Table {
    pub(super) fn row(&mut self, case: impl std::fmt::Debug, seen: [String; 3], wanted: [&str; 3]) {
        self.rows += 1;
        if seen != wanted {
            self.wrong.push(format!("{case:?}:\n    seen   {seen:?}\n    wanted {wanted:?}"));
        }
    }

    pub(super) fn check(&self) {
        let wrong = self.wrong.len();
        assert!(wrong == 0, "{wrong} of {} rows:\n  {}", self.rows, self.wrong.join("\n  "));
    }
}

/// A service of one unit with generations `a` and `b`.
pub(super) struct Scene {
    dir: tempfile::TempDir,
    pub(super) fake: Fake,
    pub(super) events: Recorder,
    places: Places,
    pub(super) unit: Unit,
    pub(super) proven: &'static str,
}

impl Scene {
    /// One where nothing ran yet.
    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let places = Places {
            run: at("run"),
            logs: at("logs"),
            store: at("store"),
            system: false,
            prefix: None,
            home: at("home"),
            tied: false,
        };
        let probe = Probe::Http { url: "http://app/".into(), status: None };
        let unit = Unit {
            name: app(),
            service: app(),
            program: at("current/app"),
            own: true,
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: PathBuf::from("/"),
            user: None,
            after: Vec::new(),
            one_shot: false,
            restart: Restart::OnFailure,
            ready: Ready { port: Some(80), probe },
            stable: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(5),
        };
        let (fake, events) = (Fake::new(), Recorder::default());
        Self { dir, fake, events, places, unit, proven: "a" }
    }

    /// One where a generation has been running for an hour.
    pub(super) fn of(generation: &'static str, does: Does) -> Self {
        let mut scene = Self::empty();
        scene.proven = generation;
        scene.install(generation, does);
        scene.run(Kind::Direct, generation);
        scene
    }

    pub(super) fn new(before: Before, does: Does) -> Self {
        let mut scene = match before {
            Nothing => Self::empty(),
            Failed => Self::of("a", DiesEarly),
            Stopped | Older => Self::of("a", Ready),
            // The program that runs is in order; its file says what the next start does.
            Unsettled | Described | Lost => Self::of("b", Ready),
            Elsewhere | ElsewhereGone => {
                let scene = Self::empty();
                scene.install("a", Ready);
                scene.run(Kind::Systemd, "a");
                scene
            }
        };
        let (cancel, direct) = (Cancel::default(), scene.supervisor(Kind::Direct));
        match before {
            Stopped => direct.stop(&app(), &cancel).unwrap(),
            Unsettled => {
                let mut record = Record::read(&scene.places, &app()).unwrap().unwrap();
                record.settled = false;
                record.write(&scene.places, &app()).unwrap();
            }
            Described => scene.unit.args.push("more".into()),
            Lost => scene.fake.lose(),
            ElsewhereGone => {
                let systemd = scene.supervisor(Kind::Systemd);
                systemd.stop(&app(), &cancel).unwrap();
                scene.fake.uninstall(Kind::Systemd);
            }
            _ => {}
        }
        scene.install("b", does);
        scene.fake.done();
        scene
    }

    fn supervisor(&self, kind: Kind) -> Box<dyn Supervisor> {
        self.fake.supervisor(kind, &self.places)
    }

    /// Makes a generation current.
    fn install(&self, generation: &str, does: Does) {
        let folder = self.dir.path().join(generation);
        fs::create_dir_all(&folder).unwrap();
        fs::write(&folder.join("app"), does.code().as_bytes()).unwrap();
        let current = self.dir.path().join("current");
        fs::remove_file(&current).unwrap();
        symlink(&folder, &current).unwrap();
    }

    /// Starts what is current, as an earlier hero has that saw it run well.
    fn run(&self, kind: Kind, generation: &str) {
        let (supervisor, cancel) = (self.supervisor(kind), Cancel::default());
        supervisor.put(&self.unit, &cancel).unwrap();
        supervisor.start(&app(), &cancel).unwrap();
        self.fake.pass(Duration::from_hours(1));
        self.fake.done();
        let units = vec![self.unit.clone()];
        let mut record = Record::new(kind, units.clone());
        record.generation = generation.into();
        record.settled = true;
        record.proven = Some(Proven { generation: generation.into(), units });
        record.write(&self.places, &app()).unwrap();
    }

    /// Starts `b`: what came of it, what supervisors did, what is on record.
    pub(super) fn up(&self, again: bool) -> [String; 3] {
        let supervisor = self.supervisor(Kind::Direct);
        let boot = Boot {
            machine: &self.fake,
            supervisor: &*supervisor,
            places: &self.places,
            service: &app(),
            generation: "b",
            reporter: &self.events,
            cancel: &Cancel::default(),
        };
        let outcome = match boot.up(std::slice::from_ref(&self.unit), again) {
            Ok(up) => {
                let [unit] = &up.units[..] else { panic!("{up:?}") };
                if unit.started {
                    format!("{} after {} ms", unit.proof, unit.ready_millis)
                } else {
                    unit.proof.clone()
                }
            }
            Err(Error::NoBoot { reason, .. }) => reason.to_string(),
            Err(error) => error.to_string(),
        };
        [outcome, self.fake.done(), self.record()]
    }

    fn record(&self) -> String {
        let Some(record) = Record::read(&self.places, &app()).unwrap() else {
            return "no record".into();
        };
        assert!(record.wanted);
        let settled = if record.settled { "settled" } else { "unsettled" };
        let proven = record.proven.map_or("nothing".into(), |proven| proven.generation);
        let away = if record.down_since.is_some() { ", away" } else { "" };
        format!("{} {settled}, proven {proven}{away}", record.generation)
    }
}

fn app() -> Name {
    Name::new("service", "app").unwrap()
}
