//! Uninstalling.

use super::{Home, name};
use crate::error::{Diagnostic, Exit};
use crate::event::Event;
use crate::sys::{disk, fs};

#[test]
fn everything_of_the_service_goes_and_nothing_else() {
    let home = Home::new();
    home.build("svc", &["a", "b"], "one").install().unwrap();
    home.build("svc", &["a", "b"], "two").profile("debug").install().unwrap();
    home.build("other", &["c"], "one").install().unwrap();
    fs::write(&home.bin("d"), b"mine").unwrap();
    let size = disk::used(&home.root.store.join("svc"));
    let removed = home.remove("svc").unwrap();
    assert_eq!(removed.bins, [home.bin("a"), home.bin("b")]);
    assert_eq!(removed.size, size);
    assert!(home.has_event(|it| matches!(it, Event::Removed { what, .. } if what == "svc")));
    assert_eq!(home.shown(), ["c", "d"]);
    assert!(!home.root.store.join("svc").exists() && !fs::exists(&home.root.current.join("svc")));
    assert_eq!(home.run("c").unwrap(), "c one");
    home.assert_sound();
}

#[test]
fn a_strangers_file_in_the_place_of_a_binary_stays() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    fs::remove_file(&home.bin("a")).unwrap();
    fs::write(&home.bin("a"), b"mine").unwrap();
    home.remove("svc").unwrap();
    assert_eq!(fs::read(&home.bin("a")).unwrap(), b"mine");
}

#[test]
fn a_service_that_is_not_there_is_named_with_its_neighbours() {
    let home = Home::new();
    home.build("mycelium", &["a"], "one").install().unwrap();
    let error = home.remove("mycelum").unwrap_err();
    assert_eq!(error.to_string(), "`mycelum` is not installed");
    assert_eq!((error.kind().word(), error.exit()), ("not_installed", Exit::Script));
    assert_eq!(error.hint().unwrap(), "did you mean `mycelium`?");
    assert_eq!(home.remove("zinit").unwrap_err().hint().unwrap(), "see what is: hero list");
}

#[test]
fn what_a_killed_uninstallation_left_can_be_finished() {
    let home = Home::new();
    home.build("svc", &["a"], "one").install().unwrap();
    // Killed before the generations went.
    fs::remove_file(&home.bin("a")).unwrap();
    fs::remove_file(&home.root.current.join("svc")).unwrap();
    let service = home.store.service(&name("svc")).unwrap().unwrap();
    assert!(service.current.is_none() && service.generations.len() == 1);
    home.remove("svc").unwrap();
    assert!(home.store.list().unwrap().services.is_empty());
    // Killed while the generations went.
    fs::create_dir_all(&home.root.store.join(".removed-1-0/x")).unwrap();
    assert_eq!(home.remove("svc").unwrap_err().kind(), "not_installed");
    home.assert_sound();
}
