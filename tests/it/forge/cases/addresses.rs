//! Ways to write an address, and what git's configuration makes of them.

use super::super::case::{Case, case};
use super::super::servers::Need::{self, Nginx};
use super::{origin, web};

const N: &[Need] = &[Nginx];

pub const CASES: &[Case] = &[
    case("address-1", "url.<http>.insteadOf a short form", N, |s| {
        let base = format!("{}/git/", origin(s));
        s.config(&format!("url.{base}.insteadOf"), "forge:");
        s.repo("forge:plain.git");
    }),
    case("address-2", "the longest insteadOf wins", N, |s| {
        let base = origin(s);
        s.config(&format!("url.{base}/status/404/.insteadOf"), "https://forge.invalid/");
        s.config(&format!("url.{base}/git/.insteadOf"), "https://forge.invalid/team/");
        s.repo("https://forge.invalid/team/plain.git");
    }),
    case("address-3", "pushInsteadOf changes nothing", N, |s| {
        web(s, "git/plain.git");
        let base = origin(s);
        s.config("url.https://forge.invalid/.pushInsteadOf", format!("{base}/"));
    }),
    case("G16e", "insteadOf by GIT_CONFIG_COUNT", N, |s| {
        let base = format!("{}/git/", origin(s));
        s.env("GIT_CONFIG_COUNT", "1");
        s.env("GIT_CONFIG_KEY_0", format!("url.{base}.insteadOf"));
        s.env("GIT_CONFIG_VALUE_0", "https://forge.invalid/");
        s.repo("https://forge.invalid/plain.git");
    }),
    case("G16f", "insteadOf by GIT_CONFIG_PARAMETERS", N, |s| {
        let base = format!("{}/git/", origin(s));
        s.env("GIT_CONFIG_PARAMETERS", format!("'url.{base}.insteadOf'='https://forge.invalid/'"));
        s.repo("https://forge.invalid/plain.git");
    }),
    case("G16g", "insteadOf in the file of GIT_CONFIG_GLOBAL", N, |s| {
        let base = format!("{}/git/", origin(s));
        let text = format!("[url \"{base}\"]\n\tinsteadOf = https://forge.invalid/\n");
        let file = s.file("elsewhere.config", text);
        s.env("GIT_CONFIG_GLOBAL", file.display().to_string());
        s.repo("https://forge.invalid/plain.git");
    }),
    case("G16h", "insteadOf in $XDG_CONFIG_HOME/git/config", N, |s| {
        let base = format!("{}/git/", origin(s));
        let text = format!("[url \"{base}\"]\n\tinsteadOf = https://forge.invalid/\n");
        s.file("xdg/git/config", text);
        s.env("XDG_CONFIG_HOME", s.world.home("xdg").display().to_string());
        s.repo("https://forge.invalid/plain.git");
    }),
    case("G49a", "git+https://", &[], |s| {
        s.repo("git+https://forge.invalid/x.git");
    })
    .fails("bad_url|scheme_denied", "https://forge.invalid/x.git"),
    case("G49b", "gh:owner/x", &[], |s| {
        s.repo("gh:owner/x");
    })
    .fails("bad_url|scheme_denied|dns", "https://github.com/owner/x"),
    case("G49c", "git@github.com/owner/x", &[], |s| {
        s.repo("git@github.com/owner/x");
    })
    .fails("bad_url", "git@github.com:owner/x"),
    case("address-4", "a program as the address", &[], |s| {
        s.repo("ext::sh -c id");
    })
    .fails("bad_url|scheme_denied", ""),
    case("address-5", "protocol.allow=never", N, |s| {
        web(s, "git/plain.git");
        s.config("protocol.http.allow", "never");
    })
    .fails("*", "http"),
    case("address-6", "an address that begins with a dash", &[], |s| {
        s.repo("--upload-pack=id");
    })
    .fails("bad_url", ""),
    case("G4a", "GIT_DIR of a hook that runs hero", N, |s| {
        web(s, "git/plain.git");
        s.env("GIT_DIR", s.servers.repos.path("many.git"));
        s.env("GIT_INDEX_FILE", s.world.home("index").display().to_string());
    }),
];
