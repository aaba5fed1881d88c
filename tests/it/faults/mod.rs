//! Every call of a change that could fail, made to fail: all old or all new,
//! always, and the next command works.
//!
//! A change is run once under strace to see its calls. Then, for each call that
//! changes something, it is run again from the same start with a fault at that
//! call: killed there, or told that the disk is broken or full, once or from
//! then on.

mod case;
mod check;
mod durable;
mod engine;
mod operations;
pub mod pool;
mod prepared;
mod recovery;
pub mod strace;
pub mod trace;
pub mod tree;

use crate::support;
use engine::run;

#[test]
fn fresh_install() {
    run(&operations::FRESH);
}

#[test]
fn replace() {
    run(&operations::REPLACE);
}

#[test]
fn rollback_to_one_of_choice() {
    run(&operations::ACTIVATE);
}

#[test]
fn rollback() {
    run(&operations::ROLLBACK);
}

#[test]
fn uninstall() {
    run(&operations::UNINSTALL);
}

#[test]
fn clear_of_what_is_not_current() {
    run(&operations::CLEAR);
}

#[test]
fn clear_of_what_is_current() {
    run(&operations::CLEAR_CURRENT);
}

#[test]
fn install_over_a_stranger() {
    run(&operations::STRANGER);
}

#[test]
fn update_over_a_stranger() {
    run(&operations::STRANGER_UPDATE);
}

#[test]
fn install_that_prunes() {
    run(&operations::PRUNE);
}

#[test]
fn reinstall_of_an_older_generation() {
    run(&operations::REUSE);
}

#[test]
fn repair() {
    run(&operations::REPAIR);
}

#[test]
fn recovery_of_an_update_before_its_commit() {
    run(&recovery::BRIDGED);
}

#[test]
fn recovery_of_an_update_after_its_commit() {
    run(&recovery::COMMITTED);
}

#[test]
fn recovery_of_an_uninstallation() {
    run(&recovery::UNINSTALLED);
}
