//! Submodules: relative, elsewhere, with logins of their own.

use super::super::case::{Case, case};
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx, Ssh};
use super::{configured, login_here, origin, place, store, token_here, web, with_login};

const N: &[Need] = &[Nginx];

/// Makes a repository with the submodule `part` from `url` and takes all of it.
pub fn with_part(scene: &mut Scene, url: &str) -> String {
    let name = scene.own_repo();
    let part = scene.servers.repos.main.clone();
    let work = &scene.origin().work;
    work.write(".gitmodules", &format!("[submodule \"part\"]\n\tpath = part\n\turl = {url}\n"));
    work.git(&format!("update-index --add --cacheinfo 160000,{part},part"));
    work.git("add .gitmodules");
    work.git("commit --quiet --message part");
    let commit = work.git("rev-parse HEAD");
    scene.origin().publish();
    scene.raw_option("submodules", "true").expect(commit);
    let content = "the second version\n".to_owned();
    scene.check(super::super::judge::Check::Content("part/README.md", content));
    name
}

pub const CASES: &[Case] = &[
    case("submodule-1", "a relative address over http", N, |s| {
        let name = with_part(s, "../plain.git");
        web(s, &format!("git/{name}"));
    }),
    case("submodule-2", "an address on another port", N, |s| {
        let part = format!("{}/git/plain.git", s.servers.nginx().other);
        let name = with_part(s, &part);
        web(s, &format!("git/{name}"));
    }),
    case("submodule-3", "logins for both in the store", N, |s| {
        let (here, other) = (origin(s), s.servers.nginx().other.clone());
        let lines = [&here, &other].map(|origin| with_login(origin, "alice", &s.password(origin)));
        store(s, &lines);
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        web(s, &format!("auth/{name}"));
    }),
    case("submodule-4", "the login of its parent does not go to another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        login_here(s);
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        web(s, &format!("auth/{name}"));
        s.checks.clear();
    })
    .fails("auth_required", "part"),
    case("submodule-5", "the token of its parent does not go to another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        token_here(s);
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        web(s, &format!("auth/{name}"));
        s.checks.clear();
    })
    .fails("auth_required", "part|config.toml: [git.tokens] \"127.0.0.1:"),
    case("submodule-6", "the token of its parent is its own on the same server", N, |s| {
        token_here(s);
        let name = with_part(s, "../plain.git");
        web(s, &format!("auth/{name}"));
    })
    .only_hero_works(),
    case("submodule-7", "a password in the parent's address does not go to another port", N, |s| {
        let (here, other) = (origin(s), s.servers.nginx().other.clone());
        let password = s.password(&here);
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        s.repo(with_login(&here, "alice", &password) + "/auth/" + &name);
        s.checks.clear();
    })
    .fails("auth_required", "part"),
    case("submodule-8", "a path of this machine in a repository from elsewhere", N, |s| {
        let part = s.servers.repos.path("plain.git");
        let name = with_part(s, &part);
        web(s, &format!("git/{name}"));
        s.checks.clear();
    })
    .fails("*", "part"),
    case("submodule-12", "[git.tokens] for both servers", N, |s| {
        let (here, other) = (origin(s), s.servers.nginx().other.clone());
        for origin in [&here, &other] {
            let token = s.password(origin);
            configured(s, place(origin), &token);
        }
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        web(s, &format!("auth/{name}"));
    })
    .only_hero_works(),
    case("submodule-13", "[git.tokens] for the host alone is not for another port", N, |s| {
        let (here, other) = (origin(s), s.servers.nginx().other.clone());
        let token = s.password(&here);
        configured(s, "127.0.0.1", &token);
        let name = with_part(s, &format!("{other}/auth/plain.git"));
        web(s, &format!("auth/{name}"));
        s.checks.clear();
    })
    .fails("auth_required", "part|config.toml: [git.tokens] \"127.0.0.1:"),
    case("submodule-9", "a repository that is not there", N, |s| {
        let name = with_part(s, "../missing.git");
        web(s, &format!("git/{name}"));
        s.checks.clear();
    })
    .fails("remote_not_found", "part"),
    case("submodule-10", "a relative address over ssh", &[Ssh], |s| {
        let name = with_part(s, "../plain.git");
        super::ssh::usual(s, &name);
    }),
    case("G13b", "a submodule whose https address insteadOf turns into ssh", &[Nginx, Ssh], |s| {
        super::ssh::usual(s, "");
        let base = s.address.clone();
        s.config(&format!("url.{base}.insteadOf"), "https://forge.invalid/");
        let name = with_part(s, "https://forge.invalid/plain.git");
        web(s, &format!("git/{name}"));
    }),
    case("submodule-11", "over https with an authority of our own", N, |s| {
        let nginx = s.servers.nginx();
        s.config("http.sslCAInfo", nginx.ca());
        let name = with_part(s, &format!("{}/git/plain.git", nginx.https));
        web(s, &format!("git/{name}"));
    }),
];
