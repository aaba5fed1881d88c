//! What the kill of another change left is mended by the install of a service
//! `more`; it is that install which is broken.

use std::path::PathBuf;

use super::operations::{Operation, PLAIN, STRANGER_UPDATE, UNINSTALL, single};
use super::prepared::Hero;
use super::strace::{self, Fault};
use super::support::World;
use super::trace::Call;
use super::tree;

/// The update over a stranger was killed when nothing but its commit was left
/// to do: `current/svc` and the stranger's name lead over the bridge.
pub const BRIDGED: Operation = Operation {
    name: "recovery of a bridge",
    setup: |world| {
        killed(world, &STRANGER_UPDATE, last_switch);
        assert!(tree::name(&leads_to(world)).starts_with(".bridge-"));
        more(world)
    },
    before: &["a one", "b one", "c stranger"],
    after: &["a one", "b one", "c stranger", "more one"],
    stranger: STRANGER_UPDATE.stranger,
    ..PLAIN
};

/// The same was killed right after its commit: the bridge is left, and the link
/// of a binary that is no more.
pub const COMMITTED: Operation = Operation {
    name: "recovery of a commit",
    setup: |world| {
        killed(world, &STRANGER_UPDATE, |calls, world| last_switch(calls, world) + 1);
        let left = tree::entries(leads_to(world).parent().expect("a folder"));
        assert!(left.iter().any(|path| tree::name(path).starts_with(".bridge-")), "{left:?}");
        more(world)
    },
    before: &["b two", "c two"],
    after: &["b two", "c two", "more one"],
    stranger: STRANGER_UPDATE.stranger,
    ..PLAIN
};

/// The uninstallation was killed when the service's folder had been renamed away.
pub const UNINSTALLED: Operation = Operation {
    name: "recovery of an uninstallation",
    setup: |world| {
        killed(world, &UNINSTALL, |calls, world| {
            let removes = |call: &Call| {
                call.name.starts_with("unlink") && call.paths.last() == Some(&link(world))
            };
            calls.iter().position(removes).expect("the link is removed")
        });
        assert!(!leads_to(world).exists());
        more(world)
    },
    after: &["more one"],
    ..PLAIN
};

/// Starts an operation and kills it at the call of this index.
fn killed(world: &World, operation: &Operation, choose: fn(&[Call], &World) -> usize) {
    let arguments = (operation.setup)(world);
    let hero = Hero { world, arguments: &arguments };
    let (home, kept) = (world.home(""), world.root().join("before the kill"));
    tree::replace(&home, &kept);
    let (_, mut calls) = strace::watch(&hero);
    calls.retain(|call| call.changes(&world.root()));
    let call = &calls[choose(&calls, world)];
    tree::replace(&kept, &home);
    let (_, calls) = strace::break_at(&hero, call, Fault::Kill);
    let hit = calls.iter().find(|it| it.was_hit()).expect("the call is hit");
    assert_eq!((&hit.name, hit.paths.last()), (&call.name, call.paths.last()));
}

/// The commit: the last rename to `current/svc`.
fn last_switch(calls: &[Call], world: &World) -> usize {
    let switches =
        |call: &Call| call.name.starts_with("rename") && call.paths.last() == Some(&link(world));
    calls.iter().rposition(switches).expect("a commit")
}

fn link(world: &World) -> PathBuf {
    world.home(".local/share/hero/current/svc")
}

fn leads_to(world: &World) -> PathBuf {
    std::fs::read_link(link(world)).expect("it is a link")
}

fn more(world: &World) -> String {
    single(world, "more", "more one")
}
