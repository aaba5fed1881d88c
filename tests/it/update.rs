//! Moving a checkout: what `--update` and `--reset` keep and what they refuse.

use crate::support::{Repo, World, prints};
use snapbox::str;

/// A service that is installed, and its upstream one commit further.
fn behind() -> (World, Repo) {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    repo.write("notes.txt", "first\n");
    repo.commit("notes");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    repo.write("src/main.rs", &prints("two"));
    repo.commit("two");
    (world, repo)
}

#[test]
fn without_update_what_lies_there_is_built() {
    let (world, _repo) = behind();
    world.succeed("run app --debug");
    assert_eq!(world.run_bin("app"), "one");
}

#[test]
fn update_fast_forwards() {
    let (world, repo) = behind();
    world.hero("run app --debug --update").assert().success().stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
    Fetched app        main ([HASH])
   Building app        [debug]
      Built app        [debug] in [ELAPSED]
  Installed app        [HASH] debug [SIZE] → ~/.local/bin/app
warning: `[ROOT]/home/.local/bin` is not on your PATH
hint: export PATH="[ROOT]/home/.local/bin:$PATH"

"#]]);
    assert_eq!(world.run_bin("app"), "two");
    assert_eq!(world.checkout("app").git("rev-parse HEAD"), repo.git("rev-parse HEAD"));
}

#[test]
fn update_keeps_unrelated_edits() {
    let (world, _repo) = behind();
    world.checkout("app").write("notes.txt", "mine\n");
    world.checkout("app").write("new.txt", "mine too\n");
    world.succeed("run app --debug -u");
    assert_eq!(world.run_bin("app"), "two");
    assert_eq!(world.checkout("app").read("notes.txt"), "mine\n");
    assert_eq!(world.checkout("app").read("new.txt"), "mine too\n");
}

#[test]
fn update_stops_at_conflicting_edits_and_loses_nothing() {
    let (world, _repo) = behind();
    world.checkout("app").write("src/main.rs", &prints("mine"));
    let before = world.checkout("app").git("rev-parse HEAD");
    world.hero("run app --debug --update").assert().code(3).stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
error: local edits in `app` are in the way of the update
  src/main.rs

hint: commit or stash them (git -C [ROOT]/home/.local/share/hero/src/app stash -u), or rerun with --reset, which keeps them under a ref

"#]]);
    assert_eq!(world.checkout("app").read("src/main.rs"), prints("mine"));
    assert_eq!(world.checkout("app").git("rev-parse HEAD"), before);
    assert_eq!(world.run_bin("app"), "one", "what was installed still runs");
}

#[test]
fn update_stops_when_both_sides_have_commits() {
    let (world, _repo) = behind();
    world.checkout("app").write("src/main.rs", &prints("mine"));
    let mine = world.checkout("app").commit("mine");
    world.hero("run app --debug --update").assert().code(3).stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
error: `app` has diverged: 1 local and 1 new upstream commits

hint: git -C [ROOT]/home/.local/share/hero/src/app rebase origin/main, or rerun with --reset, which keeps the local commits under a ref

"#]]);
    assert_eq!(world.checkout("app").git("rev-parse HEAD"), mine);
    assert_eq!(world.run_bin("app"), "one");
}

#[test]
fn update_stops_on_another_branch() {
    let (world, _repo) = behind();
    world.checkout("app").git("switch --quiet --create mine");
    world.hero("run app --debug --update").assert().code(3).stderr_eq(str![[r#"
   Fetching app        [ROOT]/remote/app
error: the checkout of `app` is on branch `mine`, not on `main`

hint: git -C [ROOT]/home/.local/share/hero/src/app checkout main, or rerun with --reset

"#]]);
}

#[test]
fn reset_takes_the_upstream_revision_and_keeps_what_it_discards() {
    let (world, repo) = behind();
    let checkout = world.checkout("app");
    checkout.write("local.txt", "a commit of mine\n");
    let mine = checkout.commit("mine");
    checkout.write("src/main.rs", &prints("edited"));
    checkout.write("untracked.txt", "untracked\n");
    world.succeed("run app --debug --reset");
    assert_eq!(world.run_bin("app"), "two");
    assert_eq!(checkout.git("rev-parse HEAD"), repo.git("rev-parse HEAD"));
    assert_eq!(checkout.git("status --porcelain"), "");

    let kept = checkout.git("for-each-ref --format=%(refname) refs/hero/kept");
    assert_eq!(kept.lines().count(), 1, "one ref: {kept}");
    assert_eq!(checkout.git(&format!("show {kept}:src/main.rs")), prints("edited").trim());
    assert_eq!(checkout.git(&format!("show {kept}:untracked.txt")), "untracked");
    assert_eq!(checkout.git(&format!("merge-base {kept} {mine}")), mine, "the commit is kept too");
}

#[test]
fn reset_names_the_ref() {
    let (world, _repo) = behind();
    world.checkout("app").write("src/main.rs", &prints("edited"));
    let text = world.succeed("run app --debug --reset");
    let kept = world.checkout("app").git("for-each-ref --format=%(refname) refs/hero/kept");
    assert!(text.contains(&kept), "{kept} in {text}");
}

#[test]
fn reset_of_a_clean_checkout_keeps_nothing() {
    let (world, _repo) = behind();
    world.succeed("run app --debug --reset");
    assert_eq!(world.checkout("app").git("for-each-ref refs/hero"), "");
}

#[test]
fn a_script_that_asks_for_another_tag_gets_it_or_is_told_to_update() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    repo.git("tag v1");
    repo.write("src/main.rs", &prints("two"));
    repo.commit("two");
    repo.git("tag v2");
    world.service("app", &repo, "tag: \"v1\"");
    world.succeed("run app --debug");
    world.service("app", &repo, "tag: \"v2\"");
    let text = world.fail(3, "run app --debug");
    assert!(text.contains("hint: rerun with --update"), "{text}");
    assert_eq!(world.run_bin("app"), "one");
    world.succeed("run app --debug --update");
    assert_eq!(world.run_bin("app"), "two");
    // It is here by now, and the script is right: no word, no network.
    world.service("app", &repo, "tag: \"v1\"");
    world.succeed("run app --debug");
    assert_eq!(world.run_bin("app"), "one");
}

#[test]
fn another_repository_of_the_same_name_is_not_built_by_accident() {
    let (world, _repo) = behind();
    let other = world.crate_repo("other", "stranger");
    world.service("app", &other, "");
    for flags in ["", "--update"] {
        let text = world.fail(3, &format!("run app --debug {flags}"));
        assert!(text.contains("--reset") && text.contains("another `name`"), "{text}");
        assert_eq!(world.run_bin("app"), "one");
    }
    world.succeed("run app --debug --reset");
    assert_eq!(world.run_bin("other"), "stranger");
}
