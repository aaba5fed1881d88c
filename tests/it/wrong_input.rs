//! Everything a user can get wrong: one clear error each, with a hint, and
//! what was installed before still runs.

use crate::support::{Repo, World, manifest, prints};
use snapbox::str;

/// A world where `app` is installed and prints "before".
fn installed() -> (World, Repo) {
    let world = World::new();
    let repo = world.crate_repo("app", "before");
    world.service("app", &repo, "");
    world.succeed("run app --debug");
    (world, repo)
}

/// Expects the failure, and that the installed service survived it.
fn refused(world: &World, exit: i32, arguments: &str, expected: impl snapbox::IntoData) {
    world.hero(arguments).assert().code(exit).stdout_eq("").stderr_eq(expected);
    assert_eq!(world.run_bin("app"), "before");
}

#[test]
fn missing_repository() {
    let (world, _) = installed();
    let gone = Repo { path: world.root().join("remote/gone") };
    world.service("gone", &gone, "");
    refused(
        &world,
        3,
        "run gone --debug",
        str![[r#"
   Fetching gone       [ROOT]/remote/gone
error: there is no repository at `[ROOT]/remote/gone`
 --> gone.rhai:3:22
  |
3 |     #{ name: "gone", repo: "[ROOT]/remote/gone",
  |                      ^^^^^

hint: check the path: ls -d [ROOT]/remote/gone

"#]],
    );
}

#[test]
fn missing_branch_with_near_names() {
    let (world, repo) = installed();
    repo.git("branch develop");
    repo.git("branch release-1");
    world.service("other", &repo, "branch: \"devlop\"");
    refused(
        &world,
        3,
        "run other --debug",
        str![[r#"
   Fetching other      [ROOT]/remote/app
error: cannot check out `devlop` of `other`: no such branch
 --> other.rhai:4:8
  |
4 |        branch: "devlop" }
  |        ^^^^^^^
  remote has: develop, main, release-1

hint: did you mean `develop`?

"#]],
    );
}

#[test]
fn missing_tag_with_near_names() {
    let (world, repo) = installed();
    repo.git("tag v0.6.0");
    repo.git("tag v0.6.1");
    world.service("other", &repo, "tag: \"v0.6\"");
    refused(
        &world,
        3,
        "run other --debug",
        str![[r#"
   Fetching other      [ROOT]/remote/app
error: cannot check out `v0.6` of `other`: no such tag
 --> other.rhai:4:8
  |
4 |        tag: "v0.6" }
  |        ^^^^
  remote has: v0.6.1, v0.6.0

hint: did you mean `v0.6.1`?

"#]],
    );
}

#[test]
fn no_such_binary() {
    let (world, repo) = installed();
    world.service("other", &repo, "bins: [\"ap\"]");
    refused(
        &world,
        1,
        "run other --debug",
        str![[r#"
   Fetching other      [ROOT]/remote/app
    Fetched other      main ([HASH])
   Building other      [debug]
error: there is no binary `ap`
 --> other.rhai:4:8
  |
4 |        bins: ["ap"] }
  |        ^^^^^
  binaries: app

hint: did you mean `app`?

"#]],
    );
}

#[test]
fn one_binary_name_in_several_packages() {
    let (world, _) = installed();
    let repo = world.repo("many");
    repo.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n");
    for name in ["a", "b"] {
        repo.write(&format!("{name}/Cargo.toml"), &manifest(name, ""));
        repo.write(&format!("{name}/src/bin/server.rs"), &prints(name));
    }
    repo.commit("first");
    world.service("many", &repo, "bins: [\"server\"]");
    refused(
        &world,
        1,
        "run many --debug",
        str![[r#"
   Fetching many       [ROOT]/remote/many
    Fetched many       main ([HASH])
   Building many       [debug]
error: the binary `server` is in several packages: `a`, `b`
  packages: a, b

hint: set `member: "a"`, or another

"#]],
    );
}

#[test]
fn no_manifest() {
    let (world, _) = installed();
    let repo = world.repo("nested");
    repo.write("crates/server/Cargo.toml", &manifest("server", ""));
    repo.write("crates/server/src/main.rs", &prints("x"));
    repo.commit("first");
    world.service("nested", &repo, "");
    refused(
        &world,
        1,
        "run nested --debug",
        str![[r#"
   Fetching nested     [ROOT]/remote/nested
    Fetched nested     main ([HASH])
error: there is no `Cargo.toml` in `[ROOT]/home/.local/share/hero/src/nested`
  folders with one: crates/server

hint: set `dir: "crates/server"`, or another folder with a `Cargo.toml`

"#]],
    );
}

#[test]
fn unknown_feature() {
    let (world, _) = installed();
    let repo = world.repo("featured");
    repo.write("Cargo.toml", &manifest("featured", "[features]\ntls = []\n"));
    repo.write("src/main.rs", &prints("x"));
    repo.commit("first");
    world.service("featured", &repo, "features: [\"tsl\"]");
    refused(
        &world,
        1,
        "run featured --debug",
        str![[r#"
   Fetching featured   [ROOT]/remote/featured
    Fetched featured   main ([HASH])
   Building featured   [debug]
error: there is no feature `tsl` in `featured`
 --> featured.rhai:4:8
  |
4 |        features: ["tsl"] }
  |        ^^^^^^^^^
  features: tls

hint: did you mean `tls`?

"#]],
    );
}

#[test]
fn build_error() {
    let (world, _) = installed();
    world.checkout("app").write("src/main.rs", "fn main() { let a: u8 = \"text\"; }\n");
    refused(
        &world,
        3,
        "run app --debug",
        str![[r#"
   Building app        [debug]
error[E0308]: mismatched types
 --> src/main.rs:1:25
  |
1 | fn main() { let a: u8 = "text"; }
  |                    --   ^^^^^^ expected `u8`, found `&str`
  |                    |
  |                    expected due to this
error: building `app` failed (cargo exited with 101)
  full log: [ROOT]/home/.local/state/hero/logs/app-build.log

"#]],
    );
}

#[test]
fn bad_service_names() {
    for name in ["../evil", "-rf", ".hidden", "a/b", "a b", "a\\nb", ""] {
        let world = World::new();
        let repo = world.repo("r");
        let text =
            format!("service::main(#{{ name: \"{name}\", repo: \"{}\" }});", repo.path.display());
        world.write("a.rhai", &text);
        let said = world.fail(1, "run a --debug");
        assert!(said.contains("is not a valid service name"), "{name}: {said}");
        assert!(said.contains("hint: "), "{name}: {said}");
    }
}

#[test]
fn bad_addresses() {
    for url in [
        "--upload-pack=touch evil",
        "-oProxyCommand=evil",
        "https://",
        "https:///path",
        "ext::sh -c evil",
        "https://host/a\\nb",
        "https://host/../../etc",
        "ssh://-oProxyCommand=evil/x",
        "../relative",
        "",
    ] {
        let world = World::new();
        world.write("a.rhai", &format!("service::main(#{{ name: \"a\", repo: \"{url}\" }});"));
        let said = world.fail(1, "run a --debug");
        assert!(said.contains("hint: "), "{url}: {said}");
        assert!(!world.checkout("a").path.exists(), "{url}");
    }
}

#[test]
fn bad_references_and_folders() {
    for more in [
        "branch: \"-evil\"",
        "tag: \"a..b\"",
        "commit: \"nothex\"",
        "branch: \"a b\"",
        "dir: \"../..\"",
        "dir: \"/etc\"",
        "bins: [\"../evil\"]",
        "branch: \"a\", tag: \"b\"",
    ] {
        let world = World::new();
        let repo = world.repo("r");
        world.service("a", &repo, more);
        let said = world.fail(1, "run a --debug");
        assert!(said.contains("hint: "), "{more}: {said}");
    }
}

#[test]
fn a_binary_of_another_service() {
    let (world, repo) = installed();
    world.service("second", &repo, "");
    refused(
        &world,
        3,
        "run second --debug",
        str![[r#"
   Fetching second     [ROOT]/remote/app
    Fetched second     main ([HASH])
error: the binary `app` of `second` is already installed by `app`

hint: name the wanted ones in the description (`bins: ["…"]`), or remove the other: hero uninstall app

"#]],
    );
}

#[test]
fn a_strangers_file_in_the_way() {
    let world = World::new();
    let repo = world.crate_repo("app", "ours");
    world.service("app", &repo, "bins: [\"app\"]");
    std::fs::create_dir_all(world.home(".local/bin")).unwrap();
    std::fs::write(world.bin("app"), "theirs").unwrap();
    world.hero("run app --debug").assert().code(3).stderr_eq(str![[r#"
error: `[ROOT]/home/.local/bin/app` is not hero's: it will not be overwritten
 --> app.rhai:4:8
  |
4 |        bins: ["app"] }
  |        ^^^^^

hint: move it away (mv [ROOT]/home/.local/bin/app [ROOT]/home/.local/bin/app.old), or install with `--replace`, which keeps it

"#]]);
    assert_eq!(std::fs::read_to_string(world.bin("app")).unwrap(), "theirs");
    assert!(!world.checkout("app").path.exists(), "found out before the fetch");

    world.succeed("run app --debug --replace");
    assert_eq!(world.run_bin("app"), "ours");
}

#[test]
fn an_install_root_that_cannot_be_written() {
    let world = World::new();
    let repo = world.crate_repo("app", "x");
    world.service("app", &repo, "");
    // A file in the place of a folder stops root too.
    std::fs::create_dir_all(world.home(".local")).unwrap();
    std::fs::write(world.home(".local/bin"), "a file").unwrap();
    world.hero("run app --debug").assert().code(3).stderr_eq(str![[r#"
error: cannot install into `[ROOT]/home/.local/bin`: `[ROOT]/home/.local/bin` is not a folder

hint: move it away: mv [ROOT]/home/.local/bin [ROOT]/home/.local/bin.old

"#]]);
    assert!(!world.checkout("app").path.exists(), "found out before the fetch");
}

#[test]
fn a_configuration_with_a_typing_error() {
    let world = World::new();
    std::fs::create_dir_all(world.home(".config/hero")).unwrap();
    std::fs::write(
        world.home(".config/hero/config.toml"),
        "[git.tokens]\n\"a.example\" = \"secret\"\n[biuld]\n",
    )
    .unwrap();
    let said = world.fail(1, "run install --help");
    assert!(said.contains("biuld") && said.contains("line 3"), "{said}");
    assert!(!said.contains("secret"));
}
