//! What the programs that hero starts do not inherit: git's repository variables, and
//! tokens for git servers.

use std::process::Command;

use crate::support::{Repo, World, both, manifest};

/// A secret that must not be seen anywhere.
const CANARY: &str = "canary-7f3a9c";

/// The variables that a child must not have.
const HIDDEN: [&str; 9] = [
    "HERO_GIT_TOKEN_FORGE_EXAMPLE",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "FORGEJO_TOKEN",
    "GITEA_TOKEN",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_CONFIG_PARAMETERS",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// A service whose build script and program print what they see.
fn curious(world: &World) -> Repo {
    let repo = world.repo("app");
    repo.write("Cargo.toml", &manifest("app", ""));
    let build = r#"
fn main() {
    let text: String = std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
    let git = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output().unwrap();
    let head = String::from_utf8(git.stdout).unwrap();
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/seen"), format!("{text}HEAD={head}")).unwrap();
    println!("cargo::rerun-if-changed=build.rs");
}
"#;
    repo.write("build.rs", build);
    let main = r#"
fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        for (name, value) in std::env::vars() { println!("{name}={value}"); }
        println!("ready to serve");
        loop { std::thread::park(); }
    }
    print!("{}", include_str!(concat!(env!("OUT_DIR"), "/seen")));
}
"#;
    repo.write("src/main.rs", main);
    repo.commit("the first version");
    repo
}

/// `hero`, run from a hook of another repository, with tokens set.
fn command(world: &World, other: &Repo, arguments: &str) -> Command {
    let mut command = world.command(arguments);
    for name in HIDDEN {
        command.env(name, CANARY);
    }
    command.env("GIT_DIR", other.path.join(".git"));
    command.env("GIT_WORK_TREE", &other.path);
    command.env("GIT_CONFIG_COUNT", "1");
    command.env("GIT_CONFIG_KEY_0", "http.extraHeader").env("GIT_CONFIG_VALUE_0", CANARY);
    command.env("FORGEJO_URL", "https://forge.example");
    // What git would choke on.
    command.env_remove("GIT_CONFIG_PARAMETERS").env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    command
}

fn assert_clean(text: &str) {
    for name in HIDDEN.iter().chain(&["GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT"]) {
        assert!(!text.contains(&format!("{name}=")), "{name} in\n{text}");
    }
    assert!(!text.contains(CANARY), "{text}");
}

#[test]
fn builds_hooks_and_services_see_no_tokens_and_no_other_repository() {
    let world = World::new();
    let repo = curious(&world);
    let other = world.crate_repo("other", "other");
    world.service(
        "app",
        &repo,
        "start: #{ cmd: [\"app\", \"serve\"], ready: #{ log: \"ready to serve\" } },
         after_build: |ctx| fs::write(\"hook\", process::run(#{ cmd: [\"env\"], capture: true }).stdout),",
    );
    let output = command(&world, &other, "run app complete --debug").output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let built = world.run_bin("app");
    let logs = command(&world, &other, "run app logs").output().unwrap();
    let stopped = command(&world, &other, "run app stop").output().unwrap();
    assert!(stopped.status.success(), "{}", both(&stopped));
    assert_clean(&built);
    assert_clean(&std::fs::read_to_string(world.work("hook")).unwrap());
    let service = both(&logs);
    assert!(service.contains("ready to serve"), "{service}");
    assert_clean(&service);
    // The build's own git is in the service's repository.
    let head = world.checkout("app").git("rev-parse HEAD");
    assert!(built.contains(&format!("HEAD={head}")), "{built}");
    assert!(!both(&output).contains(CANARY));
}

#[test]
fn a_description_may_hand_a_token_to_its_build() {
    let world = World::new();
    let repo = curious(&world);
    world.service("app", &repo, "env: #{ GITHUB_TOKEN: env::get(\"GITHUB_TOKEN\") },");
    let output =
        world.command("run app --debug").env("GITHUB_TOKEN", "given-on-purpose").output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    assert!(world.run_bin("app").contains("GITHUB_TOKEN=given-on-purpose"));
}

#[test]
fn a_hook_of_another_repository_does_not_lead_the_fetch_astray() {
    let world = World::new();
    let repo = world.crate_repo("app", "one");
    let other = world.crate_repo("other", "other");
    let before = other.git("rev-parse HEAD");
    world.service("app", &repo, "");
    for arguments in ["run app --debug", "run app --debug --update", "run app --debug --reset"] {
        let output = command(&world, &other, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", both(&output));
    }
    assert_eq!(world.run_bin("app"), "one");
    assert_eq!(other.git("rev-parse HEAD"), before);
    assert_eq!(other.git("status --porcelain"), "");
}
