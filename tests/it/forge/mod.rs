//! hero against real servers, with git beside it: hero succeeds in every case
//! in which git does, and says what is wrong in every case in which git fails.
//!
//! nginx, sshd, `git daemon`, tinyproxy and a few servers written here run on
//! loopback. Each case of the table in `cases/` sets up a HOME, runs git as
//! the control, then hero, and compares both with what the table says. The
//! table is published as `docs/git-parity.md`; `SNAPSHOTS=overwrite` rewrites it.
//! `FORGE="text|text"` runs only the cases whose id or name contains one of the texts,
//! `FORGE_GIT_ONLY=1` runs git alone, to see that the control is right.
#![allow(clippy::print_stderr, reason = "whoever runs the tests should see how far it is")]

mod asking;
mod case;
mod cases;
mod control;
mod dependencies;
mod engine;
mod judge;
mod lfs_prompt;
mod ps;
mod run;
mod scene;
mod secrets;
mod servers;
mod table;

use crate::support;

#[test]
fn hero_does_what_git_does() {
    let cases = cases::all();
    table::compare(&cases);
    let report = engine::run(&cases);
    eprintln!("{report}");
    assert!(report.is_clean(), "{} of {} cases failed", report.failures(), cases.len());
}
