//! `hero doctor`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{World, both};
use snapbox::str;

/// `hero doctor` with a system root of the world's own and these folders before
/// the rest of PATH.
fn doctor(world: &World, arguments: &str, before: &[PathBuf]) -> Command {
    let mut command = world.command(&format!("doctor {arguments}"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = before.iter().cloned().chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders).unwrap());
    command.env("HERO_SYSTEM_PREFIX", world.home("system"));
    command.env("CARGO_HOME", world.home("cargo-home"));
    command
}

/// A PATH with nothing but these programs.
fn only(world: &World, programs: &[&str]) -> OsString {
    let folder = world.home("only");
    std::fs::create_dir_all(&folder).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for program in programs {
        let real = std::env::split_paths(&path).map(|folder| folder.join(program));
        let real = real.into_iter().find(|file| file.is_file()).unwrap();
        std::os::unix::fs::symlink(real, folder.join(program)).unwrap();
    }
    folder.into_os_string()
}

/// Makes a program that only is there.
fn program(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// What was said, after the exit code was looked at.
fn said(mut command: Command, exit: i32) -> String {
    let output = command.output().unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(exit), "{text}");
    text
}

/// The line of a thing, with its hint if it has one.
fn line(text: &str, what: &str) -> String {
    let is = |line: &&str| line.get(9..).is_some_and(|rest| rest.starts_with(what));
    let mut lines = text.lines().skip_while(|line| !is(line));
    let first = lines.next().unwrap_or_else(|| panic!("no line of {what} in\n{text}"));
    let hint = lines.next().filter(|line| line.trim_start().starts_with("hint: "));
    format!("{first}\n{}", hint.map(|hint| format!("{hint}\n")).unwrap_or_default())
}

#[test]
fn all_is_well() {
    let world = World::new();
    world.install("app", &["app", "appctl"], "one");
    let before = world.photograph();
    let mut command = doctor(&world, "", &[world.home(".local/bin")]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    // How much room this machine has is not the test's business.
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.contains("space  ") && !line.contains("hint:"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    world.same(
        text,
        str![[r#"
     ok  cargo       1.[..] ([..]/cargo)
     ok  rustc       1.[..] ([..]/rustc)
     ok  linker      [..], by cc (rustc's default [..]); [..] on PATH[..]
     ok  C compiler  [..]/cc
     ok  debug info  line tables only (hero's choice; --full-debuginfo for a debugger)
     ok  git         2.[..] ([..]/git)
     ok  jobs        [..] at once (the processors; --jobs N for another number)
     ok  links       ~/.local/bin (writable)
     ok  PATH        ~/.local/bin is on it
     ok  store       ~/.local/share/hero/store (writable)
     ok  checkouts   ~/.local/share/hero/src (writable; not there yet)
     ok  builds      ~/.cache/hero/build (writable; not there yet)
     ok  copying     builds and store are on one file system: the system copies, by reflink if it can
[..]  system      [..]
     ok  installed   1 service
     ok  services    kept running by hero itself (direct); no zinit, no systemd
     ok  config      none, which is fine: ~/.config/hero/config.toml

"#]],
    );
    assert_eq!(world.photograph(), before);
}

#[test]
fn tokens_that_no_server_gets() {
    let world = World::new();
    let file = world.home(".config/hero/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "[git.tokens]\n\"forge.example.org/team\" = \"s3cret-token\"\n").unwrap();
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut command = doctor(&world, "", &[world.home(".local/bin")]);
    command.env("FORGEJO_TOKEN", "s3cret-token");
    command.env("GITEA_TOKEN", "s3cret-token").env("GITEA_URL", "http://tea.lan:3000");
    let text = said(command, 0);
    assert!(!text.contains("s3cret"), "{text}");
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains("tokens  ")).collect();
    let lines =
        lines.iter().take_while(|line| line.contains("tokens  ") || line.contains("hint: "));
    world.same(lines.flat_map(|line| [line, "\n"]).collect::<String>(), str![[r#"
warning  tokens      the key `forge.example.org/team` in [git.tokens] is not used: it names no server
         hint: write a host, HOST:PORT or https://HOST:PORT, without a path
warning  tokens      `FORGEJO_TOKEN` is not used: nothing names its server
         hint: export FORGEJO_URL=https://HOST, or in config.toml: [git] forgejo_url = "https://HOST"
warning  tokens      `GITEA_TOKEN` is not used: http://tea.lan:3000 is not encrypted
         hint: use https, or allow it in config.toml: [git.tokens] "http://tea.lan:3000" = "TOKEN"

"#]]);
}

#[test]
fn without_a_toolchain() {
    let world = World::new();
    let mut command = doctor(&world, "", &[]);
    command.env("PATH", only(&world, &["git"]));
    let text = said(command, 3);
    world.same(
        ["cargo", "rustc", "C compiler"].map(|what| line(&text, what)).concat(),
        str![[r#"
problem  cargo       no `cargo` on PATH
         hint: install Rust from https://rustup.rs, or put `~/.cargo/bin` on your PATH
problem  rustc       no `rustc` on PATH
         hint: install Rust from https://rustup.rs, or put `~/.cargo/bin` on your PATH
problem  C compiler  no `cc` on PATH
         hint: install a C compiler, for instance: sudo apt install build-essential (macOS: xcode-select --install)

"#]],
    );
    world.same(
        &text[text.find("error:").unwrap()..],
        str![[r#"
error: 3 problems, 1 warning

hint: each problem says above what to do

"#]],
    );
    assert!(!text.contains("  linker"), "{text}");

    // rustup has been here: PATH is all that is missing.
    program(&world.home("cargo-home/bin/cargo"));
    let mut command = doctor(&world, "", &[]);
    command.env("PATH", world.home("only"));
    let text = line(&said(command, 3), "cargo");
    assert!(text.contains("export PATH=\"$HOME/cargo-home/bin:$PATH\""), "{text}");

    let mut command = doctor(&world, "", &[]);
    command.env("RUSTC", "no-such-rustc");
    world.same(
        line(&said(command, 3), "rustc"),
        str![[r#"
problem  rustc       there is no `no-such-rustc`, which RUSTC names
         hint: install it, or take it out of RUSTC

"#]],
    );
}

#[test]
fn without_git_it_is_a_problem() {
    let world = World::new();
    let mut command = doctor(&world, "", &[]);
    command.env("PATH", only(&world, &["cargo", "rustc", "cc"]));
    world.same(
        line(&said(command, 3), "git"),
        str![[r#"
problem  git         there is no `git` on PATH, and every fetch needs it
         hint: install it, for instance: sudo apt install git

"#]],
    );
}

#[test]
fn whether_a_shell_finds_what_is_installed() {
    let world = World::new();
    let text = said(doctor(&world, "", &[]), 0);
    world.same(
        line(&text, "PATH"),
        str![[r#"
warning  PATH        ~/.local/bin is not on it: a shell does not find what is installed
         hint: put this into your shell's profile: export PATH="$HOME/.local/bin:$PATH"

"#]],
    );
    let text = said(doctor(&world, "", &[world.home(".local/bin")]), 0);
    assert!(line(&text, "PATH").starts_with("     ok  PATH"), "{text}");
}

#[test]
fn what_the_user_has_chosen_is_shown_as_such() {
    let world = World::new();
    program(&world.home("tools/mold"));
    program(&world.home("tools/sccache"));
    let tools = [world.home("tools")];
    let mut command = doctor(&world, "", &tools);
    command.env("RUSTFLAGS", "-O -C link-arg=-fuse-ld=mold");
    command.env("CARGO_PROFILE_DEV_DEBUG", "2");
    command.env("RUSTC_WRAPPER", "sccache");
    let text = said(command, 0);
    world.same(
        ["linker", "debug info", "wrapper"].map(|what| line(&text, what)).concat(),
        str![[r#"
     ok  linker      set by the user: link-arg=-fuse-ld=mold (RUSTFLAGS); hero changes nothing of it
     ok  debug info  set by the user: debug = 2 (CARGO_PROFILE_DEV_DEBUG)
     ok  wrapper     sccache (set by the user: RUSTC_WRAPPER; no help in the edit loop: incremental builds are not cached)

"#]],
    );

    // The same by file, with the program that is missing.
    std::fs::create_dir_all(world.home("cargo-home")).unwrap();
    std::fs::write(
        world.home("cargo-home/config.toml"),
        "[profile.dev]\ndebug = 1\n
         [target.'cfg(unix)']\nlinker = 'no-such-clang'\nrustflags = ['-Clink-arg=-fuse-ld=nold']\n
         [build]\nrustc-wrapper = 'no-such-cache'\nrustflags = ['-Clinker=ignored']\n",
    )
    .unwrap();
    let text = said(doctor(&world, "", &[]), 3);
    world.same(
        ["linker", "debug info", "wrapper"].map(|what| line(&text, what)).concat(),
        str![[r#"
problem  linker      set by the user: no-such-clang (~/cargo-home/config.toml), link-arg=-fuse-ld=nold (~/cargo-home/config.toml); hero changes nothing of it; there is no `no-such-clang`
         hint: install `no-such-clang`, or take it out of ~/cargo-home/config.toml
     ok  debug info  set by the user: debug = 1 (~/cargo-home/config.toml)
problem  wrapper     there is no `no-such-cache`, which ~/cargo-home/config.toml wants around rustc
         hint: install it, or take it out of ~/cargo-home/config.toml

"#]],
    );
    for off in ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        let mut command = doctor(&world, "", &tools);
        command.env(off, "");
        command.env("RUSTFLAGS", "");
        command.env("RUSTC_WORKSPACE_WRAPPER", "sccache");
        let text = said(command, 3);
        assert!(!text.contains("  wrapper"), "{text}");
        world.same(
            line(&text, "workspace wrapper"),
            str![[r#"
     ok  workspace wrapper  sccache (set by the user: RUSTC_WORKSPACE_WRAPPER; services do not share build directories)

"#]],
        );
    }
}

#[test]
fn heros_own_configuration() {
    let world = World::new();
    let file = world.home(".config/hero/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "[build]\njobs = 3\n").unwrap();
    let text = said(doctor(&world, "", &[]), 0);
    world.same(
        ["jobs", "config"].map(|what| line(&text, what)).concat(),
        str![[r#"
     ok  jobs        3 compilers at once (`jobs` in ~/.config/hero/config.toml)
     ok  config      ~/.config/hero/config.toml

"#]],
    );
    std::fs::write(&file, "[build]\njbos = 3\n").unwrap();
    world.same(
        line(&said(doctor(&world, "", &[]), 3), "config"),
        str![[r#"
problem  config      cannot use the configuration `[ROOT]/home/.config/hero/config.toml`: unknown field `jbos`, expected one of `jobs`, `nice`, `share`; line 2
         hint: edit it, or move it away: [ROOT]/home/.config/hero/config.toml

"#]],
    );
}

#[test]
fn what_stands_in_the_way() {
    let world = World::new();
    world.install("app", &["app", "appctl"], "one");
    std::fs::remove_file(world.bin("appctl")).unwrap();
    std::fs::create_dir_all(world.home(".cache")).unwrap();
    std::fs::write(world.home(".cache/hero"), "").unwrap();
    let text = said(doctor(&world, "", &[]), 3);
    world.same(
        ["builds", "installed"].map(|what| line(&text, what)).concat(),
        str![[r#"
problem  builds      ~/.cache/hero/build cannot be used: ~/.cache/hero is not a folder
         hint: move it away: mv ~/.cache/hero ~/.cache/hero.old
warning  installed   1 service, 1 problem
         hint: see what is wrong: hero verify

"#]],
    );
}

#[test]
fn as_json() {
    let world = World::new();
    let output = doctor(&world, "--json", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap();
    let of = |what: &str| findings.iter().find(|finding| finding["what"] == what).unwrap();
    assert_eq!(of("cargo")["kind"], "ok");
    assert!(of("cargo")["hint"].is_null());
    assert_eq!(of("PATH")["kind"], "warning");
    assert!(of("PATH")["hint"].as_str().unwrap().contains("export PATH="));

    let mut command = doctor(&world, "--json", &[]);
    command.env("PATH", only(&world, &["git"]));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", both(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["findings"][0]["kind"], "problem");
    assert_eq!(found["findings"][0]["what"], "cargo");
}
