//! hero's own tokens: which server gets which, and which gets none.

use std::os::unix::fs::PermissionsExt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};
use super::{TOKEN_HERE, configured, login_here, origin, place, token_here, web};

const N: &[Need] = &[Nginx];

/// Expects a request with this login.
fn sent(scene: &mut Scene, user: &str, token: &str) {
    let login = STANDARD.encode(format!("{user}:{token}"));
    scene.check(Check::Written(scene.servers.nginx().log_file.clone(), login));
}

pub const CASES: &[Case] = &[
    case("token-1", "HERO_GIT_TOKEN_<HOST>", N, |s| {
        token_here(s);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-2", "HERO_GIT_TOKEN_<HOST> with user:token", N, |s| {
        let token = s.password(&origin(s));
        s.env(TOKEN_HERE, format!("alice:{token}"));
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-3", "a wrong token", N, |s| {
        let token = s.secret(origin(s));
        s.env(TOKEN_HERE, &token);
        web(s, "auth/plain.git");
    })
    .fails("auth_failed", ""),
    case("token-4", "a token that is refused with 403", N, |s| {
        token_here(s);
        web(s, "forbidden/plain.git");
    })
    .fails("forbidden", ""),
    case("token-5", "a token and a repository that is not there", N, |s| {
        token_here(s);
        web(s, "auth/missing.git");
    })
    .fails("remote_not_found", ""),
    case("token-6", "[git.tokens] for host and port", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        configured(s, place(&origin), &token);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-7", "[git.tokens] for another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        let token = s.secret(&other);
        configured(s, place(&other), &token);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G51a", "[git.tokens] in a file that others can read", N, |s| {
        let origin = origin(s);
        let token = s.secret("");
        s.servers.nginx().accept(&origin, &token);
        let file = configured(s, place(&origin), &token);
        std::fs::set_permissions(file, PermissionsExt::from_mode(0o644)).expect("a mode");
        web(s, "auth/plain.git");
    })
    .fails("*", "config.toml"),
    case("token-8", "FORGEJO_TOKEN with FORGEJO_URL", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env("FORGEJO_TOKEN", &token).env("FORGEJO_URL", &origin);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-9", "FORGEJO_TOKEN with the FORGEJO_URL of another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        let token = s.secret(&other);
        s.env("FORGEJO_TOKEN", &token).env("FORGEJO_URL", &other);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("token-10", "FORGEJO_TOKEN without FORGEJO_URL", N, |s| {
        let token = s.secret("");
        s.env("FORGEJO_TOKEN", &token);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("token-11", "GITEA_TOKEN with GITEA_URL", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env("GITEA_TOKEN", format!("alice:{token}")).env("GITEA_URL", format!("{origin}/"));
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-12", "GITHUB_TOKEN and GITLAB_TOKEN stay away from other hosts", N, |s| {
        let (hub, lab) = (s.secret(""), s.secret(""));
        s.env("GITHUB_TOKEN", &hub).env("GITLAB_TOKEN", &lab);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("token-13", "a token of 127.0.0.1 for 127.0.0.2", N, |s| {
        let origin = origin(s);
        let token = s.secret(&origin);
        s.env(TOKEN_HERE, &token);
        s.repo(origin.replace("127.0.0.1", "127.0.0.2") + "/auth/plain.git");
    })
    .fails("auth_required", "HERO_GIT_TOKEN_127_0_0_2"),
    case("G43a", "a token for plain http beyond this machine", N, |s| {
        let token = s.secret("");
        s.env("HERO_GIT_TOKEN_0_0_0_0", &token);
        let origin = origin(s).replace("127.0.0.1", "0.0.0.0");
        s.repo(origin + "/auth/plain.git");
    })
    .fails("auth_required", "https"),
    case("G43b", "FORGEJO_TOKEN with a FORGEJO_URL of plain http beyond this machine", N, |s| {
        let token = s.secret("");
        let origin = origin(s).replace("127.0.0.1", "0.0.0.0");
        s.env("FORGEJO_TOKEN", &token).env("FORGEJO_URL", &origin);
        s.check(Check::Printed("`FORGEJO_TOKEN` is not used"));
        s.repo(origin + "/auth/plain.git");
    })
    .fails("auth_required", "[git.tokens]"),
    case("G43c", "[git.tokens] for a whole address of plain http", N, |s| {
        let origin = origin(s).replace("127.0.0.1", "0.0.0.0");
        let token = s.password(&origin);
        configured(s, &origin, &token);
        s.repo(origin + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-14", "a token over https with an authority of our own", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.password(&nginx.https);
        s.env(TOKEN_HERE, &token);
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/auth/plain.git", nginx.https));
    })
    .only_hero_works(),
    case("token-15", "a token is not sent to a server whose certificate is bad", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.secret("");
        s.env(TOKEN_HERE, &token);
        s.repo(format!("{}/auth/plain.git", nginx.self_signed));
    })
    .fails("tls_invalid", ""),
    case("token-16", "a token beside a helper that has the login", N, |s| {
        login_here(s);
        token_here(s);
        web(s, "auth/plain.git");
    }),
    case("token-17", "a token where none is needed is not sent", N, |s| {
        let token = s.secret("");
        s.env(TOKEN_HERE, &token);
        web(s, "git/plain.git");
    }),
    case("token-41", "a user in the address gives the name to a token", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env(TOKEN_HERE, &token);
        s.repo(origin.replacen("://", "://alice@", 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-42", "a token in the address comes before others", N, |s| {
        let origin = origin(s);
        let (other, token) = (s.secret(&origin), s.password(&origin));
        s.env(TOKEN_HERE, &other);
        s.repo(origin.replacen("://", &format!("://{token}@"), 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-18", "a token for `localhost`", N, |s| {
        let origin = origin(s).replace("127.0.0.1", "localhost");
        let token = s.password(&origin);
        s.env("HERO_GIT_TOKEN_LOCALHOST", &token);
        s.repo(origin + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-19", "a name in the address goes with the token", N, |s| {
        let (origin, token) = (origin(s), token_here(s));
        sent(s, "alice", &token);
        s.repo(origin.replacen("://", "://alice@", 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-20", "a name in the address, and user:token", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env(TOKEN_HERE, format!("deploy:{token}"));
        sent(s, "deploy", &token);
        s.repo(origin.replacen("://", "://alice@", 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-21", "a token alone in the address", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.repo(origin.replacen("://", &format!("://{token}@"), 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-22", "[git.tokens] for an address with a slash at its end", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        configured(s, &format!("{origin}/"), &token);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-23", "FORGEJO_TOKEN with a FORGEJO_URL without a scheme", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.password(&nginx.https);
        s.env("FORGEJO_TOKEN", &token);
        s.env("FORGEJO_URL", nginx.https.trim_start_matches("https://"));
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/auth/plain.git", nginx.https));
    })
    .only_hero_works(),
    case("token-24", "[git.tokens] for https at a port that serves http", N, |s| {
        let origin = origin(s);
        let token = s.secret(origin.replace("http:", "https:"));
        configured(s, &origin.replace("http:", "https:"), &token);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
];
