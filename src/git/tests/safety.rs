//! Kills, strangers' folders, changed remotes, credentials on disk.

use git2::Repository;

use super::support::{Upstream, World, commit};
use crate::error::Diagnostic;
use crate::git::error::Error;
use crate::git::marker::Marker;
use crate::git::recovery::Work;
use crate::git::target::Target;
use crate::git::{Mode, Reference, RemoteUrl, checkout, tree};
use crate::sys::fs;

#[test]
fn what_a_killed_clone_leaves_is_swept() {
    let (world, upstream) = World::with_upstream();
    let src = world.dir.path().join("src");
    let left = src.join(".svc.tmp-Ab12Cd");
    Repository::init(&left).unwrap();
    // Of the service `svc.tmp-x`, which may be at work right now.
    let other = src.join(".svc.tmp-x.tmp-Ab12Cd");
    fs::create_dir_all(&other).unwrap();
    world.get(&upstream, Mode::Keep).unwrap();
    assert_eq!(fs::list(&src).unwrap(), [other, world.path()]);
}

#[test]
fn a_clone_of_git_that_held_nothing_yet_is_made_anew() {
    let (world, upstream) = World::with_upstream();
    let husk = Repository::init(world.path()).unwrap();
    husk.remote("origin", &upstream.url()).unwrap();
    fs::write(&world.file(".git/objects/pack/tmp_pack_x"), b"half").unwrap();
    assert!(world.get(&upstream, Mode::Keep).unwrap().cloned);
    assert_eq!(world.read("a.txt"), "a one\n");
    assert_eq!(fs::list(&world.dir.path().join("src")).unwrap(), [world.path()]);
}

#[test]
fn a_clone_the_user_made_is_as_good() {
    let (world, upstream) = World::with_upstream();
    Repository::clone(&upstream.url(), world.path()).unwrap();
    world.write("a.txt", "mine\n");
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert!(!fetched.cloned && fetched.dirty);
    upstream.commit(&[("b.txt", "b two\n")]);
    world.get(&upstream, Mode::Update).unwrap();
    assert_eq!((world.read("a.txt"), world.read("b.txt")), ("mine\n".into(), "b two\n".into()));
    assert!(fs::exists(&world.file(".git/hero.json")));
}

#[test]
fn a_damaged_marker_is_no_marker() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    for (text, mode) in [("{\"format\":", Mode::Keep), ("{\"format\":99}", Mode::Update)] {
        world.write(".git/hero.json", text);
        world.get(&upstream, mode).unwrap();
    }
    assert_eq!(world.head(), new);
    let marker = Marker::read(&world.repo()).unwrap();
    assert_eq!(marker.commit(), Some(new));
}

#[test]
fn a_checkout_git_did_not_finish_is_repaired_by_reset_only() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    for name in [".git/hero.json", ".git/index", "b.txt"] {
        fs::remove_file(&world.file(name)).unwrap();
    }
    for mode in [Mode::Keep, Mode::Update] {
        let error = world.get(&upstream, mode).unwrap_err();
        assert_eq!(
            (error.kind().word(), error.hint().unwrap().as_str()),
            ("not_a_checkout", "rerun with --reset")
        );
    }
    assert!(!world.get(&upstream, Mode::Reset).unwrap().dirty);
    assert_eq!(world.read("b.txt"), "b one\n");
}

#[test]
fn a_stranger_s_folder_is_left_alone() {
    let refused = |prepare: fn(&World, &Upstream)| {
        let (world, upstream) = World::with_upstream();
        prepare(&world, &upstream);
        let before = world.snapshot();
        for mode in [Mode::Keep, Mode::Update, Mode::Reset] {
            let error = world.get(&upstream, mode).unwrap_err();
            assert_eq!(error.kind(), "not_a_checkout", "{error}");
            assert!(error.hint().unwrap().contains("mv "), "{:?}", error.hint());
        }
        assert_eq!(world.snapshot(), before);
    };
    refused(|world, _| world.write("thesis.txt", "years of work"));
    refused(|world, _| {
        let own = Repository::init(world.path()).unwrap();
        commit(&own, &[("own.txt", "own\n")]);
    });
    refused(|world, upstream| {
        let own = Repository::init(world.path()).unwrap();
        own.remote("origin", &upstream.url()).unwrap();
        world.write("first-draft.txt", "not committed yet");
    });
    refused(|world, _| {
        fs::create_dir_all(&world.dir.path().join("src")).unwrap();
        fs::write(&world.path(), b"a file").unwrap();
    });
    refused(|world, _| drop(Repository::init_bare(world.path()).unwrap()));
}

#[test]
fn a_damaged_repository_is_told_and_left() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    fs::remove_dir_all(&world.file(".git/objects")).unwrap();
    fs::create_dir_all(&world.file(".git/objects")).unwrap();
    for mode in [Mode::Keep, Mode::Update, Mode::Reset] {
        let error = world.get(&upstream, mode).unwrap_err();
        assert_eq!(error.kind(), "corrupt", "{error}");
        assert!(error.hint().unwrap().contains("mv "), "{:?}", error.hint());
    }
    assert_eq!(world.read("a.txt"), "a one\n");
}

#[test]
fn an_empty_folder_is_filled() {
    let (world, upstream) = World::with_upstream();
    fs::create_dir_all(&world.path()).unwrap();
    assert!(world.get(&upstream, Mode::Keep).unwrap().cloned);
}

#[test]
fn a_changed_url_stops_until_it_is_taken_over() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let other = Upstream::new(&world.dir.path().join("other"));
    let new = other.commit(&[("a.txt", "other\n")]);
    for mode in [Mode::Keep, Mode::Update] {
        let error = world.get(&other, mode).unwrap_err();
        assert_eq!((error.kind().word(), error.option()), ("remote_changed", Some("repo")));
        let hint = error.hint().unwrap();
        assert!(hint.contains("--reset") && hint.contains("`name`"), "{hint}");
    }
    world.get(&other, Mode::Reset).unwrap();
    assert_eq!(world.head(), new);
    assert_eq!(world.repo().find_remote("origin").unwrap().url().unwrap(), other.url());
    assert!(!world.get(&other, Mode::Keep).unwrap().changed);
}

#[test]
fn another_protocol_is_told_from_another_repository() {
    let hint = |recorded: &str, wanted: &str| {
        let error = Error::RemoteChanged {
            service: "svc".into(),
            recorded: recorded.into(),
            wanted: wanted.into(),
        };
        error.hint().unwrap()
    };
    let https = "https://forge.example/team/app";
    for other in [
        "git@forge.example:team/app.git",
        "ssh://git@forge.example:2222/team/app/",
        "http://forge.example:3000/team/app.git",
    ] {
        for hint in [hint(https, other), hint(other, https)] {
            assert!(hint.starts_with("only the protocol differs: rerun with --reset"), "{hint}");
        }
    }
    for other in [
        "https://forge.example:8443/team/app",
        "git@other.example:team/app",
        "git@forge.example:team/other",
        "/srv/team/app",
    ] {
        assert!(!hint(https, other).contains("protocol"), "{other}");
    }
    assert!(!hint("/srv/a", "file:///srv/a").contains("protocol"));
}

#[test]
fn credentials_never_reach_the_disk() {
    let world = World::new();
    let repo = Repository::init(world.path()).unwrap();
    let url = RemoteUrl::parse("https://me:s3cret@host/a").unwrap();
    checkout::set_origin(&repo, &url, &Work::none()).unwrap();
    let commit = commit(&repo, &[("a", "a\n")]);
    let target =
        Target { commit, label: "main".into(), branch: Some("main".into()), previous: Vec::new() };
    Marker::new(&url, Reference::Default, &target).write(&repo).unwrap();
    tree::set_head(&repo, commit, Some("main")).unwrap();
    assert!(world.read(".git/config").contains("https://host/a"));
    for (path, bytes) in world.snapshot() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("s3cret"), "{}", path.display());
    }
}
