//! Build files go away for one profile at a time.

use super::super::{Clean, Error, Profile, clean};
use super::support::{Project, names, run};
use crate::error::Diagnostic;
use crate::event::{Event, Recorder};
use crate::sys::cancel::Cancel;
use crate::sys::fs;

fn cleaned(project: &Project, profile: &Profile, dry_run: bool) -> (u64, Vec<Event>) {
    let reporter = Recorder::default();
    let size = try_clean(project, profile, dry_run, &reporter).unwrap();
    (size, reporter.events())
}

fn try_clean(
    project: &Project,
    profile: &Profile,
    dry_run: bool,
    reporter: &Recorder,
) -> Result<u64, Error> {
    let (source, build_dir, locks) = (project.checkout(), project.build_dir(), project.locks());
    let service = project.service();
    let what =
        Clean { service, source: &source, build_dir: &build_dir, locks: &locks, profile, dry_run };
    clean(&what, reporter, &Cancel::default())
}

#[test]
fn one_profile_goes_and_the_other_stays() {
    let project = Project::simple();
    assert_eq!(cleaned(&project, &Profile::Debug, false), (0, vec![]));
    let debug = project.build(|_| ());
    let release = project.build(|options| options.profile = Profile::Release);
    let (expected, plan) = cleaned(&project, &Profile::Debug, true);
    assert!(matches!(&plan[..], [Event::Plan { .. }]), "{plan:?}");
    assert!(fs::exists(&debug.artifacts[0].path));
    let (size, events) = cleaned(&project, &Profile::Debug, false);
    assert!(size > 0 && size == expected, "{size} freed, {expected} announced");
    assert_eq!(events, [Event::Removed { what: "debug build files of `demo`".into(), size }]);
    assert!(!fs::exists(&debug.artifacts[0].path));
    assert_eq!(run(&release.artifacts[0].path), "hello\n");
    assert_eq!(names(&project.build(|_| ())), ["demo"]);
}

#[test]
fn without_a_source_everything_goes_but_nothing_that_is_not_ours() {
    let project = Project::simple();
    project.build(|_| ());
    fs::remove_dir_all(&project.checkout()).unwrap();
    let (size, _) = cleaned(&project, &Profile::Debug, false);
    assert!(size > 0);
    assert!(!fs::exists(&project.build_dir()));

    let stranger = project.build_dir().join("precious");
    fs::write(&stranger, b"mine").unwrap();
    let error = try_clean(&project, &Profile::Debug, false, &Recorder::default());
    assert_eq!(error.unwrap_err().kind(), "not_a_build_dir");
    assert!(fs::exists(&stranger));
}
