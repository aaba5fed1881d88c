//! Disk against receipts, and mending it.

use super::{Home, name};
use crate::error::Diagnostic;
use crate::event::Event;
use crate::store::Verified;
use crate::store::problem::ProblemKind;
use crate::sys::fs;

fn verify(home: &Home) -> Verified {
    home.store.verify(&[]).unwrap()
}

fn repair(home: &Home) -> Verified {
    home.store.repair(&[], false, &home.events, &home.cancel).unwrap()
}

/// Kinds and last parts of the paths of what is wrong.
fn wrong(found: &Verified) -> Vec<(ProblemKind, String)> {
    let part = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    found.problems.iter().map(|problem| (problem.kind, part(&problem.path))).collect()
}

fn stored(home: &Home, generation: &str, file: &str) -> std::path::PathBuf {
    home.root.store.join("svc").join(generation).join(file)
}

#[test]
fn what_is_as_it_was_installed_has_no_problems() {
    let home = Home::new();
    assert_eq!(verify(&home), Verified::default());
    home.build("svc", &["a", "b"], "one").install().unwrap();
    home.build("svc", &["a"], "two").profile("debug").install().unwrap();
    let before = home.snapshot();
    let found = verify(&home);
    assert_eq!((found.services, found.generations, found.problems.len()), (1, 2, 0));
    assert_eq!(found.size, 3 * 21);
    assert_eq!(home.snapshot(), before);
    assert_eq!(repair(&home), found);
    assert_eq!(home.snapshot(), before);
    let unknown = home.store.verify(&[name("svd")]).unwrap_err();
    assert_eq!(unknown.hint().unwrap(), "did you mean `svc`?");
}

#[test]
fn a_byte_that_changed_under_an_old_time_is_found() {
    let home = Home::new();
    let first = home.build("svc", &["a"], "one").install().unwrap();
    let file = stored(&home, &first.generation, "bin/a");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, b"#!/bin/sh\necho a onx\n").unwrap();
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    assert_eq!(home.store.list().unwrap().problems, []);
    assert_eq!(wrong(&verify(&home)), [(ProblemKind::Changed, "a".into())]);
}

#[test]
fn a_damaged_generation_goes_and_a_whole_one_takes_its_place() {
    let home = Home::new();
    let release = home.build("svc", &["a", "b"], "release").install().unwrap();
    let old = home.build("svc", &["a"], "old").profile("debug").install().unwrap();
    let newer = home.build("svc", &["a"], "newer").install().unwrap();
    let new = home.build("svc", &["a"], "new").profile("debug").install().unwrap();
    fs::remove_file(&stored(&home, &new.generation, "bin/a")).unwrap();
    fs::write(&stored(&home, &newer.generation, "bin/a"), b"else").unwrap();
    let found = verify(&home);
    let is = |kind, file: &str| (kind, file.to_owned());
    assert_eq!(
        wrong(&found),
        [
            is(ProblemKind::Missing, "a"),
            is(ProblemKind::Changed, "a"),
            is(ProblemKind::Dangling, "a")
        ]
    );
    let before = home.snapshot();
    home.store.repair(&[], true, &home.events, &home.cancel).unwrap();
    assert_eq!(home.snapshot(), before);
    let planned = |text: &str| {
        home.has_event(|it| matches!(it, Event::Plan { detail, .. } if detail.contains(text)))
    };
    assert!(planned(&format!("go to {}", old.generation)), "{:?}", home.events.events());
    assert!(planned(&format!("remove svc {}", newer.generation)));
    let repaired = repair(&home);
    assert_eq!((repaired.problems.len(), repaired.repaired), (0, found.problems));
    // Of its own profile, though a newer one was there of another.
    assert_eq!(home.run("a").unwrap(), "a old");
    assert_eq!(home.stored("svc"), [old.generation, release.generation]);
    home.assert_sound();
}

#[test]
fn a_damaged_generation_without_another_stays_until_the_next_install() {
    let home = Home::new();
    let only = home.build("svc", &["a"], "one").install().unwrap();
    let file = stored(&home, &only.generation, "bin/a");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, b"#!/bin/sh\necho a onx\n").unwrap();
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    let found = repair(&home);
    assert_eq!((found.problems.len(), found.repaired.len()), (1, 0), "{found:?}");
    assert_eq!(home.run("a").unwrap(), "a onx", "there is a binary, such as it is");
    // The same build again is not taken for what is there.
    assert!(home.build("svc", &["a"], "one").install().unwrap().changed);
    assert_eq!(home.run("a").unwrap(), "a one");
    repair(&home);
    home.assert_sound();
    assert_eq!(verify(&home).problems, []);
}

#[test]
fn links_and_leftovers_are_mended() {
    let home = Home::new();
    let first = home.build("svc", &["a", "b"], "one").install().unwrap();
    fs::remove_file(&home.bin("b")).unwrap();
    fs::symlink(&home.root.current.join("svc/bin/gone"), &home.bin("gone")).unwrap();
    fs::create_dir_all(&home.root.store.join("svc/.staging-1-x/bin")).unwrap();
    fs::create_dir_all(&home.root.store.join(".removed-1-0/svc")).unwrap();
    fs::write(&stored(&home, &first.generation, ".hero-abc"), b"half").unwrap();
    fs::set_mode(&stored(&home, &first.generation, "bin/a"), 0o644).unwrap();
    fs::write(&stored(&home, &first.generation, "receipt.json.corrupt-1"), b"old").unwrap();
    let found = verify(&home);
    let kinds: Vec<ProblemKind> = found.problems.iter().map(|it| it.kind).collect();
    let count = |kind| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!(count(ProblemKind::Leftover), 3, "{found:?}");
    assert_eq!((count(ProblemKind::Missing), count(ProblemKind::Dangling)), (1, 1));
    assert_eq!((count(ProblemKind::Changed), kinds.len()), (1, 6));
    assert_eq!(repair(&home).problems, []);
    assert_eq!(home.run("b").unwrap(), "b one");
    assert_eq!(home.shown(), ["a", "b"]);
    home.assert_sound();
}

#[test]
fn a_link_that_names_nothing_gives_way_to_the_newest() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    home.build("svc", &["a"], "two").install().unwrap();
    let link = home.root.current.join("svc");
    fs::remove_file(&link).unwrap();
    fs::symlink(&home.root.store.join("svc/none"), &link).unwrap();
    assert!(wrong(&verify(&home)).contains(&(ProblemKind::Dangling, "svc".into())));
    assert_eq!(repair(&home).problems, []);
    assert_eq!(home.run("a").unwrap(), "a two");
    home.assert_sound();
}

#[test]
fn foreign_files_are_named_and_stay() {
    let home = Home::new();
    let first = home.build("svc", &["a", "b"], "one").install().unwrap();
    fs::remove_file(&home.bin("b")).unwrap();
    let foreign = [
        stored(&home, &first.generation, "notes"),
        stored(&home, &first.generation, "bin/extra"),
        home.bin("b"),
        home.root.store.join("notes.txt"),
        home.root.current.join("folder"),
    ];
    for path in &foreign[..4] {
        fs::write(path, b"mine").unwrap();
    }
    fs::create_dir_all(&foreign[4]).unwrap();
    for found in [verify(&home), repair(&home)] {
        let mut paths: Vec<_> = found.problems.iter().map(|it| it.path.clone()).collect();
        paths.sort();
        let mut all = foreign.to_vec();
        all.sort();
        assert_eq!(paths, all);
        assert!(found.problems.iter().all(|it| it.kind == ProblemKind::Foreign));
    }
    assert_eq!(fs::read(&home.bin("b")).unwrap(), b"mine");
}

#[test]
fn corrupt_receipts_of_old_generations_go_with_them_and_newer_ones_stay() {
    let home = Home::new();
    let corrupt = home.build("svc", &["a"], "one").install().unwrap();
    let newer = home.build("svc", &["a"], "two").install().unwrap();
    home.build("svc", &["a"], "three").install().unwrap();
    fs::write(&stored(&home, &corrupt.generation, "receipt.json"), b"{").unwrap();
    fs::write(&stored(&home, &newer.generation, "receipt.json"), br#"{"format": 9}"#).unwrap();
    let found = repair(&home);
    assert_eq!(wrong(&found), [(ProblemKind::Newer, "receipt.json".into())]);
    assert!(!stored(&home, &corrupt.generation, "").exists());
    assert_eq!(home.run("a").unwrap(), "a three");
}

#[test]
fn what_cannot_be_run_is_not_whole() {
    let home = Home::new();
    let first = home.build("svc", &["a"], "one").install().unwrap();
    let file = stored(&home, &first.generation, "bin/a");
    fs::set_mode(&file, 0o644).unwrap();
    assert_eq!(home.activate("svc", &first.generation).unwrap_err().kind(), "damaged");
    assert_eq!(wrong(&verify(&home)), [(ProblemKind::Changed, "a".into())]);
    assert!(home.build("svc", &["a"], "one").install().unwrap().changed);
    assert_eq!(home.run("a").unwrap(), "a one");
}

#[test]
fn what_cannot_be_read_is_not_damaged() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let second = home.build("svc", &["a"], "two").install().unwrap();
    let file = stored(&home, &second.generation, "bin/a");
    fs::set_mode(&file, 0o111).unwrap();
    let found = repair(&home);
    fs::set_mode(&file, 0o755).unwrap();
    // Root reads everything: then there is nothing wrong.
    assert!(found.problems.iter().all(|problem| problem.kind == ProblemKind::Unreadable));
    assert_eq!(home.stored("svc").len(), 2);
    assert_eq!(home.run("a").unwrap(), "a two");
}

#[test]
fn a_service_of_which_nothing_is_current_is_a_problem() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let second = home.build("svc", &["a"], "two").install().unwrap();
    // Its folder was removed by hand; a change of another service comes first.
    fs::remove_dir_all(&stored(&home, &second.generation, "")).unwrap();
    home.build("other", &["c"], "one").install().unwrap();
    assert!(!verify(&home).problems.is_empty());
    assert_eq!(repair(&home).problems, []);
    assert_eq!(home.run("a").unwrap(), "a one");
    fs::remove_file(&home.root.current.join("svc")).unwrap();
    let found = verify(&home);
    assert!(found.problems[0].hint.contains("hero rollback svc"), "{found:?}");
    assert_eq!(repair(&home).problems, []);
    home.assert_sound();
}

#[test]
fn a_file_in_the_place_of_the_current_link_is_nobody_elses_to_remove() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let link = home.root.current.join("svc");
    fs::remove_file(&link).unwrap();
    fs::write(&link, b"mine").unwrap();
    for error in
        [home.build("svc", &["a"], "two").install().unwrap_err(), home.remove("svc").unwrap_err()]
    {
        assert_eq!(error.kind(), "foreign_file");
    }
    assert!(!repair(&home).problems.is_empty());
    assert_eq!(fs::read(&link).unwrap(), b"mine");
}
