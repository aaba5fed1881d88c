//! Whose a name in `bin/` is.

use super::{Home, name};
use crate::error::{Diagnostic, Exit};
use crate::event::Event;
use crate::store::Policy;
use crate::sys::fs;

#[test]
fn a_strangers_file_is_refused_and_kept() {
    let home = Home::new();
    fs::write(&home.bin("b"), b"mine").unwrap();
    let error = home.build("svc", &["a", "b"], "one").install().unwrap_err();
    assert_eq!((error.kind().word(), error.exit()), ("foreign_file", Exit::Failed));
    assert!(error.to_string().contains(&home.bin("b").display().to_string()));
    assert!(error.hint().unwrap().contains("--replace"));
    assert_eq!(fs::read(&home.bin("b")).unwrap(), b"mine");
    assert_eq!(home.shown(), ["b"]);
    assert!(!home.root.store.join("svc").exists());
    let checked = home.store.check(
        &name("svc"),
        &[name("b")],
        &Policy::default(),
        &home.events,
        &home.cancel,
    );
    assert_eq!(checked.unwrap_err().kind(), "foreign_file");
    let replace = Policy { replace: true, ..Policy::default() };
    home.store.check(&name("svc"), &[name("b")], &replace, &home.events, &home.cancel).unwrap();
}

#[test]
fn replace_keeps_what_it_moves_aside() {
    let home = Home::new();
    fs::write(&home.bin("a"), b"mine").unwrap();
    fs::symlink("/bin/true".as_ref(), &home.bin("b")).unwrap();
    let installed = home.build("svc", &["a", "b"], "one").replace().install().unwrap();
    assert_eq!(home.run("a").unwrap(), "a one");
    assert_eq!(home.run("b").unwrap(), "b one");
    let [a, b] = installed.moved_aside.as_slice() else { panic!("{installed:?}") };
    assert_eq!(fs::read(a).unwrap(), b"mine");
    assert_eq!(fs::read_link(b).unwrap().to_str(), Some("/bin/true"));
    let told = |event: &Event| match event {
        Event::Warning { hint: Some(hint), .. } => hint.contains(&a.display().to_string()),
        _ => false,
    };
    assert!(home.has_event(told));
    home.assert_sound();
}

#[test]
fn the_same_binaries_take_their_place_back_without_a_new_generation() {
    let home = Home::new();
    let first = home.build("svc", &["a"], "one").install().unwrap();
    fs::remove_file(&home.bin("a")).unwrap();
    fs::write(&home.bin("a"), b"mine").unwrap();
    assert_eq!(home.build("svc", &["a"], "one").install().unwrap_err().kind(), "foreign_file");
    let again = home.build("svc", &["a"], "one").replace().install().unwrap();
    assert_eq!((again.changed, &again.generation), (true, &first.generation));
    assert_eq!(home.run("a").unwrap(), "a one");
    assert_eq!(again.moved_aside.len(), 1);
    home.assert_sound();
}

#[test]
fn a_strangers_folder_is_never_replaced() {
    let home = Home::new();
    fs::create_dir_all(&home.bin("a")).unwrap();
    let error = home.build("svc", &["a"], "one").replace().install().unwrap_err();
    assert_eq!(error.kind(), "foreign_file");
    assert!(home.bin("a").is_dir());
    // Nor one where the link to the current generation goes.
    fs::create_dir_all(&home.root.current.join("other")).unwrap();
    let error = home.build("other", &["b"], "one").install().unwrap_err();
    assert_eq!(error.kind(), "foreign_file");
    assert!(error.hint().unwrap().starts_with("move it away: mv "));
    assert!(!home.root.store.join("other").exists());
}

#[test]
fn another_services_binary_is_refused_with_both_names() {
    let home = Home::new();
    home.build("first", &["a", "b"], "one").install().unwrap();
    let error = home.build("second", &["c", "b"], "two").replace().install().unwrap_err();
    assert_eq!(error.to_string(), "the binary `b` of `second` is already installed by `first`");
    assert_eq!((error.kind().word(), error.option()), ("taken", Some("bins")));
    assert_eq!(home.run("b").unwrap(), "b one");
    assert_eq!(home.shown(), ["a", "b"]);
    let checked = home.store.check(
        &name("second"),
        &[name("b")],
        &Policy::default(),
        &home.events,
        &home.cancel,
    );
    assert_eq!(checked.unwrap_err().kind(), "taken");
    // A name that the first gives up is free.
    home.build("first", &["a"], "three").install().unwrap();
    home.build("second", &["c", "b"], "two").install().unwrap();
    assert_eq!(home.run("b").unwrap(), "b two");
    // Going back to a generation that had the name is refused too.
    assert_eq!(home.rollback("first").unwrap_err().kind(), "taken");
    home.assert_sound();
}

#[test]
fn a_link_under_another_name_is_a_strangers() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let target = fs::read_link(&home.bin("a")).unwrap();
    fs::symlink(&target, &home.bin("alias")).unwrap();
    home.remove("svc").unwrap();
    assert_eq!(home.shown(), ["alias"]);
}

#[test]
fn a_root_that_is_reached_by_another_path_is_still_ours() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    let alias = home.dir.path().join("alias");
    fs::symlink(&home.path(), &alias).unwrap();
    let root = crate::sys::dirs::Root {
        system: false,
        bin: alias.join("bin"),
        store: alias.join("store"),
        current: alias.join("current"),
        locks: home.dir.path().join("locks"),
    };
    let store = crate::store::Store::open(&root);
    let listing = store.list().unwrap();
    assert_eq!(listing.problems, []);
    assert!(listing.services[0].current.is_some());
    store.remove(&name("svc"), false, &home.events, &home.cancel).unwrap();
    assert_eq!(home.shown(), [""; 0]);
}
