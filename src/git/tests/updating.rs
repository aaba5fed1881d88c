//! `--update`: forward, and nothing local is lost.

use super::support::{World, commit};
use crate::error::Diagnostic;
use crate::git::marker::Marker;
use crate::git::moving::Moving;
use crate::git::target::Target;
use crate::git::{Mode, Reference, RemoteUrl};
use crate::sys::fs;

#[test]
fn local_edits_elsewhere_survive() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    world.write("b.txt", "mine\n");
    world.write("untracked", "mine too\n");
    let new = upstream.commit(&[("a.txt", "a two\n"), ("c.txt", "c one\n")]);
    let fetched = world.get(&upstream, Mode::Update).unwrap();
    assert!(fetched.changed && fetched.dirty && !fetched.cloned);
    assert_eq!(world.head(), new);
    for (name, text) in [
        ("a.txt", "a two\n"),
        ("b.txt", "mine\n"),
        ("c.txt", "c one\n"),
        ("untracked", "mine too\n"),
    ] {
        assert_eq!(world.read(name), text);
    }
    assert!(!world.get(&upstream, Mode::Update).unwrap().changed);
}

#[test]
fn edits_in_the_way_are_named_and_nothing_is_touched() {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[(".gitignore", "ignored\n"), ("gone.txt", "x\n")]);
    world.get(&upstream, Mode::Keep).unwrap();
    world.write("a.txt", "mine\n");
    world.write("c.txt", "mine\n");
    world.write("ignored", "mine\n");
    world.write("gone.txt", "mine\n");
    // Deletions are edits too.
    fs::remove_file(&world.file("b.txt")).unwrap();
    upstream.commit(&[
        ("a.txt", "a two\n"),
        ("b.txt", "b two\n"),
        ("c.txt", "c one\n"),
        ("gone.txt", ""),
        ("other.txt", "other\n"),
    ]);
    upstream.commit(&[("ignored", "no more\n")]);
    let before = world.snapshot();
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "dirty");
    assert_eq!(error.details(), ["a.txt", "b.txt", "c.txt", "gone.txt", "ignored"]);
    assert!(error.hint().unwrap().contains("stash"), "{:?}", error.hint());
    assert_eq!(world.snapshot(), before);
}

#[test]
fn diverged_histories_stop_and_commits_ahead_do_not() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let mine = commit(&world.repo(), &[("mine.txt", "mine\n")]);
    assert!(!world.get(&upstream, Mode::Update).unwrap().changed);
    assert_eq!(world.head(), mine);
    upstream.commit(&[("a.txt", "a two\n")]);
    upstream.commit(&[("a.txt", "a three\n")]);
    let before = world.snapshot();
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "diverged");
    assert!(error.to_string().contains("1 local and 2 new upstream commits"), "{error}");
    assert!(error.hint().unwrap().contains("rebase origin/main"));
    assert_eq!(world.snapshot(), before);
}

#[test]
fn another_branch_stops_unless_hero_left_it_so() {
    let (world, upstream) = World::with_upstream();
    upstream.branch("dev");
    world.get(&upstream, Mode::Keep).unwrap();
    upstream.switch("dev");
    let dev = upstream.commit(&[("dev.txt", "dev\n")]);
    let wanted = Reference::Branch("dev".into());
    // The script changed, the user did nothing.
    let fetched = world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap();
    assert_eq!((world.head(), fetched.reference.as_str()), (dev, "dev"));
    // The user switched.
    let repo = world.repo();
    repo.branch("mine", &repo.find_commit(dev).unwrap(), false).unwrap();
    repo.set_head("refs/heads/mine").unwrap();
    let error = world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "other_branch");
    let text = error.to_string();
    assert_eq!(text, "the checkout of `svc` is on branch `mine`, not on `dev`");
    assert!(error.hint().unwrap().contains("checkout dev"));
}

#[test]
fn a_moved_tag_is_followed_unless_there_are_own_commits() {
    let (world, upstream) = World::with_upstream();
    let first = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", first);
    let wanted = Reference::Tag("v1".into());
    let fetched = world.fetch(&upstream.url(), &wanted, Mode::Keep).unwrap();
    assert_eq!((fetched.reference.as_str(), world.head()), ("v1", first));
    assert!(world.repo().head_detached().unwrap());
    let second = upstream.commit(&[("a.txt", "a two\n")]);
    upstream.tag("v1", second);
    let fetched = world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap();
    assert_eq!((fetched.changed, fetched.reference.as_str()), (true, "v1"));
    assert_eq!(world.read("a.txt"), "a two\n");
    // Back again: HEAD is where hero put it.
    upstream.tag("v1", first);
    world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap();
    assert_eq!(world.head(), first);
    let mine = commit(&world.repo(), &[("mine.txt", "mine\n")]);
    upstream.tag("v1", second);
    let error = world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap_err();
    assert_eq!((error.kind().word(), world.head()), ("diverged", mine));
}

#[test]
fn a_merge_in_progress_and_a_lock_stop_it() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    upstream.commit(&[("a.txt", "a two\n")]);
    fs::write(&world.file(".git/index.lock"), b"").unwrap();
    let before = world.snapshot();
    for mode in [Mode::Update, Mode::Reset] {
        let error = world.get(&upstream, mode).unwrap_err();
        assert_eq!(error.kind(), "locked");
        assert!(error.hint().unwrap().contains("index.lock"));
    }
    assert_eq!(world.snapshot(), before);
    fs::remove_file(&world.file(".git/index.lock")).unwrap();
    let head = format!("{}\n", world.head());
    fs::write(&world.file(".git/MERGE_HEAD"), head.as_bytes()).unwrap();
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "in_progress");
    assert!(error.hint().unwrap().contains("merge --abort"));
    world.get(&upstream, Mode::Reset).unwrap();
    assert!(!fs::exists(&world.file(".git/MERGE_HEAD")));
    assert_eq!(world.read("a.txt"), "a two\n");
}

#[test]
fn an_update_killed_half_way_is_finished_by_the_next() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    upstream.commit(&[("a.txt", "a two\n"), ("b.txt", "b two\n"), ("c.txt", "c one\n")]);
    // What a kill leaves: some files new, HEAD and index old.
    world.write("a.txt", "a two\n");
    world.write("c.txt", "c one\n");
    let fetched = world.get(&upstream, Mode::Update).unwrap();
    assert!(!fetched.dirty);
    assert_eq!(world.read("b.txt"), "b two\n");
}

#[test]
fn a_move_killed_half_way_is_ended_even_without_the_remote() {
    for mode in [Mode::Update, Mode::Reset] {
        let (world, upstream) = World::with_upstream();
        world.get(&upstream, Mode::Keep).unwrap();
        world.write("mine.txt", "mine\n");
        let (old, marker) = (world.head().to_string(), world.read(".git/hero.json"));
        let new = upstream.commit(&[("a.txt", "a two\n"), ("c.txt", "c one\n")]);
        // What a kill leaves: the commits are here, the record is written, some
        // files are new.
        let repo = world.repo();
        let mut remote = repo.remote_anonymous(&upstream.url()).unwrap();
        remote.fetch(&["+refs/heads/main:refs/remotes/origin/main"], None, None).unwrap();
        let marker = marker.replace(&old, &new.to_string());
        let reset = mode == Mode::Reset;
        let record = format!("{{\"reset\":{reset},\"label\":\"main\",\"marker\":{marker}}}");
        world.write(".git/hero-moving.json", &record);
        world.write("a.txt", "a two\n");
        fs::remove_dir_all(&upstream.path).unwrap();
        let fetched = world.get(&upstream, Mode::Keep).unwrap();
        assert!(fetched.changed);
        assert_eq!((world.head(), world.read("c.txt")), (new, "c one\n".into()));
        let warnings = world.warnings();
        assert!(warnings.iter().any(|(it, _)| it.contains("is finished now")), "{warnings:?}");
        assert_eq!(fs::exists(&world.file("mine.txt")), !reset);
        assert!(!fs::exists(&world.file(".git/hero-moving.json")));
        assert!(world.read(".git/hero.json").contains(&new.to_string()));
        assert!(!world.get(&upstream, Mode::Keep).unwrap().changed);
    }
}

#[test]
fn a_move_killed_half_way_that_the_script_no_longer_asks_for_is_taken_back() {
    let (world, upstream) = World::with_upstream();
    let old = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", old);
    let (one, two) = (Reference::Tag("v1".into()), Reference::Tag("v2".into()));
    world.fetch(&upstream.url(), &one, Mode::Keep).unwrap();
    let marker = world.read(".git/hero.json");
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    upstream.tag("v2", new);
    world.fetch(&upstream.url(), &two, Mode::Update).unwrap();
    // What a kill leaves before the marker is written.
    let later = world.read(".git/hero.json");
    let record = format!("{{\"reset\":false,\"label\":\"v2\",\"marker\":{later}}}");
    world.write(".git/hero-moving.json", &record);
    world.write(".git/hero.json", &marker);
    world.fetch(&upstream.url(), &one, Mode::Keep).unwrap();
    assert_eq!((world.head(), world.read("a.txt")), (old, "a one\n".into()));
    assert!(!fs::exists(&world.file(".git/hero-moving.json")));
    assert!(world.warnings().iter().all(|(text, _)| !text.contains("finished")));
}

#[test]
fn a_move_that_failed_half_way_is_ended_by_the_next_run() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    let lock = ".git/refs/heads/main.lock";
    world.write(lock, "");
    let before = world.snapshot();
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "locked", "{error}");
    assert!(error.to_string().contains("main.lock"), "{error}");
    assert_eq!(world.snapshot(), before);
    fs::remove_file(&world.file(lock)).unwrap();
    // The files are written before the branch moves, which this prevents: a folder
    // is no lock that anything waits for.
    fs::create_dir_all(&world.file(lock)).unwrap();
    world.get(&upstream, Mode::Update).unwrap_err();
    assert_eq!(world.read("a.txt"), "a two\n");
    assert_ne!(world.head(), new);
    fs::remove_dir_all(&world.file(lock)).unwrap();
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert!(fetched.changed && !fetched.dirty);
    assert_eq!(world.head(), new);
}

#[test]
fn a_half_written_file_of_an_interrupted_move_is_no_edit() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    let moved = |world: &World| {
        let url = RemoteUrl::parse(&upstream.url()).unwrap();
        let head = upstream.repo.head().unwrap().target().unwrap();
        let target = Target {
            commit: head,
            label: "main".into(),
            branch: Some("main".into()),
            previous: Vec::new(),
        };
        let marker = Marker::new(&url, Reference::Default, &target);
        let moving = Moving::new(Mode::Update, &target, marker);
        fs::write(&world.file(".git/hero-moving.json"), &serde_json::to_vec(&moving).unwrap())
            .unwrap();
    };
    upstream.commit(&[("a.txt", "a two and more\n"), ("new.txt", "new\n"), ("b.txt", "")]);
    world.fetch(&upstream.url(), &Reference::Default, Mode::Update).unwrap();
    let third = upstream.commit(&[("a.txt", "a three and more\n"), ("c.txt", "c three\n")]);
    // The commit is here, the tree was not moved.
    let repo = world.repo();
    let mut origin = repo.find_remote("origin").unwrap();
    origin.fetch(&["main"], None, None).unwrap();
    // As a kill leaves it: one half, one whole, one gone; and an edit of the user's.
    world.write("a.txt", "a thr");
    world.write("c.txt", "c three\n");
    world.write("mine.txt", "mine\n");
    moved(&world);
    // Upstream went on meanwhile.
    let fourth = upstream.commit(&[("a.txt", "a four\n"), ("c.txt", "c four\n")]);
    world.get(&upstream, Mode::Update).unwrap();
    assert_eq!((world.head(), world.read("a.txt")), (fourth, "a four\n".into()));
    assert_eq!((world.read("c.txt"), world.read("mine.txt")), ("c four\n".into(), "mine\n".into()));
    assert_ne!(third, fourth);
    // Without a record of a move the same is an edit.
    upstream.commit(&[("a.txt", "a five\n")]);
    world.write("a.txt", "a f");
    assert_eq!(world.get(&upstream, Mode::Update).unwrap_err().kind(), "dirty");
    assert_eq!(world.read("a.txt"), "a f");
}

#[test]
fn an_untracked_file_in_the_way_is_not_replaced() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    world.write("c.txt", "mine\n");
    world.write("d.txt", "same\n");
    upstream.commit(&[("c.txt", "c one\n"), ("d.txt", "same\n")]);
    let error = world.get(&upstream, Mode::Update).unwrap_err();
    assert!(error.details().contains(&"c.txt".to_owned()), "{:?}", error.details());
    assert_eq!((world.read("c.txt"), world.read("d.txt")), ("mine\n".into(), "same\n".into()));
}

#[test]
fn a_refused_update_is_not_taken_up_again() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    world.write("a.txt", "mine\n");
    upstream.commit(&[("a.txt", "a two\n")]);
    world.get(&upstream, Mode::Update).unwrap_err();
    assert!(!world.get(&upstream, Mode::Keep).unwrap().changed);
    assert_eq!(world.read("a.txt"), "mine\n");
}

#[test]
fn branches_whose_names_exclude_each_other_make_room() {
    let (world, upstream) = World::with_upstream();
    upstream.branch("rel");
    let branch = |name: &str| Reference::Branch(name.into());
    let get = |name: &str, mode| world.fetch(&upstream.url(), &branch(name), mode);
    get("rel", Mode::Keep).unwrap();
    // Upstream: a branch becomes a folder of branches.
    upstream.repo.find_branch("rel", git2::BranchType::Local).unwrap().delete().unwrap();
    upstream.branch("rel/1.x");
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    upstream.branch("rel/1.x");
    let fetched = get("rel/1.x", Mode::Update).unwrap();
    assert_eq!((world.head(), fetched.reference.as_str()), (new, "rel/1.x"));
    assert!(!fetched.dirty);
    let warnings = world.warnings();
    assert!(warnings[0].0.contains("moved the local branch `rel`"), "{warnings:?}");
    // The user's own branch with a commit of its own is refused, and kept by a reset.
    get("main", Mode::Update).unwrap();
    let repo = world.repo();
    repo.find_branch("rel/1.x", git2::BranchType::Local).unwrap().delete().unwrap();
    let mine = crate::git::tests::support::commit(&repo, &[("b.txt", "mine\n")]);
    repo.branch("rel", &repo.find_commit(mine).unwrap(), false).unwrap();
    let head = repo.find_commit(new).unwrap();
    repo.reset(head.as_object(), git2::ResetType::Hard, None).unwrap();
    let before = world.snapshot();
    let error = get("rel/1.x", Mode::Update).unwrap_err();
    assert_eq!(error.kind(), "branch_in_the_way", "{error}");
    assert!(error.hint().unwrap().contains("branch -m rel rel-old"));
    assert_eq!(world.snapshot(), before);
    get("rel/1.x", Mode::Reset).unwrap();
    let mut kept = repo.references_glob("refs/hero/kept/*-rel*").unwrap().flatten();
    assert!(kept.any(|it| it.target() == Some(mine)));
}

#[test]
fn a_tag_that_was_moved_upstream_is_followed_and_said() {
    let (world, upstream) = World::with_upstream();
    let one = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", one);
    let get = |mode| world.fetch(&upstream.url(), &Reference::Tag("v1".into()), mode);
    get(Mode::Keep).unwrap();
    let two = upstream.commit(&[("a.txt", "a two\n")]);
    upstream.tag("v1", two);
    get(Mode::Keep).unwrap();
    assert_eq!(world.head(), one);
    get(Mode::Update).unwrap();
    assert_eq!(world.head(), two);
    let warnings = world.warnings();
    assert!(warnings[0].0.contains("the tag `v1` of `svc` was moved upstream"), "{warnings:?}");
    assert!(warnings[0].1.contains(&one.to_string()));
}

#[test]
fn a_pull_request_is_fetched_by_its_full_name() {
    let (world, upstream) = World::with_upstream();
    let main = upstream.repo.head().unwrap().target().unwrap();
    let proposed = upstream.commit(&[("a.txt", "a two\n")]);
    upstream.repo.reference("refs/pull/7/head", proposed, true, "").unwrap();
    let commit = upstream.repo.find_commit(main).unwrap();
    upstream.repo.reset(commit.as_object(), git2::ResetType::Hard, None).unwrap();
    let get =
        |mode| world.fetch(&upstream.url(), &Reference::full("refs/pull/7/head").unwrap(), mode);
    let fetched = get(Mode::Keep).unwrap();
    assert_eq!((world.head(), fetched.reference.as_str()), (proposed, "pull/7/head"));
    let newer = crate::git::tests::support::commit(&upstream.repo, &[("b.txt", "b two\n")]);
    upstream.repo.reference("refs/pull/7/head", newer, true, "").unwrap();
    get(Mode::Update).unwrap();
    assert_eq!(world.head(), newer);
    let error = world
        .fetch(&upstream.url(), &Reference::full("refs/pull/8/head").unwrap(), Mode::Update)
        .unwrap_err();
    assert_eq!((error.kind().word(), error.option()), ("ref_not_found", Some("ref")));
}

#[test]
fn a_ref_that_was_fetched_before_needs_no_remote() {
    let (world, upstream) = World::with_upstream();
    let main = upstream.repo.head().unwrap().target().unwrap();
    let proposed = ["7", "8"].map(|number| {
        let commit = upstream.commit(&[("a.txt", &format!("a {number}\n"))]);
        let name = format!("refs/pull/{number}/head");
        upstream.repo.reference(&name, commit, true, "").unwrap();
        commit
    });
    let commit = upstream.repo.find_commit(main).unwrap();
    upstream.repo.reset(commit.as_object(), git2::ResetType::Hard, None).unwrap();
    let get = |number: &str, mode| {
        let reference = Reference::full(&format!("refs/pull/{number}/head")).unwrap();
        world.fetch(&upstream.url(), &reference, mode)
    };
    get("7", Mode::Keep).unwrap();
    get("8", Mode::Update).unwrap();
    world.get(&upstream, Mode::Update).unwrap();
    assert_eq!(world.head(), main);
    fs::rename(&upstream.path, &world.dir.path().join("gone")).unwrap();
    for (number, commit) in ["7", "8"].iter().zip(proposed) {
        get(number, Mode::Keep).unwrap();
        assert_eq!(world.head(), commit);
    }
    let error = get("9", Mode::Keep).unwrap_err();
    assert_eq!((error.kind().word(), error.option()), ("not_here", Some("ref")));
}

#[test]
fn a_repository_with_longer_hashes_is_cloned_and_followed() {
    let world = World::new();
    let path = world.dir.path().join("upstream");
    let mut options = git2::RepositoryInitOptions::new();
    options.external_template(false).initial_head("main");
    options.object_format(git2::ObjectFormat::Sha256);
    let repo = git2::Repository::init_opts(&path, &options).unwrap();
    let add = |text: &str| crate::git::tests::support::commit(&repo, &[("a.txt", text)]);
    let one = add("a one\n");
    let url = path.display().to_string();
    let fetched = world.fetch(&url, &Reference::Default, Mode::Keep).unwrap();
    assert_eq!((fetched.commit.len(), fetched.commit), (64, one.to_string()));
    let two = add("a two\n");
    world.fetch(&url, &Reference::Default, Mode::Update).unwrap();
    assert_eq!((world.head(), world.read("a.txt")), (two, "a two\n".into()));
    world.fetch(&url, &Reference::Commit(one.to_string()), Mode::Reset).unwrap();
    assert_eq!(world.head(), one);
}
