//! The judge and the whole suite see what they are there to see.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::case::{self, Outcome};
use super::choose;
use super::judge;
use super::operations::{self, Operation};
use super::prepared::Prepared;
use super::shim;
use super::strace::Fault;
use super::support::{both, skipped};
use super::tree;

/// A world in which the fetch was done and nothing is wrong.
fn done(operation: &Operation) -> Prepared {
    let prepared = Prepared::new(operation);
    let output = prepared.plain();
    assert!(output.status.success(), "{}", both(&output));
    assert_eq!(judge::faults(&prepared.world, &prepared.expected), [] as [&str; 0]);
    prepared
}

/// What the judge says of the checkout when something was done to it.
fn judged(operation: &Operation, spoil: impl FnOnce(&Path)) -> String {
    let prepared = done(operation);
    spoil(&prepared.world.checkout("svc").path);
    judge::faults(&prepared.world, &prepared.expected).join("\n")
}

fn assert_says(said: &str, expected: &[&str]) {
    for line in expected {
        assert!(said.contains(line), "not seen: {line}\n{said}");
    }
}

#[test]
fn leftovers_are_seen() {
    let names = [
        "refs/remotes/origin/main.lock",
        "index.lock",
        "packed-refs.new",
        "objects/pack/tmp_pack_a1B2c3",
        "objects/pack/pack_git2_12345",
        "objects/pack/pack-1234.keep",
        "objects/tmp_object_git2_0123456789abcdef",
        "hero-moving.json",
        ".hero-a1B2c3",
        "tNYFfty",
    ];
    let said = judged(&operations::FORWARD, |checkout| {
        for name in names {
            fs::write(checkout.join(".git").join(name), "").unwrap();
        }
        fs::create_dir(checkout.with_file_name(".svc.tmp-a1B2c3")).unwrap();
        // Files of the user and of the repository may have such names.
        fs::write(checkout.join("x.log"), "").unwrap();
        fs::write(checkout.join("ignored.log.lock"), "").unwrap();
    });
    assert_eq!(said.matches("left over: ").count(), names.len() + 1, "{said}");
    assert_says(&said, &["svc/.git/packed-refs.new", ".svc.tmp-??????", "tmp_pack_??????"]);
    assert_says(&said, &["? ignored.log.lock"]);
}

#[test]
fn a_wrong_state_is_seen() {
    let said = judged(&operations::FORWARD, |checkout| {
        fs::write(checkout.join("a.txt"), "half").unwrap();
        fs::remove_file(checkout.join("notes.txt")).unwrap();
        fs::write(checkout.join(".git/HEAD"), "ref: refs/heads/other\n").unwrap();
    });
    assert_says(&said, &["on other instead of main", "a.txt has the wrong content"]);
    assert_says(&said, &["commit (initial) instead of", "notes.txt of the user is lost"]);
}

#[test]
fn a_lost_commit_is_seen() {
    let said = judged(&operations::RESET, |checkout| {
        fs::remove_dir_all(checkout.join(".git/refs/hero")).unwrap();
    });
    assert_says(&said, &["the local commit of the user is lost", "user.txt of the user is lost"]);
    assert_says(&said, &["notes.txt of the user is lost"]);
    assert!(!said.contains("ignored.log"), "{said}");
}

#[test]
fn damage_is_seen() {
    let said = judged(&operations::FORWARD, |checkout| {
        let packs = tree::entries(&checkout.join(".git/objects/pack"));
        for pack in packs.iter().filter(|it| it.extension().is_some_and(|end| end == "pack")) {
            fs::set_permissions(pack, fs::Permissions::from_mode(0o644)).unwrap();
            let mut bytes = fs::read(pack).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            fs::write(pack, bytes).unwrap();
        }
    });
    assert_says(&said, &["git fsck"]);
}

/// A hero that does nothing when it is run again is found out.
#[test]
fn a_command_that_mends_nothing_is_seen() {
    if let Err(why) = shim::available() {
        skipped(&why);
        return;
    }
    let prepared = done(&operations::FORWARD);
    let points = prepared.watch();
    // A git that dies alone may be tidied up after by the hero that started it.
    let of_hero = points.iter().find(|it| !it.is_of_git() && choose::moves_a_lock(&it.call));
    let point = of_hero.expect("hero moves a ref or the index");
    let outcome = case::run(&prepared, point, Fault::Kill, |prepared| {
        prepared.world.command("--version").output().expect("hero starts")
    });
    let Outcome::Wrong(wrong) = outcome else { panic!("nothing was seen") };
    assert_says(&wrong.join("\n"), &["after the next command: commit", ".lock"]);
}
