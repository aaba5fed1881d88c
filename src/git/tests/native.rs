//! Checkouts that git's own program moves: files in another encoding. The user's filter
//! drivers are in tests/it/filters.rs.

use super::encoded::{assert_edits, encoded, git, text, write};
use super::support::World;
use crate::error::Diagnostic;
use crate::git::marker::Marker;
use crate::git::moving::Moving;
use crate::git::target::Target;
use crate::git::{Mode, Reference, RemoteUrl};
use crate::sys::fs;

#[test]
fn an_update_writes_what_git_would() {
    let (world, upstream) = encoded();
    assert_edits(&world, &[]);
    write(&world, "b.txt", "mine\n");
    world.write("new", "mine too\n");
    assert_edits(&world, &["b.txt", "new"]);
    let new = upstream.commit(&[("a.txt", "a two\n"), ("d.txt", "d one\n"), ("plain", "")]);
    let fetched = world.get(&upstream, Mode::Update).unwrap();
    assert!(fetched.changed && fetched.dirty);
    assert_eq!(world.head(), new);
    assert_eq!(
        (text(&world, "a.txt"), text(&world, "d.txt")),
        ("a two\n".into(), "d one\n".into())
    );
    assert_eq!((text(&world, "b.txt"), world.read("new")), ("mine\n".into(), "mine too\n".into()));
    assert!(!fs::exists(&world.file("plain")));
    assert_edits(&world, &["b.txt", "new"]);
    assert!(!world.get(&upstream, Mode::Update).unwrap().changed);
}

#[test]
fn attributes_that_come_with_the_update_count() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let attributes = "*.txt working-tree-encoding=UTF-16LE\n";
    upstream.commit(&[(".gitattributes", attributes), ("a.txt", "a two\n")]);
    world.get(&upstream, Mode::Update).unwrap();
    assert_eq!(text(&world, "a.txt"), "a two\n");
}

#[test]
fn what_is_in_the_way_is_named_and_nothing_is_touched() {
    let (world, upstream) = encoded();
    write(&world, "a.txt", "mine\n");
    fs::remove_file(&world.file("b.txt")).unwrap();
    write(&world, "c.txt", "mine\n");
    write(&world, "ignored.txt", "mine\n");
    write(&world, "folder", "mine\n");
    write(&world, "file.txt/mine", "mine\n");
    // The very content that comes.
    write(&world, "same.txt", "same\n");
    upstream.commit(&[
        ("a.txt", "a two\n"),
        ("b.txt", "b two\n"),
        ("c.txt", "c one\n"),
        ("ignored.txt", "theirs\n"),
        ("folder/x.txt", "x\n"),
        ("file.txt", "x\n"),
        ("same.txt", "same\n"),
    ]);
    let before = world.snapshot();
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "dirty", "{error}");
    let named = ["a.txt", "b.txt", "c.txt", "file.txt/mine", "folder", "ignored.txt"];
    assert_eq!(error.details(), named);
    assert_eq!(world.snapshot(), before);
    // With the same content only, it goes on.
    git(&world, "checkout -- a.txt b.txt");
    for name in ["c.txt", "ignored.txt", "folder", "file.txt/mine"] {
        fs::remove_file(&world.file(name)).unwrap();
    }
    write(&world, "a.txt", "a two\n");
    assert!(!world.get(&upstream, Mode::Update).unwrap().dirty);
    assert_eq!(text(&world, "folder/x.txt"), "x\n");
    assert_edits(&world, &[]);
}

#[test]
fn a_reset_keeps_what_was_local_and_ignored_files_stay() {
    let (world, upstream) = encoded();
    write(&world, "a.txt", "mine\n");
    write(&world, "new/new.txt", "mine\n");
    write(&world, "ignored.txt", "mine\n");
    git(&world, "rm --quiet plain");
    upstream.commit(&[("b.txt", "b two\n"), ("a.txt", "a two\n")]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert!(!fetched.dirty && !fs::exists(&world.file("new")));
    assert_eq!(
        (text(&world, "a.txt"), text(&world, "b.txt")),
        ("a two\n".into(), "b two\n".into())
    );
    assert_eq!(
        (text(&world, "ignored.txt"), world.read("plain")),
        ("mine\n".into(), "plain one\n".into())
    );
    assert_edits(&world, &[]);
    let kept = fetched.kept.unwrap();
    assert_eq!(git(&world, &format!("show {kept}:a.txt")), "mine\n");
    assert_eq!(
        git(&world, &format!("diff --name-only {kept}^ {kept}")),
        "a.txt\nnew/new.txt\nplain\n"
    );
}

#[test]
fn another_branch_and_a_commit_are_checked_out() {
    let (world, upstream) = encoded();
    upstream.branch("other");
    upstream.switch("other");
    upstream.commit(&[("a.txt", "a other\n")]);
    let id = upstream.commit(&[("b.txt", "b other\n")]);
    let get = |reference, mode| world.fetch(&upstream.url(), &reference, mode).unwrap();
    get(Reference::Branch("other".into()), Mode::Update);
    assert_eq!(text(&world, "a.txt"), "a other\n");
    get(Reference::Branch("main".into()), Mode::Update);
    assert_eq!(text(&world, "a.txt"), "a one\n");
    assert!(!get(Reference::Commit(id.to_string()), Mode::Keep).dirty);
    assert_eq!((world.head(), text(&world, "b.txt")), (id, "b other\n".into()));
    // A clone that hero checks out itself.
    fs::remove_dir_all(&world.path()).unwrap();
    assert!(get(Reference::Commit(id.to_string()), Mode::Keep).cloned);
    assert_eq!(text(&world, "a.txt"), "a other\n");
    assert_edits(&world, &[]);
}

#[test]
fn a_move_killed_half_way_is_taken_back_or_ended() {
    for index_too in [false, true] {
        let (world, upstream) = encoded();
        let new =
            upstream.commit(&[("a.txt", "a two and more\n"), ("c.txt", "c\n"), ("b.txt", "")]);
        git(&world, "fetch --quiet origin main");
        let url = RemoteUrl::parse(&upstream.url()).unwrap();
        let (label, branch) = ("main".to_owned(), Some("main".to_owned()));
        let target = Target { commit: new, label, branch, previous: Vec::new() };
        let marker = Marker::new(&url, Reference::Default, &target);
        let moving = serde_json::to_vec(&Moving::new(Mode::Update, &target, marker)).unwrap();
        if index_too {
            git(&world, &format!("read-tree -m -u HEAD {new}"));
        } else {
            write(&world, "a.txt", "a two an");
            write(&world, "c.txt", "c\n");
        }
        fs::write(&world.file(".git/hero-moving.json"), &moving).unwrap();
        write(&world, "mine.txt", "mine\n");
        // Upstream went on meanwhile.
        let newer = upstream.commit(&[("a.txt", "a three\n"), ("c.txt", "c three\n")]);
        world.get(&upstream, Mode::Update).unwrap();
        assert_eq!((world.head(), text(&world, "a.txt")), (newer, "a three\n".into()));
        assert_eq!(text(&world, "c.txt"), "c three\n");
        assert_edits(&world, &["mine.txt"]);
    }
}

#[test]
fn edits_that_git_was_told_not_to_look_at_are_not_lost() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let (world, upstream) = encoded();
        git(&world, &format!("update-index {flag} b.txt"));
        assert_eq!(world.get(&upstream, Mode::Reset).unwrap().kept, None);
        write(&world, "b.txt", "my settings\n");
        upstream.commit(&[("b.txt", "b two\n")]);
        let error = world.get(&upstream, Mode::Update).unwrap_err();
        assert_eq!((error.kind().word(), error.details()), ("dirty", vec!["b.txt".to_owned()]));
        assert_eq!(text(&world, "b.txt"), "my settings\n");
        let fetched = world.get(&upstream, Mode::Reset).unwrap();
        assert_eq!(text(&world, "b.txt"), "b two\n");
        let kept = fetched.kept.unwrap();
        assert_eq!(git(&world, &format!("show {kept}:b.txt")), "my settings\n");
    }
}
