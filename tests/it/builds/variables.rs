//! Variables: a description's hold for all that cargo is asked, the user's own stay.

use std::process::Command;

use crate::support::{World, both, skipped};

#[test]
fn those_of_a_description_hold_for_every_question() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("cargo"));
    let real = real.into_iter().find(|file| file.is_file()).unwrap();
    // A cargo of the service's own, which notes what it is asked.
    let notes = world.work("notes");
    let text =
        format!("#!/bin/sh\necho \"$1\" >> {}\nexec {} \"$@\"\n", notes.display(), real.display());
    let own = world.write("tools/cargo", &text);
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o755)).unwrap();
    let repo = world.crate_repo("app", "one");
    let path = format!("{}:{path}", world.work("tools").display());
    world.service("app", &repo, &format!("env: #{{ PATH: {path:?} }},"));
    world.succeed("run app.rhai --debug");
    // The names of the binaries, the request, the build.
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "metadata\nmetadata\nbuild\n");
}

#[test]
fn a_toolchain_that_the_user_chose_counts_beside_a_variable_cargo() {
    if Command::new("rustup").arg("-V").output().is_err() {
        return skipped("there is no rustup");
    }
    let world = World::new();
    world.service("app", &world.crate_repo("app", "one"), "");
    let mut command = world.command("run app.rhai --debug");
    command.env("CARGO", "cargo").env("RUSTUP_TOOLCHAIN", "no-such-toolchain");
    let output = command.env("RUSTUP_AUTO_INSTALL", "0").output().unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("no-such-toolchain"), "{text}");
}
