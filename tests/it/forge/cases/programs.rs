//! The git program itself: missing, too old, just old enough.

use super::super::case::{Case, Git, case};
use super::super::judge::Check;
use super::super::scene::{Scene, write};
use super::super::servers::Need::{self, Nginx};
use super::super::servers::find;
use super::web;

const N: &[Need] = &[Nginx];

/// Puts a `git` first on PATH.
fn shim(scene: &mut Scene, script: &str) {
    let folder = scene.world.root().join("old");
    let git = find("git").expect("git is there").display().to_string();
    write(&folder.join("git"), &script.replace("{GIT}", &git), 0o755);
    let path = std::env::var("PATH").expect("PATH is text");
    scene.env("PATH", format!("{}:{path}", folder.display()));
}

/// A git that knows no more than 2.31 did.
fn old_enough(scene: &mut Scene) {
    let rejected = scene.world.home("rejected");
    scene.check(Check::NotWritten(rejected, "git".into()));
    shim(scene, include_str!("git-2.31"));
}

pub const CASES: &[Case] = &[
    case("program-1", "there is no git", &[], |s| {
        s.repo(s.servers.repos.path("plain.git"));
        s.env("PATH", s.world.root().join("nothing").display().to_string());
    })
    .fails("program_not_found", "git"),
    case("G50a", "git 2.30.2", &[], |s| {
        s.repo(s.servers.repos.path("plain.git"));
        shim(s, "#!/bin/sh\n[ \"$1\" = --version ] && echo git version 2.30.2 && exit\nexec {GIT} \"$@\"\n");
    })
    .hero_fails(Git::Works, "git_too_old", "2.31"),
    case("G50b", "git 2.31: a clone", N, |s| {
        old_enough(s);
        web(s, "git/plain.git");
    }),
    case("G50c", "git 2.31: a commit on no branch", N, |s| {
        old_enough(s);
        web(s, "git/plain.git");
        let hidden = s.servers.repos.hidden.clone();
        s.option("commit", &hidden).expect(hidden);
    }),
    case("G50d", "git 2.31: a token", N, |s| {
        old_enough(s);
        super::token_here(s);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("G50e", "git 2.31: an update", N, |s| {
        old_enough(s);
        let name = s.own_repo();
        web(s, &format!("git/{name}"));
        s.then = Some(|s| {
            s.new_commit();
            s.raw_option("update", "true");
        });
    }),
    case("G50f", "git 2.31: a submodule", N, |s| {
        old_enough(s);
        let name = super::submodules::with_part(s, "../plain.git");
        web(s, &format!("git/{name}"));
    }),
    case("G50g", "git 2.31: ssh", &[Need::Ssh], |s| {
        super::ssh::usual(s, "plain.git");
        old_enough(s);
        let path = s.env.iter().rev().find_map(|(name, value)| {
            (name == "PATH").then(|| value.clone().expect("a value"))
        });
        let shims = s.world.root().join("shims");
        s.env("PATH", format!("{}:{}", shims.display(), path.expect("a PATH")));
    }),
];
