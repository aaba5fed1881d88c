//! Web servers without logins: protocols, and answers that are none.

use super::super::case::{Case, Git, case};
use super::super::servers::Need::Nginx;
use super::web;

const N: &[super::super::servers::Need] = &[Nginx];

pub const CASES: &[Case] = &[
    case("http-1", "http, protocol 2", N, |s| web(s, "git/plain.git")),
    case("http-2", "http, protocol 0, chosen by the client", N, |s| {
        web(s, "git/plain.git");
        s.config("protocol.version", "0");
    }),
    case("http-3", "http, protocol 1, chosen by the client", N, |s| {
        web(s, "git/plain.git");
        s.config("protocol.version", "1");
    }),
    case("http-4", "http, a server that knows protocol 0 only", N, |s| web(s, "v0/plain.git")),
    case("http-5", "a slash after the address", N, |s| web(s, "git/plain.git/")),
    case("http-6", "a space in the address, as %20", N, |s| web(s, "git/odd%20name.git")),
    case("http-7", "the name `localhost`", N, |s| {
        web(s, "git/plain.git");
        let address = s.address.replace("127.0.0.1", "localhost");
        s.repo(address);
    }),
    case("http-8", "a pack of 300 kB", N, |s| {
        web(s, "git/big.git");
        s.expected = None;
    }),
    case("G17a", "dumb http", N, |s| web(s, "dumb/plain.git")),
    case("G17b", "a shallow repository over http", N, |s| {
        web(s, "git/shallow.git");
    }),
    case("http-9", "no such repository", N, |s| web(s, "git/missing.git"))
        .fails("remote_not_found", ""),
    case("http-10", "a page of HTML where a repository is asked for", N, |s| {
        web(s, "html/plain.git");
    })
    .fails("remote_not_found", ""),
    case("http-15", "a page of HTML without a line break", N, |s| web(s, "one-line/plain.git"))
        .hero_fails(Git::Nothing, "remote_not_found|remote_empty", ""),
    case("http-11", "status 401 without a realm", N, |s| web(s, "status/401/x.git"))
        .fails("auth_required", ""),
    case("http-12", "status 403", N, |s| web(s, "status/403/x.git")).fails("forbidden", ""),
    case("http-13", "status 404", N, |s| web(s, "status/404/x.git")).fails("remote_not_found", ""),
    case("G44a", "status 407", N, |s| web(s, "status/407/x.git")).fails("proxy", ""),
    case("http-14", "status 410", N, |s| web(s, "status/410/x.git")).fails("remote_not_found", ""),
    case("G45a", "status 429 with Retry-After", N, |s| web(s, "status/429/x.git"))
        .fails("rate_limited", ""),
    case("G45b", "status 500", N, |s| web(s, "status/500/x.git")).fails("server_error", "500"),
    case("G45c", "status 502", N, |s| web(s, "status/502/x.git")).fails("server_error", "502"),
    case("G45d", "status 503", N, |s| web(s, "status/503/x.git")).fails("server_error", "503"),
    case("G45e", "status 504", N, |s| web(s, "status/504/x.git")).fails("server_error", "504"),
];
