//! An index in two files, a sparse one, and submodules of a checkout that git moves.

use super::encoded::{assert_edits, encoded, git, text, write};
use super::support::{Upstream, World, commit};
use crate::error::Diagnostic;
use crate::git::{Mode, Submodules, status};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::Cmd;

#[test]
fn an_index_in_two_files_is_read() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    git(&world, "config core.splitIndex true");
    git(&world, "update-index --split-index");
    world.write("b.txt", "mine\n");
    // A look changes nothing.
    let before = world.snapshot();
    assert_eq!(status(&world.path()).unwrap().edits, ["b.txt"]);
    assert_eq!(world.snapshot(), before);
    assert!(world.get(&upstream, Mode::Keep).unwrap().dirty);
    for (text, mode) in [("a two\n", Mode::Update), ("a three\n", Mode::Reset)] {
        git(&world, "update-index --split-index");
        upstream.commit(&[("a.txt", text)]);
        world.get(&upstream, mode).unwrap();
        assert_eq!(world.read("a.txt"), text);
    }
    assert_edits(&world, &[]);
}

#[test]
fn a_sparse_checkout_is_moved_and_stays_sparse() {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[("in/x", "x\n"), ("out/y", "y\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    git(&world, "sparse-checkout set --cone --sparse-index in");
    assert!(!world.get(&upstream, Mode::Keep).unwrap().dirty);
    for (text, mode) in [("two\n", Mode::Update), ("three\n", Mode::Reset)] {
        git(&world, "sparse-checkout reapply --sparse-index");
        upstream.commit(&[("in/x", text), ("out/y", text)]);
        assert!(!world.get(&upstream, mode).unwrap().dirty);
        assert_eq!(world.read("in/x"), text);
        assert!(!fs::exists(&world.file("out")));
    }
    assert_edits(&world, &[]);
}

#[test]
fn a_reset_keeps_what_lies_outside_of_a_sparse_checkout() {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[("in/x", "x\n"), ("out/y", "y\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    git(&world, "sparse-checkout set --cone in");
    fs::create_dir_all(&world.file("out")).unwrap();
    world.write("out/y", "mine\n");
    world.write("out/new", "mine\n");
    assert_edits(&world, &["out/new", "out/y"]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert!(!fetched.dirty);
    let kept = fetched.kept.unwrap();
    for name in ["out/y", "out/new"] {
        assert_eq!(git(&world, &format!("show {kept}:{name}")), "mine\n");
    }
    assert_edits(&world, &[]);
}

#[test]
fn submodules_and_other_repositories_count_as_in_any_checkout() {
    let (mut world, upstream) = encoded();
    let inner = Upstream::new(&world.dir.path().join("inner"));
    inner.commit(&[(".gitattributes", "*.txt working-tree-encoding=UTF-16LE\n")]);
    let add = |name: &str| {
        let cmd = Cmd::new("git").cwd(&upstream.path).args(name.split(' '));
        let cmd = cmd.env("GIT_AUTHOR_NAME", "t").env("GIT_AUTHOR_EMAIL", "t@localhost");
        let cmd = cmd.env("GIT_COMMITTER_NAME", "t").env("GIT_COMMITTER_EMAIL", "t@localhost");
        let output = cmd.output(&Cancel::default()).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // What libgit2 has committed lies raw in the tree of upstream.
    add("reset --hard --quiet");
    add(&format!("-c protocol.file.allow=always submodule add --quiet {} sub", inner.url()));
    add("commit --quiet -m sub");
    world.submodules = Submodules::All;
    let fetched = world.get(&upstream, Mode::Update).unwrap();
    assert!(fetched.changed && !fetched.dirty);
    assert_eq!(text(&world, "sub/a.txt"), "a one\n");
    inner.commit(&[("a.txt", "a two\n")]);
    add("-C sub pull --quiet");
    add("commit --quiet -a -m sub");
    assert!(!world.get(&upstream, Mode::Update).unwrap().dirty);
    assert_eq!(text(&world, "sub/a.txt"), "a two\n");
    write(&world, "sub/a.txt", "mine\n");
    assert_edits(&world, &["sub"]);
    let nested = git2::Repository::init(world.file("nested")).unwrap();
    commit(&nested, &[("n", "n\n")]);
    assert_edits(&world, &["nested/", "sub"]);
    let error = world.get(&upstream, Mode::Reset).unwrap_err();
    assert_eq!(error.kind(), "nested_repository", "{error}");
    fs::remove_dir_all(&world.file("nested")).unwrap();
    assert!(!world.get(&upstream, Mode::Reset).unwrap().dirty);
    assert_eq!(text(&world, "sub/a.txt"), "a two\n");
}
