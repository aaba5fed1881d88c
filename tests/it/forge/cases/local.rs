//! `git daemon`, `file://`, and paths.

use super::super::case::{Case, Git, case};
use super::super::scene::Scene;
use super::super::servers::Need::{Daemon, Ipv6, Root};

/// Takes a path of this machine.
fn path(scene: &mut Scene, repo: &str) {
    scene.repo(scene.servers.repos.path(repo));
}

/// Takes the address of a repository at `git daemon`.
fn daemon(scene: &mut Scene, repo: &str) {
    scene.repo(scene.servers.daemon().url(repo));
}

pub const CASES: &[Case] = &[
    case("git-1", "git://, IPv4", &[Daemon], |s| daemon(s, "plain.git")),
    case("git-2", "git://, IPv6", &[Ipv6], |s| {
        daemon(s, "plain.git");
        let address = s.address.replace("127.0.0.1", "[::1]");
        s.repo(address);
    }),
    case("git-3", "git://, protocol 0", &[Daemon], |s| {
        daemon(s, "plain.git");
        s.config("protocol.version", "0");
    }),
    case("git-4", "git://, no such repository", &[Daemon], |s| daemon(s, "missing.git"))
        .fails("remote_not_found", ""),
    case("git-5", "git://, core.gitProxy", &[Daemon], |s| {
        let root = s.servers.repos.root.display().to_string();
        let lines = format!("exec git daemon --inetd --export-all --base-path={root} {root}");
        let tunnel = s.program("tunnel", lines);
        s.config("core.gitProxy", tunnel.display().to_string());
        s.repo("git://forge.invalid/plain.git");
    }),
    case("G17c", "a shallow repository over git://", &[Daemon], |s| daemon(s, "shallow.git")),
    case("path-1", "an absolute path", &[], |s| path(s, "plain.git")),
    case("path-2", "file://", &[], |s| {
        path(s, "plain.git");
        let address = format!("file://{}", s.address);
        s.repo(address);
    }),
    case("path-3", "a path with a space", &[], |s| path(s, "odd name.git")),
    case("path-4", "no such path", &[], |s| path(s, "missing.git")).fails("remote_not_found", ""),
    case("path-5", "a folder that is no repository", &[], |s| {
        s.repo(s.world.root().join("remote").display().to_string());
    })
    .fails("remote_not_found", ""),
    case("path-6", "a bundle", &[], |s| path(s, "plain.bundle")),
    case("G17d", "a shallow repository by path", &[], |s| path(s, "shallow.git")),
    case("G17e", "a shallow repository by file://", &[], |s| {
        path(s, "shallow.git");
        let address = format!("file://{}", s.address);
        s.repo(address);
    }),
    case("G41a", "a repository of another user, by path", &[Root], |s| path(s, "foreign.git"))
        .fails("owner", "safe.directory"),
    case("G41b", "a repository of another user, by file://", &[Root], |s| {
        path(s, "foreign.git");
        let address = format!("file://{}", s.address);
        s.repo(address);
    })
    .fails("owner", "safe.directory"),
    case("G41c", "the same, named by safe.directory", &[Root], |s| {
        path(s, "foreign.git");
        let folder = s.address.clone();
        s.config("safe.directory", folder);
    }),
    case("G41d", "the same, safe.directory is `*`", &[Root], |s| {
        path(s, "foreign.git");
        s.config("safe.directory", "*");
    }),
    case("G21a", "a SHA-256 repository", &[], |s| {
        path(s, "sha256.git");
        s.expect(s.servers.repos.sha256.clone());
    }),
    case("path-7", "a repository without commits", &[], |s| path(s, "empty.git")).hero_fails(
        Git::Nothing,
        "remote_empty",
        "",
    ),
    case("path-8", "HEAD names a branch that is not there", &[], |s| path(s, "adrift.git"))
        .git(Git::Nothing),
    case("path-9", "the same, with a branch", &[], |s| {
        path(s, "adrift.git");
        s.option("branch", "main");
    }),
    case("G22a", "`hero run install PATH`, as a plan", &[], |s| {
        path(s, "plain.git");
        s.arguments = vec!["install".into(), s.address.clone(), "--dry-run".into()];
        s.expected = None;
        s.check(super::super::judge::Check::Printed("plain"));
    }),
    case("path-10", "a pack of 300 kB by file://", &[], |s| {
        path(s, "big.git");
        let address = format!("file://{}", s.address);
        s.repo(address);
        s.expected = None;
    }),
];
