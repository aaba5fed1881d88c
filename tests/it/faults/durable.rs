//! What is on disk when something becomes visible, seen in the order of calls.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::operations::{FRESH, Operation, REPLACE, ROLLBACK};
use super::prepared::Prepared;
use super::strace;
use super::support::skipped;
use super::trace::Call;
use super::tree;

/// Files and folders that have changed and were not synced since.
#[derive(Default)]
struct Unsynced(BTreeSet<PathBuf>);

impl Unsynced {
    fn see(&mut self, call: &Call, root: &Path) {
        let [first, .., last] = &call.paths[..] else {
            if let [only] = &call.paths[..] {
                self.see_one(call, only, root);
            }
            return;
        };
        match call.name.as_str() {
            "rename" | "renameat" | "renameat2" => self.rename(first, last),
            "link" | "linkat" => self.entry(last),
            // The second one is written to.
            _ => self.change(last),
        }
    }

    fn see_one(&mut self, call: &Call, path: &Path, root: &Path) {
        match call.name.as_str() {
            "fsync" | "fdatasync" => drop(self.0.remove(path)),
            // It has no name.
            "openat" if call.has("O_TMPFILE") => {}
            "openat" | "open" | "creat" | "mkdir" | "mkdirat" => {
                if call.changes(root) {
                    self.entry(path);
                    self.change(path);
                }
            }
            "symlink" | "symlinkat" => self.entry(path),
            "unlink" | "unlinkat" | "rmdir" => {
                self.0.retain(|it| !it.starts_with(path));
                self.entry(path);
            }
            _ => self.change(path),
        }
    }

    fn change(&mut self, path: &Path) {
        self.0.insert(path.to_owned());
    }

    /// What a folder lists has changed.
    fn entry(&mut self, path: &Path) {
        self.change(path.parent().expect("a folder"));
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        let moved: Vec<_> = self.below(from);
        self.0.retain(|it| !it.starts_with(from) && !it.starts_with(to));
        for path in moved {
            let rest = path.strip_prefix(from).expect("it is below");
            self.0.insert(if rest == Path::new("") { to.to_owned() } else { to.join(rest) });
        }
        self.entry(from);
        self.entry(to);
    }

    fn below(&self, folder: &Path) -> Vec<PathBuf> {
        self.0.iter().filter(|it| it.starts_with(folder)).cloned().collect()
    }
}

/// The calls of a change that succeeded and concern files, in order; `None`
/// where strace cannot be used.
fn calls(operation: &Operation) -> Option<(Prepared, Vec<Call>)> {
    if let Err(why) = strace::available() {
        skipped(&why);
        return None;
    }
    let prepared = Prepared::new(operation);
    let mut calls = prepared.watch(operation);
    calls.retain(|call| call.succeeded() && !call.paths.is_empty());
    Some((prepared, calls))
}

fn renames(call: &Call) -> Option<(&Path, &Path)> {
    match &call.paths[..] {
        [from, to] if call.name.starts_with("rename") => Some((from, to)),
        _ => None,
    }
}

/// Whatever becomes visible is on disk before, and that it is visible after.
fn is_durable(operation: &Operation) {
    let Some((prepared, calls)) = calls(operation) else { return };
    let (world, root) = (&prepared.world, prepared.world.root());
    let store = world.home(".local/share/hero/store");
    let service = store.join("svc");
    let current = world.home(".local/share/hero/current");
    let mut unsynced = Unsynced::default();
    let mut steps = Vec::new();
    for call in &calls {
        match renames(call) {
            Some((from, to)) if to.parent() == Some(&service) => {
                assert!(tree::name(from).starts_with(".staging-"), "{call:?}");
                assert_eq!(unsynced.below(from), [] as [PathBuf; 0], "at {call:?}");
                // The model has seen these files at all.
                let published = tree::paths(to);
                assert!(published.iter().any(|path| tree::name(path) == "receipt.json"));
                steps.push("published");
            }
            Some((_, to)) if to == current.join("svc") => {
                assert_eq!(unsynced.below(&store), [] as [PathBuf; 0], "at {call:?}");
                steps.push("switched");
            }
            _ => {}
        }
        unsynced.see(call, &root);
    }
    assert_eq!(steps, ["published", "switched"]);
    for folder in [&store, &current, &world.bin("")] {
        assert_eq!(unsynced.below(folder), [] as [PathBuf; 0], "at the end");
    }
}

#[test]
fn a_fresh_install_is_on_disk_before_it_is_visible() {
    is_durable(&FRESH);
}

#[test]
fn a_replacement_is_on_disk_before_it_is_visible() {
    is_durable(&REPLACE);
}

#[test]
fn the_folders_that_a_first_install_makes_are_on_disk_too() {
    let Some((prepared, calls)) = calls(&FRESH) else { return };
    let (world, root) = (&prepared.world, prepared.world.root());
    let mut unsynced = Unsynced::default();
    for call in &calls {
        unsynced.see(call, &root);
    }
    let binary = world.home(".local/bin/a");
    let current = world.home(".local/share/hero/current/svc");
    let above = |path: &&PathBuf| binary.starts_with(path) || current.starts_with(path);
    let above: Vec<_> = unsynced.0.iter().filter(above).collect();
    assert_eq!(above, [] as [&PathBuf; 0], "at the end");
}

#[test]
fn a_rollback_is_one_rename() {
    let Some((prepared, calls)) = calls(&ROLLBACK) else { return };
    let (world, root) = (&prepared.world, prepared.world.root());
    let hero = world.home(".local/share/hero");
    let renames: Vec<_> = calls.iter().filter_map(renames).map(|(_, to)| to).collect();
    assert_eq!(renames, [hero.join("current/svc")]);
    // Whether it may write is tried with files that have no names.
    let touched: Vec<_> = calls
        .iter()
        .filter(|call| call.changes(&root) && !call.has("O_TMPFILE"))
        .filter(|call| call.paths.iter().any(|path| !path.starts_with(hero.join("current"))))
        .filter(|call| call.paths.iter().any(|path| !path.starts_with(world.home(".local/state"))))
        .map(|call| call.describe(&root))
        .collect();
    assert_eq!(touched, [] as [String; 0]);
}

#[test]
fn what_is_unsynced_is_known() {
    let root = Path::new("/r");
    let left = |text: &str| {
        let mut unsynced = Unsynced::default();
        for call in super::trace::parse(text) {
            unsynced.see(&call, root);
        }
        unsynced.0.into_iter().map(|it| it.display().to_string()).collect::<Vec<_>>()
    };
    let begin =
        "1 openat(5</r>, \"a\", O_CREAT|O_WRONLY) = 3</r/a>\n1 write(3</r/a>, \"x\", 1) = 1\n";
    assert_eq!(left(begin), ["/r", "/r/a"]);
    let synced = format!("{begin}1 fsync(3</r/a>) = 0\n");
    assert_eq!(left(&synced), ["/r"]);
    let renamed = format!("{begin}1 rename(\"/r/a\", \"/r/d/b\") = 0\n1 fsync(3</r>) = 0\n");
    assert_eq!(left(&renamed), ["/r/d", "/r/d/b"]);
    let copied = format!("{synced}1 copy_file_range(3</r/b>, NULL, 3</r/a>, NULL, 1, 0) = 1\n");
    assert_eq!(left(&copied), ["/r", "/r/a"]);
}
