//! What comes of a `complete`: what was there × what is new × what goes wrong. A case is a row.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::super::complete::{come_up, prepare};
use super::super::install::{Install, install};
use super::super::{Context, Setup, stop};
use crate::error::{Exit, Fault};
use crate::event::{Event, Recorder};
use crate::model::{Installed, Run, Service, StartSpec};
use crate::supervise::tests::fake::{Does, Fake};
use crate::sys::cancel::Cancel;
use crate::sys::config::Config;
use crate::sys::dirs::{Dirs, Root};
use crate::sys::fs;

use Before::*;
use Does::*;
use New::*;
use Trouble::*;

/// What is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing.
    Nothing,
    /// `a` is installed and was never started.
    Unstarted,
    /// `a` was completed, and runs.
    Verified,
    /// The same, and `b` was installed since.
    Behind,
    /// `a` was completed and then stopped.
    Stopped,
}

/// What the install brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum New {
    /// What is there.
    Same,
    /// `n`, which does this.
    Next(Does),
}

/// What goes wrong beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing.
    Fine,
    /// The check of the description.
    Check,
    /// Another process listens on the port.
    Port,
    /// The description has another port than before, and another process listens on it.
    NewPort,
    /// What runs has stopped to listen.
    Sick,
    /// What ran has died.
    Dead,
    /// The description has another argument than before.
    Described,
}

/// A row: what is there, what is new, what goes wrong; the exit code, what is current, what runs,
/// what supervisors and commands did, what is said.
type Row = (Before, New, Trouble, Exit, &'static str, &'static str, &'static str, &'static str);

const NOTHING_BEFORE: &str = "installed, since there is nothing before it to go back to";
const TAKEN: &str = "`app` cannot start: `stranger` (process 666) listens on port 80";
const AGAIN: &str = "run works, stop app, start app, start app";
const AGAIN_STOPPED: &str = "run works, stop app, start app, stop app, start app";

#[rustfmt::skip]
const ROWS: [Row; 38] = [
    // The first install.
    (Nothing, Next(Ready), Fine, Exit::Done, "n", "n", "run works, start app", "Started ready"),
    (Nothing, Next(Hangs), Fine, Exit::NoBoot, "n", "", "run works, start app, stop app", "nobody listens on port 80; it is stopped and stays installed"),
    (Nothing, Next(DiesEarly), Fine, Exit::NoBoot, "n", "", "run works, start app", NOTHING_BEFORE),
    (Nothing, Next(CrashLoop), Fine, Exit::NoBoot, "n", "", "run works, start app, stop app", NOTHING_BEFORE),
    (Nothing, Next(Refused), Fine, Exit::NoBoot, "n", "", "run works, start app", "does not start: it cannot be executed"),
    (Nothing, Next(OtherProgram), Fine, Exit::NoBoot, "n", "", "run works, start app, stop app", "runs another program than the one installed"),
    (Nothing, Next(Ready), Check, Exit::NoBoot, "n", "", "run works", "the check of `app` failed: `works` exited with 1; it stays installed"),
    (Nothing, Next(Ready), Port, Exit::NoBoot, "", "", "", TAKEN),
    // After one that was never started.
    (Unstarted, Same, Fine, Exit::Done, "a", "a", "run works, start app", "Started ready"),
    (Unstarted, Same, Check, Exit::NoBoot, "a", "", "run works", NOTHING_BEFORE),
    (Unstarted, Same, Port, Exit::NoBoot, "a", "", "", TAKEN),
    (Unstarted, Next(Ready), Fine, Exit::Done, "n", "n", "run works, start app", "Started ready"),
    (Unstarted, Next(Hangs), Fine, Exit::NoBoot, "a", "", "run works, start app, stop app", "local release is installed again"),
    (Unstarted, Next(Refused), Fine, Exit::NoBoot, "a", "", "run works, start app", "local release is installed again"),
    (Unstarted, Next(Ready), Check, Exit::NoBoot, "a", "", "run works", "local release is installed again"),
    (Unstarted, Next(Ready), Port, Exit::NoBoot, "a", "", "", TAKEN),
    // After one that runs and was verified.
    (Verified, Same, Fine, Exit::Done, "a", "a", "run works", "Runs app as it should"),
    (Verified, Same, Dead, Exit::Done, "a", "a", "run works, start app", "Started ready"),
    (Verified, Same, Described, Exit::Done, "a", "a", "run works, stop app, start app", "without service"),
    (Verified, Next(Ready), Fine, Exit::Done, "n", "n", "run works, stop app, start app", "without service"),
    (Verified, Next(Slow), Fine, Exit::Done, "n", "n", "run works, stop app, start app", "3.3s without service"),
    (Verified, Next(Hangs), Fine, Exit::NoBoot, "a", "a", AGAIN_STOPPED, "local release runs again after"),
    (Verified, Next(DiesEarly), Fine, Exit::NoBoot, "a", "a", AGAIN, "exited with 3; local release runs again after"),
    (Verified, Next(DiesSoon), Fine, Exit::NoBoot, "a", "a", AGAIN, "was ready and ended soon after: exited with 7; local release runs again after"),
    (Verified, Next(CrashLoop), Fine, Exit::NoBoot, "a", "a", AGAIN_STOPPED, "exited with 101; local release runs again after"),
    (Verified, Next(Flaps), Fine, Exit::NoBoot, "a", "a", AGAIN_STOPPED, "exited with 101; local release runs again after"),
    (Verified, Next(Refused), Fine, Exit::NoBoot, "a", "a", AGAIN, "local release runs again after"),
    (Verified, Next(OtherProgram), Fine, Exit::NoBoot, "a", "a", AGAIN_STOPPED, "local release runs again after"),
    (Verified, Next(Stranger), Fine, Exit::NoBoot, "a", "", "run works, stop app, start app, stop app", "local release is installed again, and does not come up either: `app` cannot start"),
    (Verified, Next(Ready), Check, Exit::NoBoot, "a", "a", "run works", "`works` exited with 1; local release runs again"),
    // Its new port is looked at only when it starts: it was stopped in vain.
    (Verified, Next(Ready), NewPort, Exit::NoBoot, "a", "a", "run works, stop app, start app", "listens on port 81; local release runs again after"),
    // Nothing is new, and what runs is stopped (issue: services).
    (Verified, Same, Check, Exit::NoBoot, "a", "", "run works, stop app", "it is stopped and stays installed"),
    (Verified, Same, Sick, Exit::NoBoot, "a", "", "run works, stop app", "it is stopped and stays installed"),
    // After one that was installed and never started, on top of one that runs.
    (Behind, Same, Fine, Exit::Done, "b", "b", "run works, stop app, start app", "without service"),
    (Behind, Next(Ready), Fine, Exit::Done, "n", "n", "run works, stop app, start app", "without service"),
    (Behind, Next(DiesEarly), Fine, Exit::NoBoot, "a", "a", AGAIN, "local release runs again after"),
    // After one that was stopped.
    (Stopped, Next(Ready), Fine, Exit::Done, "n", "n", "run works, start app", "Started ready"),
    (Stopped, Next(DiesEarly), Fine, Exit::NoBoot, "a", "a", "run works, start app, start app", "local release runs again"),
];

#[test]
fn what_comes_of_a_complete() {
    let mut wrong = Vec::new();
    for row in ROWS {
        let (before, new, trouble, exit, current, runs, done, words) = row;
        let mut scene = Scene::new(before);
        scene.bring(trouble);
        let (code, said) = scene.complete(new);
        let seen = (code, scene.current(), scene.fake.running().join(" "), scene.fake.done());
        let wanted = (exit as u8, text(current, new), text(runs, new), done.to_owned());
        if seen != wanted || !said.contains(words) {
            let case = format!("{before:?}, {new:?}, {trouble:?}");
            wrong.push(format!(
                "{case}:\n    seen   {seen:?} {said}\n    wanted {wanted:?} {words}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n  {}", wrong.len(), ROWS.len(), wrong.join("\n  "));
}

/// A service `app` of one process.
struct Scene {
    dir: tempfile::TempDir,
    context: Context,
    fake: Fake,
    events: Arc<Recorder>,
    service: Service,
}

impl Scene {
    fn new(before: Before) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (fake, events) = (Fake::new(), Arc::new(Recorder::default()));
        let home = dir.path().join("home");
        let setup = Setup {
            dirs: Dirs::below(&home, Root::system(Some(dir.path()))),
            config: Config::default(),
            run: Run::default(),
            reporter: events.clone(),
            cancel: Cancel::default(),
            color: false,
        };
        let mut context = Context::new(setup).unwrap();
        context.machine = Arc::new(fake.clone());
        let service = service(json!({ "cmd": ["app"], "ready": { "port": 80 } }));
        let scene = Self { dir, context, fake, events, service };
        match before {
            Nothing => {}
            Unstarted => drop(scene.install("ok a").unwrap()),
            Verified | Behind | Stopped => {
                let prepared =
                    prepare(&scene.context, &scene.service, &mut || scene.install("ok a"));
                come_up(&scene.context, &scene.service, &prepared.unwrap()).unwrap();
                if before == Behind {
                    scene.install("ok b").unwrap();
                }
                if before == Stopped {
                    stop(&scene.context, &scene.service.name).unwrap();
                }
            }
        }
        scene.fake.done();
        scene
    }

    fn bring(&mut self, trouble: Trouble) {
        match trouble {
            Fine => {}
            Check => self.fake.commands_exit(1),
            Port => self.fake.take(80),
            NewPort => {
                self.fake.take(81);
                self.service = service(json!({ "cmd": ["app"], "ready": { "port": 81 } }));
            }
            Sick => self.fake.turn(Hangs),
            Dead => {
                self.fake.turn(DiesEarly);
                self.fake.pass(std::time::Duration::from_secs(1));
            }
            Described => {
                self.service = service(json!({ "cmd": ["app", "more"], "ready": { "port": 80 } }));
            }
        }
    }

    /// Runs `complete`: the exit code, and everything that is said.
    fn complete(&self, new: New) -> (u8, String) {
        let before = self.events.events().len();
        let text = match new {
            Same => self.current(),
            Next(does) => format!("{} n", does.code()),
        };
        let prepared = prepare(&self.context, &self.service, &mut || self.install(&text));
        let up = prepared.and_then(|prepared| come_up(&self.context, &self.service, &prepared));
        let said = self.events.events().split_off(before);
        let said = said.into_iter().filter_map(|event| match event {
            Event::Step { verb, text } => Some(format!("{verb} {text}")),
            Event::Started { detail, .. } => Some(format!("Started {detail}")),
            _ => None,
        });
        let said = said.collect::<Vec<_>>().join("; ");
        match up {
            Ok(_) => (Exit::Done as u8, said),
            Err(fault) => (fault.exit_code(), format!("{said}; {}", fault.message)),
        }
    }

    /// Makes a file of a few bytes the binary of the service.
    fn install(&self, text: &str) -> Result<Installed, Fault> {
        let file: PathBuf = self.dir.path().join("built/app");
        fs::write(&file, text.as_bytes()).unwrap();
        fs::set_mode(&file, 0o755).unwrap();
        let what = Install {
            name: &self.service.name,
            build: None,
            profile: None,
            checkout: None,
            files: vec![file],
            replace: false,
            keep: None,
            script: None,
        };
        install(&self.context, what)
    }

    /// Returns the current binary, which is its text; empty if there is none.
    fn current(&self) -> String {
        fs::read_to_string(&self.context.root().bin.join("app")).unwrap_or_default()
    }
}

/// Returns the text of the binary of a version; empty for none.
fn text(version: &str, new: New) -> String {
    match new {
        _ if version.is_empty() => String::new(),
        Next(does) if version == "n" => format!("{} n", does.code()),
        _ => format!("ok {version}"),
    }
}

fn service(start: serde_json::Value) -> Service {
    let start: StartSpec = serde_json::from_value(start).unwrap();
    let given = json!({ "repo": "https://example.com/app", "bins": ["app"], "check": ["works"] });
    Service::new(serde_json::from_value(given).unwrap(), vec![start], None).unwrap()
}
