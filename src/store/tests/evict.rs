//! The last use of generations, and which ones are unused.

use std::time::Duration;

use super::{Home, name};
use crate::store::{Clear, Idle};
use crate::sys::disk;

/// Makes it look as if a generation had been installed so many days ago.
fn age(home: &Home, generation: &str, days: u64) {
    let folder = home.root.store.join("svc").join(generation);
    let mut receipt = super::super::Receipt::read(&folder, &name("svc"), generation).unwrap();
    receipt.installed_at = jiff::Timestamp::now() - Duration::from_hours(24 * days);
    receipt.write(&folder).unwrap();
}

fn idle(home: &Home) -> Vec<Idle> {
    let mut idle = home.store.idle(&[name("svc")]);
    idle.sort_by_key(|it| it.used);
    idle
}

#[test]
fn a_generation_was_in_use_until_the_next_was_installed() {
    let home = Home::new();
    let install =
        |text: &str| home.build("svc", &["a"], text).profile("debug").install().unwrap().generation;
    let [first, second, third] = ["one", "two", "three"].map(install);
    for (generation, days) in [(&first, 40), (&second, 10), (&third, 5)] {
        age(&home, generation, days);
    }
    let found = idle(&home);
    let names: Vec<&str> = found.iter().map(|it| it.generation.as_str()).collect();
    assert_eq!(names, [&first, &second], "the current one is in use");
    let days = |it: &Idle| (jiff::Timestamp::now() - it.used).as_secs() / 86_400;
    assert_eq!((days(&found[0]), days(&found[1])), (10, 5));

    let before = |days: u64| Clear {
        used_before: Some(jiff::Timestamp::now() - Duration::from_hours(24 * days)),
        force: true,
        ..Clear::default()
    };
    let clear = |what: &Clear| home.store.clear(what, &home.events, &home.cancel).unwrap().removed;
    assert_eq!(clear(&before(11)), []);
    assert_eq!(clear(&before(7))[0].generation, first);
    assert_eq!(clear(&before(1))[0].generation, second);
    assert_eq!(clear(&before(0)), [], "not the current one, whatever its age");
    home.assert_sound();
}

#[test]
fn what_is_current_or_runs_by_now_is_not_discarded() {
    let home = Home::new();
    let running = home.start_shell("svc");
    let old = home.stored("svc").remove(0);
    let middle = home.build("svc", &["sh"], "middle").install().unwrap().generation;
    let current = home.build("svc", &["sh"], "new").install().unwrap().generation;
    let discard = |generation: &str| {
        home.store.discard(&name("svc"), generation, &home.events, &home.cancel).unwrap()
    };
    assert_eq!((discard(&old), discard(&current), discard("none")), (0, 0, 0));
    let size = disk::used(&home.root.store.join("svc").join(&middle));
    assert_eq!(discard(&middle), size);
    assert_eq!(home.stored("svc").len(), 2);
    drop(running);
    assert!(discard(&old) > 0);
    assert_eq!((home.stored("svc"), home.run("sh").unwrap()), (vec![current], "sh new".into()));
    home.assert_sound();
}
