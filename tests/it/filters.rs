//! Filter drivers of the user's, as git-crypt has them: they are in the user's own
//! configuration, and only git runs them.

use crate::support::{Repo, World, both};

/// A user with a filter that turns letters, and a repository in which it is used.
fn filtered() -> (World, Repo) {
    let world = World::new();
    let driver =
        "[filter \"rot\"]\n\tclean = tr a-z n-za-m\n\tsmudge = tr n-za-m a-z\n\trequired\n";
    world.write("gitconfig", driver);
    let repo = world.repo("app");
    repo.write(".gitattributes", "*.sec filter=rot\n");
    repo.write("a.sec", "nnn\n");
    repo.write("b.sec", "nnn\n");
    repo.write("plain", "aaa\n");
    repo.commit("one");
    (world, repo)
}

/// Fetches; what came of it, as `changed dirty edits`, or the error.
fn fetch(world: &World, repo: &Repo, options: &str) -> String {
    let script = format!(
        "//! get: a test.\nlet got = git::fetch(#{{ repo: \"{}\", {options} }});\nprint(`${{got.changed}} ${{got.dirty}} ${{git::status(got.path).edits}}`);\n",
        repo.path.display()
    );
    world.write("get.rhai", &script);
    let mut command = world.command("--quiet run get");
    command.env("GIT_CONFIG_GLOBAL", world.work("gitconfig"));
    both(&command.output().expect("hero starts")).trim().to_owned()
}

/// What git itself sees.
fn seen(world: &World) -> String {
    let output = std::process::Command::new("git")
        .args(["--no-optional-locks", "status", "--porcelain"])
        .current_dir(&world.checkout("app").path)
        .env("GIT_CONFIG_GLOBAL", world.work("gitconfig"))
        .output();
    both(&output.expect("git starts"))
}

#[test]
fn a_clone_is_clean_and_moves_are_filtered() {
    let (world, repo) = filtered();
    let there = world.checkout("app");
    assert_eq!(fetch(&world, &repo, ""), "true false []");
    assert_eq!((there.read("a.sec"), there.read("plain")), ("aaa\n".into(), "aaa\n".into()));
    assert_eq!(seen(&world), "");
    repo.write("a.sec", "ooo\n");
    repo.write("new.sec", "ooo\n");
    repo.commit("two");
    there.write("b.sec", "mine\n");
    assert_eq!(fetch(&world, &repo, "update: true"), "true true [\"b.sec\"]");
    assert_eq!((there.read("a.sec"), there.read("new.sec")), ("bbb\n".into(), "bbb\n".into()));
    assert_eq!((there.read("b.sec"), seen(&world)), ("mine\n".into(), " M b.sec\n".into()));
    repo.write("a.sec", "ppp\n");
    repo.commit("three");
    let said = fetch(&world, &repo, "reset: true");
    assert!(said.starts_with("true false []") && said.contains("kept what"), "{said}");
    assert_eq!((there.read("a.sec"), there.read("b.sec")), ("ccc\n".into(), "aaa\n".into()));
    let kept = there.git("for-each-ref --format %(refname) refs/hero/kept");
    assert_eq!(there.git(&format!("show {kept}:b.sec")), "zvar");
    repo.git("checkout --quiet -b other");
    repo.write("a.sec", "qqq\n");
    repo.commit("four");
    assert_eq!(fetch(&world, &repo, "branch: \"other\", update: true"), "true false []");
    assert_eq!((there.read("a.sec"), seen(&world)), ("ddd\n".into(), String::new()));
}

#[test]
fn what_is_in_the_way_is_refused() {
    let (world, repo) = filtered();
    let there = world.checkout("app");
    fetch(&world, &repo, "");
    let before = there.git("rev-parse HEAD");
    there.write("a.sec", "mine\n");
    there.write("new.sec", "mine\n");
    repo.write("a.sec", "ooo\n");
    repo.write("b.sec", "ooo\n");
    repo.write("new.sec", "ooo\n");
    repo.commit("two");
    let said = fetch(&world, &repo, "update: true");
    assert!(said.contains("in the way") && said.contains("  a.sec\n  new.sec\n"), "{said}");
    assert_eq!(there.git("rev-parse HEAD"), before);
    assert_eq!((there.read("a.sec"), there.read("b.sec")), ("mine\n".into(), "aaa\n".into()));
    assert_eq!(there.read("new.sec"), "mine\n");
    // As a killed move leaves them.
    there.write("a.sec", "bbb\n");
    there.write("new.sec", "bbb\n");
    assert_eq!(fetch(&world, &repo, "update: true"), "true false []");
    assert_eq!(seen(&world), "");
}

#[test]
fn a_filter_that_fails_is_told_and_the_next_run_goes_on() {
    let (world, repo) = filtered();
    let there = world.checkout("app");
    fetch(&world, &repo, "");
    repo.write("a.sec", "ooo\n");
    repo.commit("two");
    let config = std::fs::read_to_string(world.work("gitconfig")).expect("a file");
    world.write("gitconfig", &config.replace("smudge = tr", "smudge = no-such-program"));
    let said = fetch(&world, &repo, "update: true");
    assert!(said.contains("cannot check out") && said.contains("smudge filter rot"), "{said}");
    world.write("gitconfig", &config);
    assert_eq!(fetch(&world, &repo, "update: true"), "true false []");
    assert_eq!((there.read("a.sec"), seen(&world)), ("bbb\n".into(), String::new()));
}

#[test]
fn attributes_of_the_user_s_own_and_a_split_index_count() {
    let (world, repo) = filtered();
    let there = world.checkout("app");
    repo.git("rm --quiet .gitattributes");
    repo.commit("no attributes");
    let config = std::fs::read_to_string(world.work("gitconfig")).expect("a file");
    let attributes = world.write("attributes", "*.sec filter=rot\n");
    let more = format!("[core]\n\tsplitIndex\n\tattributesFile = {}\n", attributes.display());
    world.write("gitconfig", &format!("{config}{more}"));
    assert_eq!(fetch(&world, &repo, ""), "true false []");
    repo.write("a.sec", "ooo\n");
    repo.commit("two");
    assert_eq!(fetch(&world, &repo, "update: true"), "true false []");
    assert_eq!((there.read("a.sec"), seen(&world)), ("bbb\n".into(), String::new()));
}
