//! `docs/git-parity.md`: the table as a document.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::case::{Case, Git, Hero};

const FILE: &str = "docs/git-parity.md";

const HEAD: &str = "\
# git and hero, side by side

hero succeeds in every case in which git 2.31 or newer does without a terminal
(`GIT_TERMINAL_PROMPT=0`). `cargo test --test it forge::` proves it: each row is set up with real servers
on loopback, done with git, then done with hero, and both results are compared with this table. No
secret may reach another host, port or scheme, a file, the output, or the arguments of a program.

A row whose server or right (last column) is missing on a machine is skipped there. `G…` numbers
name the fault that the row keeps from coming back. Written by the test
(`SNAPSHOTS=overwrite cargo test --test it forge::`); do not edit.

| id | case | git | hero | needs |
|---|---|---|---|---|
";

/// Compares the document with the table, or writes it.
pub fn compare(cases: &[&Case]) {
    let mut ids = BTreeSet::new();
    for case in cases {
        assert!(ids.insert(case.id), "{} is there twice", case.id);
    }
    let text = document(cases);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, text).expect("the document is written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{FILE} is not current; SNAPSHOTS=overwrite rewrites it");
}

fn document(cases: &[&Case]) -> String {
    let mut text = HEAD.to_owned();
    for case in cases {
        let git = match case.git {
            Git::Works => "works",
            Git::Nothing => "works, nothing is checked out",
            Git::Fails => "fails",
            Git::Hangs => "hangs",
        };
        let hero = match case.hero {
            Hero::Works => "works".to_owned(),
            Hero::Fails("*", _) => "fails".to_owned(),
            Hero::Fails(kinds, _) => {
                let kinds: Vec<_> = kinds.split('|').map(|kind| format!("`{kind}`")).collect();
                kinds.join(" or ")
            }
        };
        let needs: Vec<_> = case.needs.iter().map(|need| need.name()).collect();
        let needs = needs.join(", ");
        writeln!(text, "| {} | {} | {git} | {hero} | {needs} |", case.id, case.name)
            .expect("a text takes everything");
    }
    text
}
