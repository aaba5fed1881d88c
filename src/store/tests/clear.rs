//! Clearing, and what runs.

use super::{Home, name};
use crate::error::Diagnostic;
use crate::store::Clear;
use crate::store::model::{Cleared, Reason};
use crate::sys::{disk, fs};

fn clear(home: &Home, what: &Clear) -> Cleared {
    home.store.clear(what, &home.events, &home.cancel).unwrap()
}

#[test]
fn current_generations_and_other_profiles_stay() {
    let home = Home::new();
    home.build("one", &["a"], "old").profile("debug").install().unwrap();
    let current = home.build("one", &["a"], "new").profile("debug").install().unwrap();
    home.build("two", &["b"], "old").profile("debug").install().unwrap();
    home.build("two", &["b"], "new").install().unwrap();
    let space =
        || ["one", "two"].iter().map(|it| disk::used(&home.root.store.join(it))).sum::<u64>();
    let before = space();
    let cleared = clear(&home, &Clear::default());
    assert_eq!(cleared.removed.len(), 2);
    assert_eq!(cleared.kept.len(), 1);
    assert_eq!(cleared.kept[0].generation, current.generation);
    assert_eq!(cleared.kept[0].reason, Reason::Current);
    assert_eq!(cleared.size_before, before);
    assert_eq!(cleared.size_after, space());
    assert_eq!(cleared.freed, cleared.size_before - cleared.size_after);
    assert_eq!(home.run("a").unwrap(), "a new");
    assert_eq!(home.run("b").unwrap(), "b new");
    home.assert_sound();
}

#[test]
fn one_service_can_be_cleared_alone() {
    let home = Home::new();
    for service in ["one", "two"] {
        home.build(service, &[service], "old").profile("debug").install().unwrap();
        home.build(service, &[service], "new").install().unwrap();
    }
    let one = Clear { service: Some(name("one")), ..Clear::default() };
    assert_eq!(clear(&home, &one).removed.len(), 1);
    assert_eq!((home.stored("one").len(), home.stored("two").len()), (1, 2));
    let none = Clear { service: Some(name("twoo")), ..Clear::default() };
    let error = home.store.clear(&none, &home.events, &home.cancel).unwrap_err();
    assert_eq!(
        (error.kind().word(), error.hint().unwrap().as_str()),
        ("not_installed", "did you mean `two`?")
    );
}

#[test]
fn force_goes_to_another_profile_or_takes_the_service_out() {
    let home = Home::new();
    home.build("both", &["a", "b"], "release").install().unwrap();
    home.build("both", &["a", "c"], "debug").profile("debug").install().unwrap();
    home.build("only", &["d"], "debug").profile("debug").install().unwrap();
    let cleared = clear(&home, &Clear { force: true, ..Clear::default() });
    assert_eq!((cleared.removed.len(), cleared.kept.len()), (2, 0));
    assert_eq!(home.shown(), ["a", "b"]);
    assert_eq!(home.run("a").unwrap(), "a release");
    assert!(!home.root.store.join("only").exists());
    assert!(home.store.service(&name("only")).unwrap().is_none());
    home.assert_sound();
}

#[test]
fn what_runs_can_be_replaced_and_is_neither_pruned_nor_cleared() {
    let home = Home::new();
    let running = home.start_shell("svc");
    let old = home.stored("svc");
    // Copying over it would be refused (ETXTBSY); renaming is not.
    for text in ["one", "two"] {
        home.build("svc", &["sh"], text).profile("debug").keep(0).install().unwrap();
    }
    assert_eq!(home.run("sh").unwrap(), "sh two");
    assert!(running.is_alive());
    let stored = home.stored("svc");
    assert!(stored.len() == 2 && stored.contains(&old[0]), "{stored:?}");
    let cleared = clear(&home, &Clear::default());
    assert_eq!(cleared.removed, []);
    let reasons: Vec<_> = cleared.kept.iter().map(|kept| kept.reason).collect();
    assert_eq!(reasons, [Reason::Current, Reason::Running]);
    drop(running);
    assert_eq!(clear(&home, &Clear::default()).removed[0].generation, old[0]);
    home.assert_sound();
}

#[test]
fn nothing_is_made_where_nothing_is_installed() {
    let home = Home::new();
    assert_eq!(clear(&home, &Clear::default()).removed, []);
    assert!(home.store.list().unwrap().services.is_empty());
    assert!(home.remove("svc").is_err());
    assert_eq!(home.snapshot().len(), 1);
}

#[test]
fn a_generation_that_cannot_be_used_is_no_reason_to_take_the_service_out() {
    let home = Home::new();
    let release = home.build("svc", &["a"], "release").install().unwrap();
    home.build("svc", &["a"], "debug").profile("debug").install().unwrap();
    let folder = home.root.store.join("svc").join(&release.generation);
    let refused = |kind: &str| {
        let before = home.snapshot_without_locks();
        let what = Clear { force: true, ..Clear::default() };
        let error = home.store.clear(&what, &home.events, &home.cancel).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(home.snapshot_without_locks(), before);
    };
    // A folder cannot be read as a file: an error of the disk, not of the text.
    let (receipt, away) = (folder.join("receipt.json"), folder.join("away"));
    fs::rename(&receipt, &away).unwrap();
    fs::create_dir_all(&receipt).unwrap();
    refused("bad_receipt");
    assert_eq!(home.rollback("svc").unwrap_err().kind(), "bad_receipt");
    fs::remove_dir_all(&receipt).unwrap();
    fs::rename(&away, &receipt).unwrap();
    fs::remove_file(&folder.join("bin/a")).unwrap();
    refused("damaged");
    assert_eq!(home.run("a").unwrap(), "a debug");
}
