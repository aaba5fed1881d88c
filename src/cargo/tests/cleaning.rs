//! Build files go away for one profile at a time.

use super::super::clean::Cleaned;
use super::super::{Clean, Error, Part, Profile, clean};
use super::support::{Project, names, run};
use crate::error::Diagnostic;
use crate::event::{Event, Recorder};
use crate::sys::cancel::Cancel;
use crate::sys::disk::{self, Removal};
use crate::sys::fs;

fn cleaned(project: &Project, part: Part, dry_run: bool) -> (Cleaned, Vec<Event>) {
    let reporter = Recorder::default();
    let cleaned = try_clean(project, part, dry_run, &reporter).unwrap();
    assert!(cleaned.error.is_none(), "{cleaned:?}");
    (cleaned, reporter.events())
}

fn try_clean(
    project: &Project,
    part: Part,
    dry_run: bool,
    reporter: &Recorder,
) -> Result<Cleaned, Error> {
    let build_dir = project.build_dir();
    let what = Clean {
        service: project.service(),
        build: fs::parent(&build_dir),
        locks: &project.locks(),
        part,
        used_before: None,
        wait: true,
        dry_run,
    };
    clean(&what, &mut Removal::default(), reporter, &Cancel::default())
}

const DEBUG: Part = Part::Profile(&Profile::Debug);

#[test]
fn one_profile_goes_and_the_other_stays() {
    let project = Project::simple();
    let (nothing, events) = cleaned(&project, DEBUG, false);
    assert_eq!((nothing.freed, events), (0, vec![]));
    let debug = project.build(|_| ());
    let release = project.build(|options| options.profile = Profile::Release);
    let (expected, plan) = cleaned(&project, DEBUG, true);
    assert!(matches!(&plan[..], [Event::Plan { .. }]), "{plan:?}");
    assert!(fs::exists(&debug.artifacts[0].path));
    let before = disk::used(&project.build_dir());
    let (done, events) = cleaned(&project, DEBUG, false);
    let size = before - disk::used(&project.build_dir());
    assert!(size > 0);
    for cleaned in [&expected, &done] {
        assert_eq!((cleaned.freed, cleaned.before, cleaned.after), (size, before, before - size));
    }
    assert_eq!(events, [Event::Removed { what: "debug build files of `demo`".into(), size }]);
    assert!(!fs::exists(&debug.artifacts[0].path));
    assert_eq!(run(&release.artifacts[0].path), "hello\n");
    assert_eq!(names(&project.build(|_| ())), ["demo"]);
}

#[test]
fn without_a_source_the_same_goes_and_the_rest_when_asked_for() {
    let project = Project::simple();
    project.build(|_| ());
    let release = project.build(|options| options.profile = Profile::Release);
    fs::remove_dir_all(&project.checkout()).unwrap();
    assert!(cleaned(&project, DEBUG, false).0.freed > 0);
    assert_eq!(run(&release.artifacts[0].path), "hello\n");
    let size = disk::used(&project.build_dir());
    assert_eq!(cleaned(&project, Part::All, true).0.freed, size);
    assert_eq!(cleaned(&project, Part::All, false).0.freed, size);
    assert!(!fs::exists(&project.build_dir()));

    let stranger = project.build_dir().join("debug/precious");
    fs::write(&stranger, b"mine").unwrap();
    for part in [DEBUG, Part::All] {
        let error = try_clean(&project, part, false, &Recorder::default());
        assert_eq!(error.unwrap_err().kind(), "not_a_build_dir");
    }
    assert!(fs::exists(&stranger));
}
