//! A service that depends on a crate in a private git repository: cargo gets it with
//! hero's token, and the build gets no token.

use std::process::Command;

use super::scene::Scene;
use super::servers::{Need, Servers};
use super::support::{Repo, World, both, manifest, skipped};

/// Reads what an inherited file may hold, asks git for the login as a build script
/// could, and prints both and the environment.
const BUILD: &str = r#"
fn main() {
    use std::io::Write;
    let mut seen: String = std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
    for number in 3..64 {
        let path = format!("/proc/self/fd/{number}");
        // Not the pipes of a jobserver.
        if std::fs::metadata(&path).is_ok_and(|data| data.is_file()) {
            seen += &std::fs::read_to_string(path).unwrap_or_default();
        }
    }
    let mut git = std::process::Command::new("git");
    git.args(["credential", "fill"]).env("GIT_TERMINAL_PROMPT", "0");
    git.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut git = git.spawn().unwrap();
    let place = env!("CARGO_PKG_DESCRIPTION");
    git.stdin.take().unwrap().write_all(format!("protocol=http\nhost={place}\n\n").as_bytes()).unwrap();
    seen += &String::from_utf8_lossy(&git.wait_with_output().unwrap().stdout);
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/seen"), seen).unwrap();
}
"#;

/// `hero` with a cargo home of its own, in which nothing was fetched yet.
fn hero(world: &World, arguments: &str) -> Command {
    let mut command = world.command(arguments);
    command.env("CARGO_HOME", world.home("cargo"));
    command
}

/// Commits a program that uses the library, with a lockfile if `locked` has the login
/// with which cargo may make one.
fn service(world: &World, library: &str, place: &str, locked: Option<&str>) -> Repo {
    let repo = world.repo("app");
    let more =
        format!("description = \"{place}\"\n[dependencies]\nlibrary = {{ git = \"{library}\" }}");
    repo.write("Cargo.toml", &manifest("app", &more));
    repo.write("build.rs", BUILD);
    repo.write(
        "src/main.rs",
        "fn main() {\n    println!(\"{}\\n{}\", library::text(), \
         include_str!(concat!(env!(\"OUT_DIR\"), \"/seen\")));\n}\n",
    );
    if let Some(login) = locked {
        let mut cargo = Command::new("cargo");
        cargo.arg("generate-lockfile").current_dir(&repo.path);
        world.environment(&mut cargo);
        cargo.env("CARGO_HOME", world.root().join("other-cargo-home"));
        cargo.env("CARGO_NET_GIT_FETCH_WITH_CLI", "true");
        cargo.env("GIT_CONFIG_COUNT", "1");
        cargo.env("GIT_CONFIG_KEY_0", format!("url.http://{login}@{place}/.insteadOf"));
        cargo.env("GIT_CONFIG_VALUE_0", format!("http://{place}/"));
        let output = cargo.output().expect("cargo starts");
        assert!(output.status.success(), "{}", both(&output));
    }
    repo.commit("the first version");
    repo
}

#[test]
fn cargo_fetches_private_dependencies_with_hero_s_token_and_the_build_has_none() {
    let servers = Servers::start();
    if let Some(why) = servers.lacks(Need::Nginx) {
        skipped(&why);
        return;
    }
    let mut scene = Scene::new(&servers);
    let name = scene.own_repo();
    let origin = servers.nginx().http.clone();
    let password = scene.password(&origin);
    let place = origin.trim_start_matches("http://").to_owned();
    let crate_repo = &scene.origin().work;
    crate_repo.write("Cargo.toml", &manifest("library", ""));
    crate_repo.write("src/lib.rs", "pub fn text() -> &'static str { \"from the library\" }\n");
    crate_repo.commit("a library");
    scene.origin().publish();
    let library = format!("{origin}/auth/{name}");
    let variable = format!("HERO_GIT_TOKEN_{}", place.replace(['.', ':'], "_"));

    for locked in [true, false] {
        let world = World::new();
        let login = format!("cargo:{password}");
        let repo = service(&world, &library, &place, locked.then_some(login.as_str()));
        world.service("app", &repo, "");
        // A token for the host alone is not for a port that a repository names.
        let output = hero(&world, "run app --debug")
            .env("HERO_GIT_TOKEN_127_0_0_1", &password)
            .output()
            .expect("hero starts");
        let text = both(&output);
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains("fetching the dependencies of `app` failed"), "{text}");
        assert!(text.contains(&format!("export {variable}=TOKEN")), "{text}");

        let mut command = hero(&world, "run -v app --debug");
        let output = command.env(&variable, &password).output().expect("hero starts");
        let text = both(&output);
        assert!(output.status.success(), "{text}");
        assert!(!text.contains(&password), "{text}");
        let printed = world.run_bin("app");
        assert!(printed.starts_with("from the library"), "{printed}");
        assert!(!printed.contains(&password) && !printed.contains("GIT_CONFIG_VALUE"), "{printed}");

        // What is here is not fetched again: no token is needed.
        world.checkout("app").write("src/extra.rs", "");
        let output = hero(&world, "run app --debug").output().expect("hero starts");
        assert!(output.status.success(), "{}", both(&output));
        // Nor is a library that is gone from cargo's home taken for one that is here.
        std::fs::remove_dir_all(world.home("cargo/git")).expect("cargo has a git folder");
        world.checkout("app").write("src/extra.rs", "// changed\n");
        let output = hero(&world, "run app --debug").output().expect("hero starts");
        assert_eq!(output.status.code(), Some(3), "{}", both(&output));
        let output = hero(&world, "run app --debug").env(&variable, &password).output();
        let output = output.expect("hero starts");
        assert!(output.status.success(), "{}", both(&output));
    }
}
