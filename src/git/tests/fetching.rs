//! Cloning, keeping, and what is asked for.

use super::support::{Upstream, World};
use crate::error::Diagnostic;
use crate::event::Event;
use crate::git::{Mode, Reference, status};
use crate::sys::fs;

#[test]
fn a_clone_is_one_branch_with_its_upstream_and_a_marker() {
    let (world, upstream) = World::with_upstream();
    upstream.branch("other");
    let first = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", first);
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert!(fetched.cloned && fetched.changed && !fetched.dirty);
    assert_eq!((fetched.commit, fetched.reference.as_str()), (first.to_string(), "main"));
    assert_eq!(world.read("a.txt"), "a one\n");
    let repo = world.repo();
    let branch = repo.find_branch("main", git2::BranchType::Local).unwrap();
    assert_eq!(branch.upstream().unwrap().name().unwrap(), Some("origin/main"));
    let mut names: Vec<String> =
        repo.references().unwrap().names().map(|name| name.unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let marker: serde_json::Value =
        serde_json::from_slice(&fs::read(&world.file(".git/hero.json")).unwrap()).unwrap();
    assert_eq!(marker["format"], 1);
    assert_eq!(marker["url"], upstream.url());
    assert_eq!(marker["commit"], first.to_string());
    assert_eq!(fs::list(&world.dir.path().join("src")).unwrap(), [world.path()]);
    let events = world.recorder.events();
    assert!(matches!(events.first(), Some(Event::FetchStarted { .. })), "{events:?}");
    assert!(matches!(events.last(), Some(Event::Fetched { changed: true, .. })), "{events:?}");
}

#[test]
fn a_checkout_is_used_as_it_is_without_its_remote() {
    let (world, upstream) = World::with_upstream();
    world.get(&upstream, Mode::Keep).unwrap();
    world.write("a.txt", "mine\n");
    fs::remove_dir_all(&upstream.path).unwrap();
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert!(!fetched.changed && !fetched.cloned && fetched.dirty);
    assert_eq!(world.read("a.txt"), "mine\n");
    assert_eq!(world.asked(), 1);
    assert!(world.warnings().is_empty());
}

#[test]
fn a_changed_pin_is_honoured_from_what_was_fetched() {
    let (world, upstream) = World::with_upstream();
    let one = upstream.repo.head().unwrap().target().unwrap();
    upstream.tag("v1", one);
    upstream.commit(&[("a.txt", "a two\n")]);
    upstream.tag("v2", upstream.repo.head().unwrap().target().unwrap());
    let tag = |name: &str| Reference::Tag(name.into());
    let get = |wanted: &Reference| world.fetch(&upstream.url(), wanted, Mode::Keep);
    get(&tag("v1")).unwrap();
    world.fetch(&upstream.url(), &tag("v2"), Mode::Update).unwrap();
    world.write("b.txt", "mine\n");
    fs::remove_dir_all(&upstream.path).unwrap();
    let fetched = get(&tag("v1")).unwrap();
    assert!(fetched.changed && fetched.dirty && fetched.reference == "v1");
    assert_eq!((world.head(), world.read("a.txt")), (one, "a one\n".into()));
    assert_eq!(world.read("b.txt"), "mine\n");
    assert!(!get(&tag("v1")).unwrap().changed);
    get(&Reference::Commit(fetched.commit[..8].to_owned())).unwrap();
    let error = get(&tag("v9")).unwrap_err();
    assert_eq!((error.kind().word(), error.option()), ("not_here", Some("tag")), "{error}");
    assert_eq!(error.hint().unwrap(), "rerun with --update");
    assert_eq!(get(&Reference::Default).unwrap_err().kind(), "not_here");
    assert_eq!(world.head(), one);
}

#[test]
fn a_missing_branch_names_those_like_it() {
    let (world, upstream) = World::with_upstream();
    upstream.branch("develop");
    upstream.tag("v1.0", upstream.repo.head().unwrap().target().unwrap());
    let ask =
        |reference: Reference| world.fetch(&upstream.url(), &reference, Mode::Keep).unwrap_err();
    let error = ask(Reference::Branch("devlop".into()));
    assert_eq!(error.to_string(), "cannot check out `devlop` of `svc`: no such branch");
    assert_eq!((error.kind().word(), error.option()), ("ref_not_found", Some("branch")));
    assert_eq!(error.hint().unwrap(), "did you mean `develop`?");
    assert_eq!(error.details(), ["remote has: develop, main"]);
    let error = ask(Reference::Branch("v1.0".into()));
    assert_eq!(error.hint().unwrap(), "it is a tag: tag: \"v1.0\"");
    let error = ask(Reference::Tag("v1.1".into()));
    assert_eq!(error.details(), ["remote has: v1.0"]);
    let error = ask(Reference::Commit("1234567".into()));
    assert_eq!((error.kind().word(), error.option()), ("ref_not_found", Some("commit")));
    assert!(!fs::exists(&world.path()));
    assert!(fs::list(&world.dir.path().join("src")).unwrap().is_empty());
}

#[test]
fn commits_are_found_whether_or_not_a_branch_shows_them() {
    let (_home, upstream) = World::with_upstream();
    let old = upstream.repo.head().unwrap().target().unwrap();
    let new = upstream.commit(&[("a.txt", "a two\n")]);
    for (commit, digits) in [(new, 40), (new, 7), (old, 40), (old, 10)] {
        let world = World::new();
        let wanted = Reference::commit(&commit.to_string()[..digits]).unwrap();
        let fetched = world.fetch(&upstream.url(), &wanted, Mode::Keep).unwrap();
        assert_eq!(fetched.commit, commit.to_string());
        assert_eq!(fetched.reference, commit.to_string()[..7]);
        assert!(world.repo().head_detached().unwrap());
        // It is here: no need to ask again.
        world.fetch(&upstream.url(), &wanted, Mode::Update).unwrap();
        assert_eq!(world.asked(), 1);
    }
}

#[test]
fn an_empty_or_absent_remote_is_told_apart() {
    let world = World::new();
    let path = world.dir.path().join("empty");
    git2::Repository::init(&path).unwrap();
    let ask = |path: &std::path::Path| {
        world.fetch(&path.display().to_string(), &Reference::Default, Mode::Keep).unwrap_err()
    };
    assert_eq!(ask(&path).kind(), "remote_empty");
    assert_eq!(ask(&world.dir.path().join("none")).kind(), "remote_not_found");
    assert_eq!(ask(world.dir.path()).kind(), "remote_not_found");
}

#[test]
fn a_dry_run_touches_nothing() {
    let (mut world, upstream) = World::with_upstream();
    world.dry_run = true;
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert_eq!(fetched.commit, "");
    assert_eq!(fs::list(world.dir.path()).unwrap(), std::slice::from_ref(&upstream.path));
    world.dry_run = false;
    let commit = world.get(&upstream, Mode::Keep).unwrap().commit;
    upstream.commit(&[("a.txt", "a two\n")]);
    world.dry_run = true;
    assert_eq!(world.get(&upstream, Mode::Update).unwrap().commit, commit);
    assert_eq!(world.get(&upstream, Mode::Reset).unwrap().commit, commit);
    assert_eq!(world.read("a.txt"), "a one\n");
    let plans: Vec<String> = world
        .recorder
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Plan { action, detail } => Some(format!("{action} {detail}")),
            _ => None,
        })
        .collect();
    let (url, path) = (upstream.url(), world.path().display().to_string());
    assert_eq!(
        plans,
        [
            format!("clone {url} into {path}"),
            format!("update {path} from {url}"),
            format!("reset {path} to {url}")
        ]
    );
}

#[test]
fn status_counts_edits_and_commits() {
    let (world, upstream) = World::with_upstream();
    assert_eq!(status(&world.path()).unwrap_err().kind(), "no_checkout");
    world.get(&upstream, Mode::Keep).unwrap();
    let clean = status(&world.path()).unwrap();
    assert!(!clean.dirty && clean.edits.is_empty());
    assert_eq!((clean.ahead, clean.behind, clean.branch.as_deref()), (0, 0, Some("main")));
    super::support::commit(&world.repo(), &[("c.txt", "c\n")]);
    world.write("a.txt", "mine\n");
    world.write("new/file", "mine\n");
    fs::remove_file(&world.file("b.txt")).unwrap();
    let state = status(&world.path()).unwrap();
    assert_eq!(state.edits, ["a.txt", "b.txt", "new/file"]);
    assert_eq!((state.ahead, state.behind), (1, 0));
    assert_eq!(state.url, Some(upstream.url()));
}

#[test]
fn two_at_once_take_turns() {
    let (world, upstream) = World::with_upstream();
    let url = upstream.url();
    let run = || world.fetch(&url, &Reference::Default, Mode::Keep).unwrap().cloned;
    std::thread::scope(|scope| {
        let (one, two) = (scope.spawn(run), scope.spawn(run));
        assert_ne!(one.join().unwrap(), two.join().unwrap());
    });
}

#[test]
fn a_file_url_and_a_name_with_spaces_work() {
    let world = World::new();
    let upstream = Upstream::new(&world.dir.path().join("my upstream"));
    let url = format!("file://{}", upstream.url().replace(' ', "%20"));
    world.fetch(&url, &Reference::Default, Mode::Keep).unwrap();
    assert_eq!(world.read("a.txt"), "a one\n");
    assert!(!world.fetch(&upstream.url(), &Reference::Default, Mode::Keep).unwrap().cloned);
}
