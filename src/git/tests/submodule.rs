//! Submodules of repositories on disk.

use std::path::Path;

use super::support::{Upstream, World, commit, signature};
use crate::error::Diagnostic;
use crate::git::{Mode, Reference, Submodules};
use crate::sys::fs;

/// Adds a submodule to an upstream repository by hand.
fn add(parent: &Upstream, path: &str, url: &str, to: git2::Oid) {
    let modules = format!("[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n");
    let file = parent.path.join(".gitmodules");
    let old = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, format!("{old}{modules}").as_bytes()).unwrap();
    let repo = &parent.repo;
    let mut index = repo.index().unwrap();
    index.add_path(Path::new(".gitmodules")).unwrap();
    let zero = git2::IndexTime::new(0, 0);
    index
        .add(&git2::IndexEntry {
            ctime: zero,
            mtime: zero,
            dev: 0,
            ino: 0,
            mode: 0o160_000,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: to,
            flags: 0,
            flags_extended: 0,
            path: path.as_bytes().to_vec(),
        })
        .unwrap();
    index.write().unwrap();
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let head = repo.head().unwrap().peel_to_commit().unwrap();
    repo.commit(Some("HEAD"), &signature(), &signature(), "add", &tree, &[&head]).unwrap();
}

/// A repository with the submodule `lib`, which has the submodule `deep`.
fn family() -> (World, Upstream, Upstream) {
    let mut world = World::new();
    world.submodules = Submodules::All;
    let upstream = |name: &str| Upstream::new(&world.dir.path().join(name));
    let (deep, lib, main) = (upstream("deep"), upstream("lib"), upstream("main"));
    let tip = deep.commit(&[("deep.txt", "deep one\n")]);
    add(&lib, "deep", "../deep", tip);
    let old = lib.repo.head().unwrap().target().unwrap();
    add(&main, "lib", "../lib", old);
    // Submodules are at a commit, not at the tip.
    lib.commit(&[("a.txt", "lib two\n")]);
    (world, main, lib)
}

#[test]
fn they_are_fetched_with_theirs_and_survive_the_rename() {
    let (world, main, _) = family();
    let fetched = world.get(&main, Mode::Keep).unwrap();
    assert_eq!(world.read("lib/a.txt"), "a one\n");
    assert_eq!(world.read("lib/deep/deep.txt"), "deep one\n");
    assert!(!fetched.dirty);
    assert!(!world.get(&main, Mode::Keep).unwrap().dirty);
    let config = world.read(".git/modules/lib/config");
    assert!(!config.contains(".tmp-"), "{config}");
}

#[test]
fn an_update_moves_them_and_spares_edits() {
    let (world, main, lib) = family();
    world.get(&main, Mode::Keep).unwrap();
    let mut index = main.repo.index().unwrap();
    let mut entry = index.get_path(Path::new("lib"), 0).unwrap();
    entry.id = lib.repo.head().unwrap().target().unwrap();
    index.add(&entry).unwrap();
    index.write().unwrap();
    commit(&main.repo, &[("a.txt", "a two\n")]);
    world.write("lib/b.txt", "mine\n");
    let fetched = world.get(&main, Mode::Update).unwrap();
    assert!(fetched.changed && fetched.dirty);
    assert_eq!(
        (world.read("lib/a.txt"), world.read("lib/b.txt")),
        ("lib two\n".into(), "mine\n".into())
    );
    let fetched = world.get(&main, Mode::Reset).unwrap();
    assert_eq!(world.read("lib/b.txt"), "b one\n");
    assert!(!fetched.dirty);
    let kept = git2::Repository::open(world.file("lib")).unwrap();
    assert_eq!(kept.references_glob("refs/hero/kept/*").unwrap().count(), 1);
}

#[test]
fn only_those_that_are_named_are_fetched() {
    let (mut world, main, _) = family();
    world.submodules = Submodules::Only(vec!["libb".into()]);
    let error = world.get(&main, Mode::Keep).unwrap_err();
    assert_eq!((error.kind().word(), error.option()), ("no_submodule", Some("submodules")));
    assert_eq!(error.hint().unwrap(), "did you mean `lib`?");
    world.submodules = Submodules::None;
    assert!(!world.get(&main, Mode::Keep).unwrap().dirty);
    assert!(!fs::exists(&world.file("lib/a.txt")));
    world.submodules = Submodules::Only(vec!["lib/".into()]);
    assert!(world.get(&main, Mode::Update).unwrap().changed);
    assert_eq!(world.read("lib/deep/deep.txt"), "deep one\n");
}

#[test]
fn addresses_that_run_or_escape_are_refused() {
    for (url, kind) in [
        ("ext::sh -c id", "scheme_denied"),
        ("--upload-pack=id", "git"),
        ("../../../../../../../../../../etc", "bad_url"),
    ] {
        let mut world = World::new();
        world.submodules = Submodules::All;
        let main = Upstream::new(&world.dir.path().join("main"));
        let tip = main.repo.head().unwrap().target().unwrap();
        add(&main, "evil", url, tip);
        let error = world.fetch(&main.url(), &Reference::Default, Mode::Keep).unwrap_err();
        assert_eq!(error.kind(), kind, "{url}: {error}");
        assert!(error.to_string().starts_with("submodule `evil`: "), "{error}");
        assert!(!fs::exists(&world.path()));
    }
}

#[test]
fn an_update_is_done_only_when_its_submodules_are() {
    let (world, main, lib) = family();
    world.get(&main, Mode::Keep).unwrap();
    let tip = lib.repo.head().unwrap().target().unwrap();
    let mut index = main.repo.index().unwrap();
    let mut entry = index.get_path(Path::new("lib"), 0).unwrap();
    entry.id = tip;
    index.add(&entry).unwrap();
    index.write().unwrap();
    let tree = main.repo.find_tree(index.write_tree().unwrap()).unwrap();
    let head = main.repo.head().unwrap().peel_to_commit().unwrap();
    main.repo.commit(Some("HEAD"), &signature(), &signature(), "lib", &tree, &[&head]).unwrap();
    let (here, gone) = (lib.path.clone(), lib.path.with_extension("gone"));
    fs::rename(&here, &gone).unwrap();
    world.get(&main, Mode::Update).unwrap_err();
    // Nor is the next run content with two revisions at once.
    world.get(&main, Mode::Keep).unwrap_err();
    fs::rename(&gone, &here).unwrap();
    assert!(world.get(&main, Mode::Keep).unwrap().changed);
    assert_eq!(world.read("lib/a.txt"), "lib two\n");
}

#[test]
fn submodules_that_a_script_asks_for_later_are_fetched() {
    let (mut world, main, _lib) = family();
    world.submodules = Submodules::None;
    world.get(&main, Mode::Keep).unwrap();
    assert!(!fs::exists(&world.file("lib/a.txt")));
    world.submodules = Submodules::All;
    assert!(world.get(&main, Mode::Keep).unwrap().changed);
    assert_eq!(world.read("lib/deep/deep.txt"), "deep one\n");
    let asked = world.asked();
    assert!(!world.get(&main, Mode::Keep).unwrap().changed);
    assert_eq!(world.asked(), asked);
}

#[test]
fn a_reset_does_not_take_edits_away_with_a_submodule() {
    let (world, main, _lib) = family();
    world.get(&main, Mode::Keep).unwrap();
    world.write("lib/a.txt", "mine\n");
    let mut index = main.repo.index().unwrap();
    index.remove_path(Path::new("lib")).unwrap();
    index.write().unwrap();
    let tree = main.repo.find_tree(index.write_tree().unwrap()).unwrap();
    let head = main.repo.head().unwrap().peel_to_commit().unwrap();
    main.repo.commit(Some("HEAD"), &signature(), &signature(), "no lib", &tree, &[&head]).unwrap();
    let error = world.get(&main, Mode::Reset).unwrap_err();
    assert_eq!(
        (error.kind().word(), error.details()),
        ("nested_repository", vec!["lib".to_owned()])
    );
    assert_eq!(world.read("lib/a.txt"), "mine\n");
}

#[test]
fn a_commit_without_a_section_in_gitmodules_is_no_submodule() {
    let (mut world, upstream) = World::with_upstream();
    world.submodules = Submodules::All;
    let tip = upstream.repo.head().unwrap().target().unwrap();
    add(&upstream, "lib", "../lib", tip);
    upstream.commit(&[(".gitmodules", "")]);
    world.get(&upstream, Mode::Keep).unwrap();
    assert_eq!(world.read("a.txt"), "a one\n");
}
