//! Redirects: followed as git follows them, and no login goes along.

use super::super::case::{Case, case};
use super::super::servers::Need::{self, Nginx};
use super::{
    TOKEN_HERE, configured, login_here, origin, place, store, token_here, web, with_login,
};

const N: &[Need] = &[Nginx];

pub const CASES: &[Case] = &[
    case("redirect-1", "to another path", N, |s| web(s, "to-same/git/plain.git")),
    case("redirect-2", "to another port", N, |s| web(s, "to-other-port/git/plain.git")),
    case("redirect-3", "to another host", N, |s| web(s, "to-other-host/git/plain.git")),
    case("redirect-4", "from http to https", N, |s| {
        web(s, "to-https/git/plain.git");
        s.config("http.sslCAInfo", s.servers.nginx().ca());
    }),
    case("redirect-5", "from https to http", N, |s| {
        let nginx = s.servers.nginx();
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/to-http/git/plain.git", nginx.https));
    }),
    case("redirect-6", "http.followRedirects=false", N, |s| {
        web(s, "to-same/git/plain.git");
        s.config("http.followRedirects", "false");
    })
    .fails("redirected", ""),
    case("redirect-7", "to a page for logging in", N, |s| web(s, "to-login/plain.git"))
        .fails("redirected|auth_required", ""),
    case("redirect-8", "to itself", N, |s| web(s, "to-itself/plain.git")).fails("redirected", ""),
    case("redirect-9", "to another path, with a login in the store", N, |s| {
        login_here(s);
        web(s, "to-same/auth/plain.git");
    }),
    case("redirect-10", "to another path, with a token", N, |s| {
        token_here(s);
        web(s, "to-same/auth/plain.git");
    })
    .only_hero_works(),
    case("redirect-11", "a login in the store does not go to another port", N, |s| {
        login_here(s);
        web(s, "to-other-port/auth/plain.git");
    })
    .fails("auth_required|redirected", ""),
    case("redirect-12", "a login in the store does not go to another host", N, |s| {
        login_here(s);
        web(s, "to-other-host/auth/plain.git");
    })
    .fails("auth_required|redirected", ""),
    case("redirect-13", "a token does not go to another port", N, |s| {
        token_here(s);
        web(s, "to-other-port/auth/plain.git");
    })
    .fails("auth_required|redirected", "config.toml: [git.tokens] \"127.0.0.1:"),
    case("redirect-14", "a token does not go to another host", N, |s| {
        token_here(s);
        web(s, "to-other-host/auth/plain.git");
    })
    .fails("auth_required|redirected", ""),
    case("redirect-15", "a token does not go from https to http", N, |s| {
        let nginx = s.servers.nginx();
        let token = s.password(&nginx.https);
        s.env(TOKEN_HERE, &token);
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/to-http/auth/plain.git", nginx.https));
    })
    .fails("auth_required|redirected", ""),
    case("redirect-16", "a password in the address does not go to another host", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/to-other-host/auth/plain.git");
    })
    .fails("auth_required|auth_failed|redirected", ""),
    case("redirect-17", "to another host, whose login is in the store", N, |s| {
        let origin = origin(s).replace("127.0.0.1", "127.0.0.2");
        let password = s.password(&origin);
        store(s, &[with_login(&origin, "alice", &password)]);
        web(s, "to-other-host/auth/plain.git");
    }),
    case("redirect-18", "to another port, for which [git.tokens] has a token", N, |s| {
        let other = s.servers.nginx().other.clone();
        let token = s.password(&other);
        configured(s, place(&other), &token);
        web(s, "to-other-port/auth/plain.git");
    })
    .only_hero_works(),
];
