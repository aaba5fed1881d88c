//! hero's own tokens: which server gets which, and which gets none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::scene::{Scene, write};
use super::super::servers::Need::{self, Nginx};
use super::{origin, store, web, with_login};

const N: &[Need] = &[Nginx];
const HERE: &str = "HERO_GIT_TOKEN_127_0_0_1";

/// Expects a request with this login.
fn sent(scene: &mut Scene, user: &str, token: &str) {
    let login = STANDARD.encode(format!("{user}:{token}"));
    scene.check(Check::Written(scene.servers.nginx().log_file.clone(), login));
}

/// Writes hero's configuration with a token.
fn configured(scene: &mut Scene, key: &str, token: &str, mode: u32) {
    let text = format!("[git.tokens]\n\"{key}\" = \"{token}\"\n");
    write(&scene.world.home(".config/hero/config.toml"), &text, mode);
}

pub const CASES: &[Case] = &[
    case("token-1", "HERO_GIT_TOKEN_<HOST>", N, |s| {
        let token = s.password(&origin(s));
        s.env(HERE, &token);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-2", "HERO_GIT_TOKEN_<HOST> with user:token", N, |s| {
        let token = s.password(&origin(s));
        s.env(HERE, format!("alice:{token}"));
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-3", "a wrong token", N, |s| {
        let token = s.secret(origin(s));
        s.env(HERE, &token);
        web(s, "auth/plain.git");
    })
    .fails("auth_failed", ""),
    case("token-4", "a token that is refused with 403", N, |s| {
        let token = s.password(&origin(s));
        s.env(HERE, &token);
        web(s, "forbidden/plain.git");
    })
    .fails("forbidden", ""),
    case("token-5", "a token and a repository that is not there", N, |s| {
        let token = s.password(&origin(s));
        s.env(HERE, &token);
        web(s, "auth/missing.git");
    })
    .fails("remote_not_found", ""),
    case("token-6", "[git.tokens] for host and port", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        configured(s, origin.trim_start_matches("http://"), &token, 0o600);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("token-7", "[git.tokens] for another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        let token = s.secret(&other);
        configured(s, other.trim_start_matches("http://"), &token, 0o600);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G51a", "[git.tokens] in a file that others can read", N, |s| {
        let origin = origin(s);
        let token = s.secret("");
        s.servers.nginx().accept(&origin, &token);
        configured(s, origin.trim_start_matches("http://"), &token, 0o644);
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
        s.env(HERE, &token);
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
    case("token-14", "a token over https with an authority of our own", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.password(&nginx.https);
        s.env(HERE, &token);
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/auth/plain.git", nginx.https));
    })
    .only_hero_works(),
    case("token-15", "a token is not sent to a server whose certificate is bad", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.secret("");
        s.env(HERE, &token);
        s.repo(format!("{}/auth/plain.git", nginx.self_signed));
    })
    .fails("tls_invalid", ""),
    case("token-16", "a token beside a helper that has the login", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        let token = s.password(&origin);
        s.env(HERE, &token);
        store(s, &[with_login(&origin, "alice", &password)]);
        web(s, "auth/plain.git");
    }),
    case("token-17", "a token where none is needed is not sent", N, |s| {
        let token = s.secret("");
        s.env(HERE, &token);
        web(s, "git/plain.git");
    }),
    case("token-18", "a token for `localhost`", N, |s| {
        let origin = origin(s).replace("127.0.0.1", "localhost");
        let token = s.password(&origin);
        s.env("HERO_GIT_TOKEN_LOCALHOST", &token);
        s.repo(origin + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-19", "a name in the address goes with the token", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env(HERE, &token);
        sent(s, "alice", &token);
        s.repo(origin.replacen("://", "://alice@", 1) + "/auth/plain.git");
    })
    .only_hero_works(),
    case("token-20", "a name in the address, and user:token", N, |s| {
        let origin = origin(s);
        let token = s.password(&origin);
        s.env(HERE, format!("deploy:{token}"));
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
        configured(s, &format!("{origin}/"), &token, 0o600);
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
        configured(s, &origin.replace("http:", "https:"), &token, 0o600);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
];
