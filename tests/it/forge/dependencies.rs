//! A service that depends on a crate in a private git repository: cargo gets it with
//! hero's token, and the build gets no token.

use std::path::PathBuf;
use std::process::Command;

use super::scene::{Scene, write};
use super::secrets;
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
        // These settings do not count for hero's fetch, which is outside of the checkout.
        let own = "[net]\ngit-fetch-with-cli = false\nretry = 9\n";
        repo.write(".cargo/config.toml", own);
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
    let Some(servers) = Servers::with(Need::Nginx) else { return };
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

    for (number, locked) in [true, false].into_iter().enumerate() {
        let world = World::new();
        let login = format!("cargo:{password}");
        let repo = service(&world, &library, &place, locked.then_some(login.as_str()));
        // The service lies on the same server: its token is for the library too.
        let bare = servers.repos.root.join(format!("app{number}.git"));
        repo.git(&format!("clone --quiet --bare . {}", bare.display()));
        let script = format!(
            "fn service() {{ #{{ name: \"app\", repo: \"{origin}/auth/app{number}.git\" }} }}\n\
             service::main(service());\n"
        );
        world.write("app.rhai", &script);
        let run = |token: Option<&str>| {
            let mut command = hero(&world, "run -v app --debug");
            if let Some(token) = token {
                command.env("HERO_GIT_TOKEN_127_0_0_1", token);
            }
            let output = command.output().expect("hero starts");
            assert!(!both(&output).contains(&password), "{}", both(&output));
            output
        };
        let output = run(Some(&password));
        assert!(output.status.success(), "{}", both(&output));
        let printed = world.run_bin("app");
        assert!(printed.starts_with("from the library"), "{printed}");
        assert!(!printed.contains(&password) && !printed.contains("GIT_CONFIG_VALUE"), "{printed}");

        // What is here is not fetched again: no token is needed.
        world.checkout("app").write("src/extra.rs", "");
        assert!(run(None).status.success());
        // Nor is a library that is gone from cargo's home taken for one that is here.
        std::fs::remove_dir_all(world.home("cargo/git")).expect("cargo has a git folder");
        world.checkout("app").write("src/extra.rs", "// changed\n");
        let output = run(None);
        let text = both(&output);
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains("fetching the dependencies of `app` failed"), "{text}");
        let hint = format!("[git.tokens] \"{origin}\" = \"TOKEN\"");
        assert!(text.contains(&hint), "{text}");
        let config = hint.replace("] ", "]\n").replace("TOKEN", &password);
        write(&world.home(".config/hero/config.toml"), &config, 0o600);
        let output = run(None);
        assert!(output.status.success(), "{}", both(&output));
    }
}

/// A repository may name any server as the home of a dependency, and have settings that
/// would run a program of its own.
#[test]
fn a_repository_gets_no_token_by_its_dependencies() {
    let Some(servers) = Servers::with(Need::Nginx) else { return };
    let origin = servers.nginx().http.clone();
    let place = origin.trim_start_matches("http://").to_owned();
    let world = World::new();
    let stolen = world.root().join("stolen");
    let repo = service(&world, &format!("{origin}/auth/plain.git"), &place, None);
    let thief = format!("#!/bin/sh\ncat /dev/fd/3 >>{} 2>&1\nexit 1\n", stolen.display());
    repo.write("steal.sh", &thief);
    repo.write(
        ".cargo/config.toml",
        "[registries.evil]\nindex = \"sparse+http://127.0.0.1:9/\"\n\
         credential-provider = [\"./steal.sh\"]\n[build]\nrustc-wrapper = \"./steal.sh\"\n",
    );
    Command::new("chmod").arg("+x").arg(repo.path.join("steal.sh")).status().expect("chmod");
    repo.commit("a thief");
    world.service("app", &repo, "");
    let mut scene = Scene::new(&servers);
    let secret = scene.secret("");
    let output = hero(&world, "run app --debug")
        .env("HERO_GIT_TOKEN_127_0_0_1", &secret)
        .env(format!("HERO_GIT_TOKEN_{}", place.replace(['.', ':'], "_")), &secret)
        .output()
        .expect("hero starts");
    assert!(!output.status.success());
    let stolen = std::fs::read_to_string(stolen).unwrap_or_default();
    assert!(!stolen.contains(&secret), "{stolen}");
    assert_eq!(secrets::astray(&scene.secrets, &servers.access_log()), None);
    assert!(!both(&output).contains(&secret), "{}", both(&output));
}

/// A repository may bring a toolchain of its own: the build is done with it, but it is not
/// what fetches with a token.
#[test]
fn a_repository_s_own_toolchain_has_no_token() {
    let Some(servers) = Servers::with(Need::Nginx) else { return };
    let rustup = Command::new("rustup").arg("--version").output();
    if !rustup.is_ok_and(|output| output.status.success()) {
        skipped("rustup is not installed");
        return;
    }
    let mut scene = Scene::new(&servers);
    let name = scene.own_repo();
    let origin = servers.nginx().http.clone();
    let password = scene.password(&origin);
    let library = &scene.origin().work;
    library.write("Cargo.toml", &manifest("library", ""));
    library.write("src/lib.rs", "pub fn text() -> &'static str { \"from the library\" }\n");
    library.commit("a library");
    scene.origin().publish();

    let world = World::new();
    let seen = world.root().join("seen");
    let library = format!("{origin}/auth/{name}");
    let repo = service(&world, &library, origin.trim_start_matches("http://"), None);
    let cargo = PathBuf::from(std::env::var_os("CARGO").expect("cargo runs the tests"));
    for program in ["cargo", "rustc"] {
        let real = cargo.with_file_name(program).display().to_string();
        let text = format!(
            "#!/bin/sh\n{{ echo \"{program} $1\"; [ -f /dev/fd/3 ] && cat /dev/fd/3; }} >>{} 2>&1\nexec {real} \"$@\"\n",
            seen.display()
        );
        write(&repo.path.join("tools/bin").join(program), &text, 0o755);
    }
    let tools = world.home(".local/share/hero/src/app/tools").display().to_string();
    repo.write("rust-toolchain.toml", &format!("[toolchain]\npath = \"{tools}\"\n"));
    repo.commit("a toolchain");
    world.service("app", &repo, "");
    let config = format!("[git.tokens]\n\"{origin}\" = \"{password}\"\n");
    write(&world.home(".config/hero/config.toml"), &config, 0o600);
    let output = hero(&world, "run app --debug")
        .env_remove("RUSTUP_TOOLCHAIN")
        .output()
        .expect("hero starts");
    assert!(output.status.success(), "{}", both(&output));
    let seen = std::fs::read_to_string(seen).unwrap_or_default();
    assert!(seen.contains("cargo build"), "{seen}");
    assert!(!seen.contains(&password), "{seen}");
}
