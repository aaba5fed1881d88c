//! What a kill or a broken disk leaves.

use super::{Home, name};
use crate::error::Diagnostic;
use crate::event::Event;
use crate::store::Store;
use crate::store::bridge::Bridge;
use crate::store::layout::Layout;
use crate::sys::fs;

/// Changes a receipt on disk.
fn edit(home: &Home, service: &str, generation: &str, text: &str) -> std::path::PathBuf {
    let path = home.root.store.join(service).join(generation).join("receipt.json");
    fs::write(&path, text.as_bytes()).unwrap();
    path
}

#[test]
fn staging_of_the_dead_is_swept_and_of_the_living_is_not() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let dead = home.root.store.join("svc/.staging-1-abcdef");
    let alive = home.root.store.join("svc/.staging-2-abcdef");
    let first = home.root.store.join("never/.staging-3-abcdef");
    for folder in [&dead, &alive, &first] {
        fs::create_dir_all(&folder.join("bin")).unwrap();
    }
    let lock = fs::open(&alive).unwrap();
    lock.lock().unwrap();
    home.build("svc", &["a"], "two").install().unwrap();
    assert!(!dead.exists() && alive.exists());
    assert!(!home.root.store.join("never").exists());
    drop(lock);
    home.build("other", &["b"], "two").install().unwrap();
    home.assert_sound();
}

#[test]
fn links_that_a_kill_left_half_way_are_mended_by_any_change() {
    let home = Home::new();
    home.build("svc", &["a", "b"], "one").install().unwrap();
    // Killed after the switch: one link missing, one of a binary that is gone,
    // and links made aside.
    fs::remove_file(&home.bin("b")).unwrap();
    let bin = home.root.current.join("svc/bin");
    fs::symlink(&bin.join("gone"), &home.bin("gone")).unwrap();
    fs::symlink(&bin.join("b"), &home.bin(".hero-aside-1-0")).unwrap();
    fs::symlink(&home.root.store, &home.root.current.join(".hero-aside-1-1")).unwrap();
    let problems = home.store.list().unwrap().problems;
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(paths, [home.bin("b"), home.bin("gone")]);
    home.build("other", &["c"], "one").install().unwrap();
    assert_eq!(home.shown(), ["a", "b", "c"]);
    assert_eq!(home.run("b").unwrap(), "b one");
    home.assert_sound();
}

#[test]
fn a_corrupt_receipt_is_set_aside_and_blocks_nothing() {
    let home = Home::new();
    let old = home.build("svc", &["a", "b"], "one").install().unwrap();
    home.build("other", &["c"], "one").install().unwrap();
    for text in ["", "{", "[]", r#"{"format": 1}"#] {
        let path = edit(&home, "svc", &old.generation, text);
        let before = home.snapshot();
        let listing = home.store.list().unwrap();
        assert_eq!(listing.problems[0].path, path);
        assert_eq!(listing.services.len(), 2);
        assert!(listing.services[1].current.is_none());
        assert_eq!(home.snapshot(), before);
    }
    home.build("other", &["c"], "two").install().unwrap();
    let told = |event: &Event| matches!(event, Event::Warning { message, .. } if message.contains("corrupt"));
    assert!(home.has_event(told));
    let folder = home.root.store.join("svc").join(&old.generation);
    assert!(!folder.join("receipt.json").exists());
    assert_eq!(fs::list(&folder).unwrap().len(), 2);
    // It still runs, and the next version takes its place, links and all.
    assert_eq!(home.run("b").unwrap(), "b one");
    assert_eq!(home.activate("svc", &old.generation).unwrap_err().kind(), "bad_receipt");
    home.build("svc", &["a"], "two").install().unwrap();
    assert_eq!(home.shown(), ["a", "c"]);
    assert_eq!(home.run("a").unwrap(), "a two");
    home.remove("svc").unwrap();
    home.assert_sound();
}

#[test]
fn a_receipt_is_not_trusted_with_names() {
    let home = Home::new();
    let old = home.build("svc", &["a"], "one").install().unwrap();
    let path = home.root.store.join("svc").join(&old.generation).join("receipt.json");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        (r#""name": "a""#, r#""name": "../a""#),
        (r#""service": "svc""#, r#""service": "other""#),
        (old.generation.as_str(), "20200101T000000Z-release-local"),
    ] {
        edit(&home, "svc", &old.generation, &text.replace(from, to));
        assert_eq!(home.store.list().unwrap().problems.len(), 1, "{to}");
    }
    edit(&home, "svc", &old.generation, &text);
    home.assert_sound();
}

#[test]
fn a_newer_format_is_refused_for_its_service_only() {
    let home = Home::new();
    let old = home.build("svc", &["a"], "one").install().unwrap();
    edit(&home, "svc", &old.generation, r#"{"format": 2, "other": true}"#);
    let before = home.snapshot();
    let listing = home.store.list().unwrap();
    assert!(listing.problems[0].hint.starts_with("upgrade hero"), "{:?}", listing.problems);
    for error in [
        home.build("svc", &["a"], "one").install().unwrap_err(),
        home.remove("svc").unwrap_err(),
        home.rollback("svc").unwrap_err(),
    ] {
        assert_eq!(error.kind(), "newer_format");
        assert!(error.hint().unwrap().starts_with("upgrade hero"));
    }
    home.build("other", &["b"], "one").install().unwrap();
    home.remove("other").unwrap();
    let cleared = home.store.clear(&crate::store::Clear::default(), &home.events, &home.cancel);
    assert_eq!(cleared.unwrap().removed, []);
    let kept = home.root.store.join("svc");
    let of_service = |snapshot: &std::collections::BTreeMap<std::path::PathBuf, String>| {
        snapshot
            .iter()
            .filter(|it| it.0.starts_with(&kept))
            .map(|it| it.1.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of_service(&home.snapshot()), of_service(&before));
    assert_eq!(home.run("a").unwrap(), "a one");
}

#[test]
fn an_older_generation_of_a_newer_format_is_left_alone() {
    let home = Home::new();
    let old = home.build("svc", &["a"], "one").install().unwrap();
    home.build("svc", &["a"], "two").install().unwrap();
    let path = edit(&home, "svc", &old.generation, r#"{"format": 2}"#);
    let problems = home.store.list().unwrap().problems;
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, path);
    for text in ["three", "four"] {
        home.build("svc", &["a"], text).keep(1).install().unwrap();
    }
    home.rollback("svc").unwrap();
    assert_eq!(home.run("a").unwrap(), "a three");
    assert_eq!(home.activate("svc", &old.generation).unwrap_err().kind(), "bad_receipt");
    assert_eq!(home.remove("svc").unwrap_err().kind(), "newer_format");
    assert!(path.exists());
}

#[test]
fn a_generation_that_a_kill_kept_from_becoming_current_is_taken_up() {
    let home = Home::new();
    let first = home.build("svc", &["a"], "one").install().unwrap();
    let second = home.build("svc", &["a", "b"], "two").install().unwrap();
    // As if killed between the two: the link of `b` was made already.
    home.activate("svc", &first.generation).unwrap();
    fs::symlink(&home.root.current.join("svc/bin/b"), &home.bin("b")).unwrap();
    assert_eq!(home.run("b"), None);
    let again = home.build("svc", &["a", "b"], "two").install().unwrap();
    assert_eq!((again.changed, &again.generation), (true, &second.generation));
    assert_eq!(home.run("b").unwrap(), "b two");
    home.assert_sound();
}

#[test]
fn a_stranger_that_was_giving_way_when_a_kill_came_is_back() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    let service = name("svc");
    home.build("svc", &["a"], "one").install().unwrap();
    fs::write(&home.bin("b"), b"mine").unwrap();
    fs::symlink("c.real".as_ref(), &home.bin("c")).unwrap();
    fs::write(&home.bin("c.real"), b"theirs").unwrap();
    let before = home.snapshot_without_locks();
    let strangers = [home.bin("b"), home.bin("c")];
    let bridge = Bridge::build(&layout, &service, &strangers).unwrap();
    // Everything looks as before, but hero's links are there already.
    let target = fs::read_link(&home.bin("b")).unwrap();
    assert!(target.starts_with(home.root.current.join("svc")));
    assert_eq!(fs::read(&home.bin("b")).unwrap(), b"mine");
    assert_eq!(fs::read(&home.bin("c")).unwrap(), b"theirs");
    assert_eq!(home.run("a").unwrap(), "a one");
    drop(bridge);
    assert!(!home.store.verify(&[]).unwrap().problems.is_empty());
    home.build("other", &["d"], "one").install().unwrap();
    home.remove("other").unwrap();
    let mut after = home.snapshot_without_locks();
    assert_eq!(after.remove(&layout.replaced()).as_deref(), Some("folder"));
    assert!(after.remove(&home.dir.path().join("target/d")).is_some());
    assert_eq!(after, before);
    // Killed after the commit: what is kept stays kept.
    let installed = home.build("svc", &["a", "b"], "two").replace().install().unwrap();
    let left = home.root.store.join("svc/.bridge-1-0");
    fs::create_dir_all(&left.join("kept")).unwrap();
    fs::symlink(&installed.moved_aside[0], &left.join("kept/b")).unwrap();
    home.build("other", &["d"], "one").install().unwrap();
    assert!(!left.exists());
    assert_eq!(home.run("b").unwrap(), "b two");
    assert_eq!(fs::read(&installed.moved_aside[0]).unwrap(), b"mine");
}

#[test]
fn a_bridge_is_found_by_another_path_to_the_root_too() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    home.build("svc", &["a"], "one").install().unwrap();
    fs::write(&home.bin("b"), b"mine").unwrap();
    drop(Bridge::build(&layout, &name("svc"), &[home.bin("b")]).unwrap());
    let alias = home.dir.path().join("alias");
    fs::symlink(&home.path(), &alias).unwrap();
    let at = |name: &str| alias.join(name);
    let root = crate::sys::dirs::Root {
        bin: at("bin"),
        store: at("store"),
        current: at("current"),
        ..home.root.clone()
    };
    // Any change by that path takes it down.
    let error = Store::open(&root).rollback(&name("svc"), false, &home.events, &home.cancel);
    assert_eq!(error.unwrap_err().kind(), "no_previous");
    assert_eq!(fs::read(&home.bin("b")).unwrap(), b"mine");
    assert_eq!(home.run("a").unwrap(), "a one");
    assert!(fs::list(&layout.replaced()).unwrap().is_empty());
    home.assert_sound();
}

#[test]
fn a_bridge_is_not_believed_what_it_keeps() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    fs::write(&home.bin("ls"), b"theirs").unwrap();
    let kept = home.root.store.join("svc/.bridge-1/kept");
    fs::create_dir_all(&kept).unwrap();
    fs::symlink(&home.bin("ls"), &kept.join("ls")).unwrap();
    home.build("other", &["c"], "one").install().unwrap();
    assert_eq!(fs::read(&home.bin("ls")).unwrap(), b"theirs");
    home.assert_sound();
}

#[test]
fn four_at_once_end_well() {
    let home = Home::new();
    let service = |index: usize| ["one", "two"][index % 2];
    std::thread::scope(|scope| {
        for index in 0..4 {
            let build = home.build(service(index), &[service(index)], &index.to_string());
            // The locks belong to open files, so threads exclude each other
            // as processes do.
            scope.spawn(move || build.install().unwrap());
        }
    });
    assert_eq!(home.shown(), ["one", "two"]);
    assert!(home.store.service(&name("one")).unwrap().unwrap().current.is_some());
    assert_eq!(Store::open(&home.root).list().unwrap().problems, []);
    home.assert_sound();
}
