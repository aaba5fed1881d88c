//! `--reset`: exactly upstream, and what that discards is kept.

use std::path::Path;

use git2::{BranchType, Commit, Repository};

use super::support::{World, commit};
use crate::error::Diagnostic;
use crate::git::{Mode, Reference, status};
use crate::sys::fs;

/// The text of a file in a kept commit.
fn kept_text(repo: &Repository, kept: &str, path: &str) -> Option<String> {
    let tree = kept_commit(repo, kept).tree().unwrap();
    let blob = tree.get_path(Path::new(path)).ok()?.to_object(repo).unwrap();
    Some(String::from_utf8(blob.peel_to_blob().unwrap().content().to_vec()).unwrap())
}

fn kept_commit<'a>(repo: &'a Repository, kept: &str) -> Commit<'a> {
    assert!(kept.starts_with("refs/hero/kept/"), "{kept}");
    repo.find_reference(kept).unwrap().peel_to_commit().unwrap()
}

#[test]
fn everything_local_is_kept_under_the_ref_it_names() {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[(".gitignore", "ignored/\n"), ("gone.txt", "gone\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    let mine = commit(&world.repo(), &[("mine.txt", "mine\n")]);
    world.write("a.txt", "edited\n");
    world.write("staged.txt", "staged\n");
    world.repo().index().unwrap().add_path(Path::new("staged.txt")).unwrap();
    world.write("dir/untracked", "untracked\n");
    world.write("ignored/cache", "cache\n");
    fs::remove_file(&world.file("gone.txt")).unwrap();
    let new = upstream.commit(&[("b.txt", "b two\n")]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert!(fetched.changed && !fetched.dirty);
    assert_eq!(world.head(), new);
    assert_eq!(status(&world.path()).unwrap().edits, Vec::<String>::new());
    assert_eq!((world.read("a.txt"), world.read("b.txt")), ("a one\n".into(), "b two\n".into()));
    assert_eq!(world.read("gone.txt"), "gone\n");
    assert_eq!(world.read("ignored/cache"), "cache\n");
    for gone in ["mine.txt", "staged.txt", "dir"] {
        assert!(!fs::exists(&world.file(gone)), "{gone}");
    }
    let (repo, kept) = (world.repo(), fetched.kept.unwrap());
    for (path, text) in [
        ("mine.txt", Some("mine\n")),
        ("a.txt", Some("edited\n")),
        ("staged.txt", Some("staged\n")),
        ("dir/untracked", Some("untracked\n")),
        ("ignored/cache", None),
        ("gone.txt", None),
    ] {
        assert_eq!(kept_text(&repo, &kept, path).as_deref(), text, "{path}");
    }
    assert_eq!(kept_commit(&repo, &kept).parent_id(0).unwrap(), mine);
    let warnings = world.warnings();
    assert!(warnings[0].0.ends_with(&format!("as {kept}")), "{warnings:?}");
    assert!(warnings[0].1.ends_with(&format!("diff HEAD {kept}")), "{warnings:?}");
    let again = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!((again.changed, again.kept), (false, None));
}

#[test]
fn two_resets_in_one_second_keep_both() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let keep = |text: &str| {
        world.write("a.txt", text);
        world.get(&upstream, Mode::Reset).unwrap().kept.unwrap()
    };
    let (one, two) = (keep("one\n"), keep("two\n"));
    assert_eq!(kept_text(&world.repo(), &one, "a.txt").unwrap(), "one\n");
    assert_eq!(kept_text(&world.repo(), &two, "a.txt").unwrap(), "two\n");
}

#[test]
fn an_ignored_file_in_the_way_is_kept() {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[(".gitignore", ".env\nlocal\nfolder\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    world.write(".env", "secret=1\n");
    world.write("local", "a file\n");
    world.write("folder/file", "in a folder\n");
    upstream.commit(&[(".gitignore", "x\n"), (".env", "secret=\n"), ("local/file", "upstream\n")]);
    upstream.commit(&[("folder", "upstream\n")]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!(
        (world.read(".env"), world.read("local/file")),
        ("secret=\n".into(), "upstream\n".into())
    );
    let (repo, kept) = (world.repo(), fetched.kept.unwrap());
    assert_eq!(kept_text(&repo, &kept, ".env").unwrap(), "secret=1\n");
    assert_eq!(kept_text(&repo, &kept, "local").unwrap(), "a file\n");
    assert_eq!(kept_text(&repo, &kept, "folder/file").unwrap(), "in a folder\n");
}

#[test]
fn unchanged_files_keep_their_times() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let written = |name: &str| fs::metadata(&world.file(name)).unwrap().modified().unwrap();
    let before = written("b.txt");
    world.write("a.txt", "edited\n");
    upstream.commit(&[("c.txt", "c\n")]);
    world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!(written("b.txt"), before);
    assert_eq!(world.read("a.txt"), "a one\n");
}

#[test]
fn commits_of_a_branch_that_stays_are_not_kept_twice() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let repo = world.repo();
    let first = repo.find_commit(world.head()).unwrap();
    repo.branch("mine", &first, false).unwrap();
    repo.set_head("refs/heads/mine").unwrap();
    let mine = commit(&repo, &[("mine.txt", "mine\n")]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!((fetched.kept, fetched.reference.as_str()), (None, "main"));
    let branch = world.repo().find_branch("mine", BranchType::Local).unwrap().get().target();
    assert_eq!(branch, Some(mine));
    assert!(!fs::exists(&world.file("mine.txt")));
}

#[test]
fn commits_of_the_branch_that_moves_are_kept_wherever_head_is() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let first = world.head();
    let mine = commit(&world.repo(), &[("mine.txt", "mine\n")]);
    let repo = world.repo();
    let mut options = git2::build::CheckoutBuilder::new();
    options.force();
    repo.checkout_tree(&repo.find_object(first, None).unwrap(), Some(&mut options)).unwrap();
    repo.set_head_detached(first).unwrap();
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    let repo = world.repo();
    let kept = kept_commit(&repo, &fetched.kept.unwrap()).parent_ids().collect::<Vec<_>>();
    assert_eq!(kept, [first, mine]);
    assert_eq!(world.head(), first);
}

#[test]
fn a_rewritten_upstream_is_followed_where_nothing_is_the_users() {
    for mode in [Mode::Update, Mode::Reset] {
        let (world, upstream) = World::with_upstream();
        let old = upstream.commit(&[("a.txt", "a two\n")]);
        world.get(&upstream, Mode::Keep).unwrap();
        let first = upstream.repo.find_commit(old).unwrap().parent(0).unwrap();
        upstream.repo.reset(first.as_object(), git2::ResetType::Hard, None).unwrap();
        // First it only goes back, then it goes another way.
        world.get(&upstream, mode).unwrap();
        assert_eq!((world.head(), world.read("a.txt")), (first.id(), "a one\n".into()));
        let new = upstream.commit(&[("a.txt", "a other\n")]);
        let fetched = world.get(&upstream, mode).unwrap();
        assert_eq!((world.head(), fetched.kept), (new, None));
        let said = world.warnings().iter().any(|(text, _)| text.contains("was rewritten upstream"));
        assert_eq!(said, mode == Mode::Update);
    }
}

#[test]
fn a_rewritten_upstream_is_refused_over_local_commits_and_a_reset_keeps_them() {
    let (world, upstream) = World::with_upstream();
    let old = upstream.commit(&[("a.txt", "a two\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    let mine = commit(&world.repo(), &[("b.txt", "mine\n")]);
    let first = upstream.repo.find_commit(old).unwrap().parent(0).unwrap();
    upstream.repo.reset(first.as_object(), git2::ResetType::Hard, None).unwrap();
    let new = upstream.commit(&[("a.txt", "a other\n")]);
    assert_eq!(world.get(&upstream, Mode::Update).unwrap_err().kind(), "diverged");
    assert_eq!(world.head(), mine);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!(world.head(), new);
    assert_eq!(kept_commit(&world.repo(), &fetched.kept.unwrap()).parent_id(0).unwrap(), mine);
}

#[test]
fn edits_that_git_was_told_not_to_look_at_are_kept() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let mut index = world.repo().index().unwrap();
    let mut entry = index.get_path(std::path::Path::new("b.txt"), 0).unwrap();
    entry.flags_extended |= 1 << 14;
    index.add(&entry).unwrap();
    index.write().unwrap();
    world.write("b.txt", "my settings\n");
    upstream.commit(&[("b.txt", "b two\n")]);
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!(world.read("b.txt"), "b two\n");
    let text = kept_text(&world.repo(), &fetched.kept.unwrap(), "b.txt").unwrap();
    assert_eq!(text, "my settings\n");
}

#[test]
fn a_conflicted_merge_is_kept_and_ended() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let first = world.head();
    commit(&world.repo(), &[("a.txt", "mine\n")]);
    let theirs = upstream.commit(&[("a.txt", "theirs\n")]);
    world.get(&upstream, Mode::Update).unwrap_err();
    let repo = world.repo();
    let other = repo.find_annotated_commit(theirs).unwrap();
    repo.merge(&[&other], None, None).unwrap();
    assert!(repo.index().unwrap().has_conflicts());
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert!(!fetched.dirty);
    assert_eq!((world.head(), world.read("a.txt")), (theirs, "theirs\n".into()));
    assert!(!world.repo().index().unwrap().has_conflicts());
    let text = kept_text(&world.repo(), &fetched.kept.unwrap(), "a.txt").unwrap();
    assert!(text.contains("mine") && text.contains("theirs"), "{text}");
    assert_ne!(first, theirs);
}

#[test]
fn other_repositories_in_the_tree_stop_it() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let nested = Repository::init(world.file("deep/nested")).unwrap();
    commit(&nested, &[("precious", "precious\n")]);
    let before = world.snapshot();
    let error = world.get(&upstream, Mode::Reset).unwrap_err();
    assert_eq!(
        (error.kind().word(), error.details()),
        ("nested_repository", vec!["deep/nested/".into()])
    );
    assert_eq!(world.snapshot(), before);
}

#[test]
fn reset_goes_to_a_tag_and_back_to_a_branch() {
    let (world, upstream) = World::with_upstream();
    let first = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", first);
    let second = upstream.commit(&[("a.txt", "a two\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    let tag = Reference::Tag("v1".into());
    let fetched = world.fetch(&upstream.url(), &tag, Mode::Reset).unwrap();
    assert_eq!((world.head(), fetched.kept, fetched.reference.as_str()), (first, None, "v1"));
    let fetched = world.get(&upstream, Mode::Reset).unwrap();
    assert_eq!((world.head(), fetched.kept, fetched.reference.as_str()), (second, None, "main"));
}
