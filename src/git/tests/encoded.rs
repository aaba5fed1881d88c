//! A checkout whose files are in another encoding in the tree, and git's own eyes.

use super::support::{Upstream, World};
use crate::git::{Mode, status};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::Cmd;

/// An upstream whose text files are in UTF-16 in a tree, cloned.
pub(crate) fn encoded() -> (World, Upstream) {
    let (world, upstream) = World::with_upstream();
    upstream.commit(&[(".gitattributes", "*.txt working-tree-encoding=UTF-16LE\n")]);
    upstream.commit(&[(".gitignore", "ignored.txt\n"), ("plain", "plain one\n")]);
    let fetched = world.get(&upstream, Mode::Keep).unwrap();
    assert!(fetched.cloned && !fetched.dirty);
    assert_eq!(text(&world, "a.txt"), "a one\n");
    (world, upstream)
}

/// The text of a file in UTF-16.
pub(crate) fn text(world: &World, name: &str) -> String {
    let bytes = fs::read(&world.file(name)).unwrap();
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap()
}

pub(crate) fn write(world: &World, name: &str, text: &str) {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::create_dir_all(fs::parent(&world.file(name))).unwrap();
    fs::write(&world.file(name), &bytes).unwrap();
}

/// Git in the checkout, with its own eyes.
pub(crate) fn git(world: &World, args: &str) -> String {
    let cmd = Cmd::new("git").cwd(&world.path()).args(args.split(' '));
    let output = cmd.output(&Cancel::default()).unwrap();
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Both git and hero see these edits.
pub(crate) fn assert_edits(world: &World, edits: &[&str]) {
    assert_eq!(status(&world.path()).unwrap().edits, edits);
    let seen = git(world, "--no-optional-locks status --porcelain --untracked-files=all");
    let mut seen: Vec<&str> = seen.lines().map(|line| &line[3..]).collect();
    seen.sort_unstable();
    assert_eq!(seen, edits);
}
