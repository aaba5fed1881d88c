//! What to check out: branches, tags, commits, refs.

use super::super::case::{Case, case};
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};
use super::web;

const N: &[Need] = &[Nginx];

/// Takes the plain repository with an option, and expects a commit.
fn pick(scene: &mut Scene, option: &str, value: &str, commit: String) {
    web(scene, "git/plain.git");
    scene.option(option, value).expect(commit);
}

pub const CASES: &[Case] = &[
    case("ref-1", "a branch", N, |s| pick(s, "branch", "dev", s.servers.repos.dev.clone())),
    case("ref-2", "a branch with a slash and an umlaut", N, |s| {
        pick(s, "branch", "größe/1.x", s.servers.repos.dev.clone());
    }),
    case("ref-3", "an annotated tag", N, |s| pick(s, "tag", "v1", s.servers.repos.v1.clone())),
    case("ref-4", "a plain tag", N, |s| pick(s, "tag", "v2", s.servers.repos.dev.clone())),
    case("ref-5", "a commit of a branch", N, |s| {
        let commit = s.servers.repos.v1.clone();
        pick(s, "commit", &commit.clone(), commit);
    }),
    case("G18a", "a commit on no branch", N, |s| {
        let commit = s.servers.repos.hidden.clone();
        pick(s, "commit", &commit.clone(), commit);
    }),
    case("G18b", "a commit on no branch, protocol 0", N, |s| {
        let commit = s.servers.repos.hidden.clone();
        pick(s, "commit", &commit.clone(), commit);
        s.config("protocol.version", "0");
    })
    .fails("ref_not_found|unsupported", ""),
    case("G18c", "refs/pull/7/head", N, |s| {
        pick(s, "ref", "refs/pull/7/head", s.servers.repos.pull.clone());
    }),
    case("G18d", "refs/pull/7/head over dumb http", N, |s| {
        web(s, "dumb/plain.git");
        let pull = s.servers.repos.pull.clone();
        s.option("ref", "refs/pull/7/head").expect(pull);
    }),
    case("ref-6", "a ref that is a branch", N, |s| {
        pick(s, "ref", "refs/heads/dev", s.servers.repos.dev.clone());
    }),
    case("ref-7", "a ref that is an annotated tag", N, |s| {
        pick(s, "ref", "refs/tags/v1", s.servers.repos.v1.clone());
    }),
    case("ref-8", "no such branch", N, |s| pick(s, "branch", "dew", String::new()))
        .fails("ref_not_found", "dev"),
    case("ref-9", "no such tag", N, |s| pick(s, "tag", "v3", String::new()))
        .fails("ref_not_found", "v2"),
    case("ref-10", "no such commit", N, |s| {
        pick(s, "commit", "0123456789abcdef0123456789abcdef01234567", String::new());
    })
    .fails("ref_not_found", ""),
    case("ref-11", "no such ref", N, |s| pick(s, "ref", "refs/pull/8/head", String::new()))
        .fails("ref_not_found", ""),
    case("ref-12", "one of 300 branches", N, |s| {
        web(s, "git/many.git");
        s.option("branch", "topic/217");
    }),
    case("ref-13", "one of 300 branches, protocol 0", N, |s| {
        web(s, "git/many.git");
        s.option("branch", "topic/217").config("protocol.version", "0");
    }),
    case("ref-14", "a tag over dumb http", N, |s| {
        web(s, "dumb/plain.git");
        let v1 = s.servers.repos.v1.clone();
        s.option("tag", "v1").expect(v1);
    }),
];
