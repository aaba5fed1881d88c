//! Lines that are silent, cut, slow.

use std::time::Duration;

use super::super::case::{Case, Git, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Daemon, Nginx};
use super::super::servers::relay::{Fault, Relay};

const N: &[Need] = &[Nginx];

/// Starts a relay to a port, for this case; returns its own port.
pub fn start(scene: &mut Scene, target: u16, fault: Fault) -> u16 {
    let relay = Relay::start(target, fault);
    let port = relay.port;
    scene.keep(relay);
    port
}

/// Puts a relay before an origin; returns the origin that it makes.
pub fn relay(scene: &mut Scene, origin: &str, fault: Fault) -> String {
    let (base, target) = origin.rsplit_once(':').expect("a port");
    let port = start(scene, target.parse().expect("a number"), fault);
    format!("{base}:{port}")
}

/// Takes a repository of the web server with a fault on the line.
fn web(scene: &mut Scene, repo: &str, fault: Fault) {
    let origin = relay(scene, &super::origin(scene), fault);
    scene.repo(format!("{origin}/git/{repo}"));
    scene.expected = None;
}

/// Takes a repository of `git daemon` with a fault on the line.
fn daemon(scene: &mut Scene, repo: &str, fault: Fault) {
    let target = scene.servers.daemon().port;
    let port = start(scene, target, fault);
    scene.repo(format!("git://127.0.0.1:{port}/{repo}"));
    scene.expected = None;
}

pub const CASES: &[Case] = &[
    case("G46a", "eleven seconds of silence, then it goes on", N, |s| {
        web(s, "plain.git", Fault::Late(Duration::from_secs(11)));
        // Once is enough of that.
        let direct = s.servers.nginx().http.clone() + "/git/plain.git";
        s.control(&[&format!("clone --quiet {direct} control")]);
        s.check(Check::Printed("silen"));
    }),
    case("G46b", "http, silent at once", N, |s| {
        web(s, "plain.git", Fault::Silent);
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", "HERO_GIT_TIMEOUT"),
    case("G46c", "http, silent in the pack", N, |s| {
        web(s, "big.git", Fault::SilentAfter(100_000));
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", "HERO_GIT_TIMEOUT"),
    case("G46d", "git://, silent at once", &[Daemon], |s| {
        daemon(s, "plain.git", Fault::Silent);
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", "HERO_GIT_TIMEOUT"),
    case("G46e", "git://, silent in the pack", &[Daemon], |s| {
        daemon(s, "big.git", Fault::SilentAfter(100_000));
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", "HERO_GIT_TIMEOUT"),
    case("fault-1", "http, slow but alive, for longer than the limit of silence", N, |s| {
        web(s, "big.git", Fault::Slow(100_000));
        s.env("HERO_GIT_TIMEOUT", "2");
    }),
    case("fault-2", "git://, slow but alive", &[Daemon], |s| {
        daemon(s, "big.git", Fault::Slow(100_000));
        s.env("HERO_GIT_TIMEOUT", "2");
    }),
    case("fault-3", "http, cut at once", N, |s| web(s, "plain.git", Fault::CutAfter(0)))
        .fails("disconnected", ""),
    case("fault-4", "http, cut in the pack", N, |s| web(s, "big.git", Fault::CutAfter(100_000)))
        .fails("disconnected", ""),
    case("fault-5", "http, reset", N, |s| web(s, "plain.git", Fault::Reset))
        .fails("disconnected", ""),
    case("fault-6", "git://, cut in the pack", &[Daemon], |s| {
        daemon(s, "big.git", Fault::CutAfter(100_000));
    })
    .fails("disconnected", ""),
    case("fault-7", "https, reset in the handshake", N, |s| {
        let origin = relay(s, &s.servers.nginx().https.clone(), Fault::Reset);
        s.repo(format!("{origin}/git/plain.git"));
    })
    .fails("disconnected|tls_invalid", ""),
    case("fault-8", "the port refuses", &[], |s| {
        s.repo("http://127.0.0.1:1/plain.git");
    })
    .fails("refused", "127.0.0.1"),
    case("fault-9", "a host that does not exist", &[], |s| {
        s.repo("https://forge.invalid/plain.git");
    })
    .fails("dns", "forge.invalid"),
    case("fault-10", "git://, the port refuses", &[], |s| {
        s.repo("git://127.0.0.1:1/plain.git");
    })
    .fails("refused", ""),
    case("fault-11", "git://, a host that does not exist", &[], |s| {
        s.repo("git://forge.invalid/plain.git");
    })
    .fails("dns", "forge.invalid"),
];
