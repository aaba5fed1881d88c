//! git-lfs: large files are there, or it is said why not.

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Lfs, Nginx, Ssh};
use super::{login_here, origin, token_here, web};

const N: &[Need] = &[Nginx, Lfs];

/// Installs the filters of git-lfs in HOME, as `git lfs install` does, and
/// expects the large file in full.
fn install(scene: &mut Scene) {
    scene.config("filter.lfs.clean", "git-lfs clean -- %f");
    scene.config("filter.lfs.smudge", "git-lfs smudge -- %f");
    scene.config("filter.lfs.process", "git-lfs filter-process");
    scene.config("filter.lfs.required", "true");
    scene.expected = None;
    let content = scene.servers.repos.large.1.clone();
    scene.check(Check::Content("large.bin", content));
}

pub const CASES: &[Case] = &[
    case("G19a", "a large file over http", N, |s| {
        install(s);
        web(s, "git/lfs.git");
    }),
    case("G19b", "a large file over https", N, |s| {
        install(s);
        let nginx = s.servers.nginx();
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/git/lfs.git", nginx.https));
    }),
    case("G19c", "a large file behind a login in the store", N, |s| {
        install(s);
        login_here(s);
        web(s, "auth/lfs.git");
    }),
    case(
        "G19j",
        "a large file, a user in the address and a helper that knows this user only",
        N,
        |s| {
            install(s);
            let origin = origin(s);
            let password = s.password(&origin);
            super::logins::helper_of_alice(s, &password);
            s.repo(super::logins::as_alice(&origin) + "/auth/lfs.git");
        },
    ),
    case("G19d", "a large file behind a token of hero", N, |s| {
        install(s);
        token_here(s);
        web(s, "auth/lfs.git");
    })
    .only_hero_works(),
    case("G19e", "a large file that the server does not have", N, |s| {
        install(s);
        s.checks.clear();
        web(s, "git/lfs-lost.git");
    })
    .fails("lfs", "large.bin"),
    case("G19f", "the filters are not installed: the pointer stays", N, |s| {
        s.expected = None;
        web(s, "git/lfs.git");
    }),
    case("G19g", "a large file over ssh", &[Nginx, Lfs, Ssh], |s| {
        install(s);
        super::ssh::usual(s, "lfs.git");
    }),
    case("G19h", "lfs.url in .lfsconfig", N, |s| {
        let name = s.own_repo();
        install(s);
        let (pointer, url) = (pointer(s), format!("{}/git/lfs.git/info/lfs", origin(s)));
        let work = &s.origin().work;
        work.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        work.write(".lfsconfig", &format!("[lfs]\n\turl = {url}\n"));
        work.write("large.bin", &pointer);
        work.git("-c filter.lfs.process= -c filter.lfs.clean=cat add --all");
        work.git("-c filter.lfs.process= -c filter.lfs.clean=cat commit -qm large");
        s.origin().publish();
        web(s, &format!("git/{name}"));
    }),
    case("G19i", "an update brings a large file", N, |s| {
        let name = s.own_repo();
        web(s, &format!("git/{name}"));
        s.then = Some(|s| {
            install(s);
            let (pointer, url) = (pointer(s), format!("{}/git/lfs.git/info/lfs", origin(s)));
            s.config("lfs.url", url);
            let work = &s.origin().work;
            work.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
            work.write("large.bin", &pointer);
            work.git("-c filter.lfs.process= -c filter.lfs.clean=cat add --all");
            work.git("-c filter.lfs.process= -c filter.lfs.clean=cat commit -qm large");
            s.origin().publish();
            s.raw_option("update", "true");
        });
    }),
];

fn pointer(scene: &Scene) -> String {
    let (name, content) = &scene.servers.repos.large;
    let version = "version https://git-lfs.github.com/spec/v1";
    format!("{version}\noid sha256:{name}\nsize {}\n", content.len())
}
