//! Proxies: http, CONNECT, socks5; with logins and without.

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx, Proxy};
use super::super::servers::process::free_port;
use super::super::servers::proxy::start;
use super::super::servers::socks::Socks;
use super::web;

const N: &[Need] = &[Nginx, Proxy];
const S: &[Need] = &[Nginx];

/// Starts a proxy, expects it to see hero's request, and returns its address.
fn proxy(scene: &mut Scene, login: Option<&str>, request: &str) -> String {
    let (port, log) = start(scene, login);
    scene.check(Check::Written(log, request.into()));
    match login {
        Some(login) => format!("http://{login}@127.0.0.1:{port}"),
        None => format!("http://127.0.0.1:{port}"),
    }
}

/// Takes a repository over https.
fn https(scene: &mut Scene) {
    let nginx = scene.servers.nginx();
    scene.config("http.sslCAInfo", nginx.ca());
    scene.repo(format!("{}/git/plain.git", nginx.https));
}

/// Takes a repository of a host that only the socks proxy knows.
fn hidden(scene: &mut Scene) -> u16 {
    let socks = Socks::start();
    let port = socks.port;
    scene.keep(socks);
    web(scene, "git/plain.git");
    let address = scene.address.replace("127.0.0.1", "forge.invalid");
    scene.repo(address);
    port
}

pub const CASES: &[Case] = &[
    case("proxy-1", "http_proxy", N, |s| {
        let proxy = proxy(s, None, "GET http://");
        s.env("http_proxy", proxy);
        web(s, "git/plain.git");
    }),
    case("proxy-2", "https_proxy", N, |s| {
        let proxy = proxy(s, None, "): CONNECT 127");
        s.env("https_proxy", proxy);
        https(s);
    }),
    case("proxy-3", "HTTPS_PROXY", N, |s| {
        let proxy = proxy(s, None, "): CONNECT 127");
        s.env("HTTPS_PROXY", proxy);
        https(s);
    }),
    case("proxy-4", "http.proxy", N, |s| {
        let proxy = proxy(s, None, "GET http://");
        s.config("http.proxy", proxy);
        web(s, "git/plain.git");
    }),
    case("proxy-5", "http.<address>.proxy", N, |s| {
        let proxy = proxy(s, None, "): CONNECT 127");
        https(s);
        s.config(&format!("http.{}.proxy", s.servers.nginx().https), proxy);
    }),
    case("proxy-6", "ALL_PROXY", N, |s| {
        let proxy = proxy(s, None, "): CONNECT 127");
        s.env("ALL_PROXY", proxy);
        https(s);
    }),
    case("proxy-7", "a proxy with a login, http", N, |s| {
        let password = s.secret("");
        let proxy = proxy(s, Some(&format!("alice:{password}")), "GET http://");
        s.env("http_proxy", proxy);
        web(s, "git/plain.git");
    }),
    case("proxy-8", "a proxy with a login, https", N, |s| {
        let password = s.secret("");
        let proxy = proxy(s, Some(&format!("alice:{password}")), "): CONNECT 127");
        s.env("https_proxy", proxy);
        https(s);
    }),
    case("G44b", "the proxy wants a login, there is none, http", N, |s| {
        let (port, _) = start(s, Some("alice:secret"));
        s.env("http_proxy", format!("http://127.0.0.1:{port}"));
        web(s, "git/plain.git");
    })
    .fails("proxy", ""),
    case("G44c", "the proxy wants a login, there is none, https", N, |s| {
        let (port, _) = start(s, Some("alice:secret"));
        s.env("https_proxy", format!("http://127.0.0.1:{port}"));
        https(s);
    })
    .fails("proxy", ""),
    case("G44d", "a wrong password for the proxy", N, |s| {
        let (port, _) = start(s, Some("alice:secret"));
        let password = s.secret("");
        s.env("https_proxy", format!("http://alice:{password}@127.0.0.1:{port}"));
        https(s);
    })
    .fails("proxy", ""),
    case("proxy-9", "the proxy is not there", S, |s| {
        s.env("http_proxy", format!("http://127.0.0.1:{}", free_port()));
        web(s, "git/plain.git");
    })
    .fails("proxy", ""),
    case("proxy-10", "no_proxy takes a host from a proxy that is not there", S, |s| {
        s.env("http_proxy", format!("http://127.0.0.1:{}", free_port()));
        s.env("no_proxy", "127.0.0.1");
        web(s, "git/plain.git");
    }),
    case("proxy-11", "an empty http.proxy takes the variable away", S, |s| {
        s.env("http_proxy", format!("http://127.0.0.1:{}", free_port()));
        s.config("http.proxy", "");
        web(s, "git/plain.git");
    }),
    case("proxy-12", "a name that the proxy does not find", N, |s| {
        let (port, _) = start(s, None);
        s.env("http_proxy", format!("http://127.0.0.1:{port}"));
        s.repo("http://forge.invalid/plain.git");
    })
    .fails("*", ""),
    case("G16b", "ALL_PROXY=socks5h://", S, |s| {
        let port = hidden(s);
        s.env("ALL_PROXY", format!("socks5h://127.0.0.1:{port}"));
    }),
    case("G16c", "http.proxy=socks5h://", S, |s| {
        let port = hidden(s);
        s.config("http.proxy", format!("socks5h://127.0.0.1:{port}"));
    }),
    case("G16d", "http_proxy=socks5h://", S, |s| {
        let port = hidden(s);
        s.env("http_proxy", format!("socks5h://127.0.0.1:{port}"));
    }),
    case("proxy-13", "a token through a proxy goes to the server only", N, |s| {
        super::token_here(s);
        let proxy = proxy(s, None, "GET http://");
        s.env("http_proxy", proxy);
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
];
