//! Every call of a fetch that could fail, made to fail, in hero and in each git
//! that it starts: whatever happens, nothing of the user's is lost, and the same
//! command, given again, succeeds and leaves nothing behind.
//!
//! A fetch is run once to see its calls, each process under an strace of its
//! own. Then, for each call that changes something of a checkout, it is run
//! again from the same start with a fault at that call of that process.
//! `HERO_FAULTS=all` gives every fault to every call.

mod case;
mod choose;
mod control;
mod engine;
mod expected;
mod judge;
mod locks;
mod mine;
mod operations;
mod orphan;
mod prepared;
mod shim;

use crate::faults::{pool, strace, trace, tree};
use crate::support;
use engine::run;

#[test]
fn first_clone_of_a_path() {
    run(&operations::CLONE);
}

#[test]
fn first_clone_of_a_file_url() {
    run(&operations::CLONE_URL);
}

#[test]
fn update() {
    run(&operations::FORWARD);
}

#[test]
fn a_branch_in_the_way_of_another() {
    run(&operations::RENAMED);
}

#[test]
fn reset() {
    run(&operations::RESET);
}

#[test]
fn another_branch() {
    run(&operations::BRANCH);
}

#[test]
fn a_tag() {
    run(&operations::TAG);
}

#[test]
fn first_clone_with_a_submodule() {
    run(&operations::SUBMODULES);
}

#[test]
fn update_with_a_submodule() {
    run(&operations::SUBMODULE_UPDATE);
}

#[test]
fn update_after_a_forced_push() {
    run(&operations::FORCED);
}

#[test]
fn reset_to_another_remote() {
    run(&operations::MOVED);
}
