//! A commit that fails half-way takes everything back.

use super::Home;
use crate::error::Diagnostic;
use crate::event::Recorder;
use crate::store::commit::{InTheWay, commit};
use crate::store::layout::Layout;
use crate::store::receipt::{Bin, Receipt};
use crate::store::stage::Staging;
use crate::sys::fs;

/// The current receipt of a service with another binary, whose link cannot be
/// made: a folder appeared in its place after everything was checked.
fn with_an_impossible_binary(home: &Home, receipt: &Receipt) -> Receipt {
    let mut receipt = receipt.clone();
    let bin = Bin {
        name: super::name("z"),
        size: 0,
        sha256: String::new(),
        modified: None,
        source: None,
    };
    receipt.bins.push(bin);
    fs::create_dir_all(&home.bin("z").join("full")).unwrap();
    receipt
}

#[test]
fn links_and_strangers_files_and_the_old_version_come_back() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    home.build("svc", &["a", "b", "c"], "new").install().unwrap();
    let service = super::name("svc");
    let new = home.store.service(&service).unwrap().unwrap().current.unwrap();
    home.build("svc", &["a"], "old").install().unwrap();
    fs::write(&home.bin("b"), b"mine").unwrap();
    let broken = with_an_impossible_binary(&home, &new);
    let before = home.snapshot();
    let in_the_way = InTheWay { strangers: vec![home.bin("b")] };
    commit(&layout, &broken, &in_the_way, &Recorder::default()).unwrap_err();
    let mut after = home.snapshot();
    // The folder for strangers' files was made, and is empty.
    assert_eq!(after.remove(&layout.replaced()).as_deref(), Some("folder"));
    assert_eq!(after, before);
    assert_eq!(home.run("a").unwrap(), "a old");
}

#[test]
fn a_first_version_goes_again() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    let first = home.build("svc", &["a"], "one").install().unwrap();
    let service = super::name("svc");
    let receipt = home.store.service(&service).unwrap().unwrap().current.unwrap();
    fs::remove_file(&home.bin("a")).unwrap();
    fs::remove_file(&layout.current_link(&service)).unwrap();
    let broken = with_an_impossible_binary(&home, &receipt);
    commit(&layout, &broken, &InTheWay::default(), &Recorder::default()).unwrap_err();
    assert!(!fs::exists(&layout.current_link(&service)) && !fs::exists(&home.bin("a")));
    assert_eq!(home.stored("svc"), [first.generation]);
}

#[test]
fn staging_goes_when_it_is_dropped() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    let service = super::name("svc");
    let staging = Staging::new(&layout, &service).unwrap();
    assert_eq!(home.stored("svc").len(), 1);
    drop(staging);
    assert!(!layout.service(&service).exists() && layout.store().exists());
}

#[test]
fn a_strangers_file_that_appears_after_the_check_is_not_overwritten() {
    let home = Home::new();
    let layout = Layout::new(home.root.clone());
    home.build("svc", &["a", "b"], "new").install().unwrap();
    let service = super::name("svc");
    let new = home.store.service(&service).unwrap().unwrap().current.unwrap();
    home.build("svc", &["a"], "old").install().unwrap();
    fs::write(&home.bin("b"), b"mine").unwrap();
    let before = home.snapshot();
    let error = commit(&layout, &new, &InTheWay::default(), &Recorder::default()).unwrap_err();
    assert_eq!(error.kind(), "foreign_file");
    assert_eq!(home.snapshot(), before);
}
