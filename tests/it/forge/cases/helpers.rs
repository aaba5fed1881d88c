//! Credential helpers: who is asked, for what, and who is not.

use super::super::case::{Case, Git, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};
use super::{login_here, origin, store, token_here, web, with_login};

const N: &[Need] = &[Nginx];

/// A helper that writes down what it is asked and answers with a password.
fn recorder(scene: &mut Scene, password: &str) -> (String, std::path::PathBuf) {
    scene.file("password", password);
    let script = r#"{ echo "$1"; cat; } >>"$HOME/asked"
[ "$1" = get ] && echo username=alice && echo "password=$(cat "$HOME/password")"
exit 0"#;
    let helper = scene.program("recorder", script);
    (helper.display().to_string(), scene.world.home("asked"))
}

pub const CASES: &[Case] = &[
    case("helper-1", "credential.helper=store", N, |s| {
        login_here(s);
        web(s, "auth/plain.git");
    }),
    case("helper-2", "the store has a wrong password, and forgets it", N, |s| {
        let origin = origin(s);
        let password = s.secret(&origin);
        store(s, &[with_login(&origin, "alice", &password)]);
        web(s, "auth/plain.git");
    })
    .fails("auth_failed|auth_required", ""),
    case("G1a", "the store has a password of another host", N, |s| {
        let password = s.secret("http://example.org");
        store(s, &[format!("http://bob:{password}@example.org")]);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G1b", "the store has a password of another port", N, |s| {
        let other = s.servers.nginx().other.clone();
        let password = s.secret(&other);
        store(s, &[with_login(&other, "bob", &password)]);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G1c", "the store has a password of another scheme", N, |s| {
        let origin = origin(s).replace("http:", "https:");
        let password = s.secret(&origin);
        store(s, &[with_login(&origin, "bob", &password)]);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("helper-3", "credential.helper=cache", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        cache(s, &origin, &password);
        web(s, "auth/plain.git");
    }),
    case("helper-4", "a helper is asked for scheme, host and port", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        let (helper, asked) = recorder(s, &password);
        s.config("credential.helper", helper);
        let host = origin.trim_start_matches("http://").to_owned();
        s.check(Check::Written(asked.clone(), format!("host={host}\n")));
        s.check(Check::Written(asked.clone(), "protocol=http\n".into()));
        s.check(Check::Written(asked, "store\n".into()));
        web(s, "auth/plain.git");
        // Its notes have the password: that is what it was given.
        s.secrets.clear();
    }),
    case("helper-5", "a helper is told that its password is wrong", N, |s| {
        let (helper, asked) = recorder(s, "wrong");
        s.config("credential.helper", helper);
        s.check(Check::Written(asked, "erase\n".into()));
        web(s, "auth/plain.git");
    })
    .fails("auth_failed|auth_required", ""),
    case("helper-6", "a helper is not given a token of hero's to store", N, |s| {
        let (helper, asked) = recorder(s, "wrong");
        s.config("credential.helper", helper);
        token_here(s);
        s.check(Check::NotWritten(asked, "store".into()));
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("G15a", "two helpers, the first knows nothing", N, |s| {
        s.config("credential.helper", "!true");
        login_here(s);
        web(s, "auth/plain.git");
    }),
    case("G15b", "two helpers, an empty line takes the first away", N, |s| {
        let (helper, asked) = recorder(s, "wrong");
        s.config("credential.helper", helper).config("credential.helper", "");
        login_here(s);
        s.check(Check::NotWritten(asked, "get".into()));
        web(s, "auth/plain.git");
    }),
    case("G15c", "a helper for this host and port", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.file("password", &password);
        let helper = "!f() { echo username=alice; echo \"password=$(cat ~/password)\"; }; f";
        s.config(&format!("credential.{origin}.helper"), helper);
        web(s, "auth/plain.git");
    }),
    case("G15d", "a helper for another port is not asked", N, |s| {
        let (helper, asked) = recorder(s, "wrong");
        let other = s.servers.nginx().other.clone();
        s.config(&format!("credential.{other}.helper"), helper);
        s.check(Check::NotWritten(asked, "get".into()));
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G15e", "a helper for this path", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.config("credential.useHttpPath", "true");
        store(s, &[with_login(&origin, "alice", &password) + "/auth/plain.git"]);
        web(s, "auth/plain.git");
    }),
    case("G15f", "with paths, the password of another repository does not count", N, |s| {
        let password = s.secret("");
        let origin = origin(s);
        s.config("credential.useHttpPath", "true");
        store(s, &[with_login(&origin, "alice", &password) + "/auth/other.git"]);
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G15g", "the user of the address chooses among passwords", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        let lines = ["bob", "alice"].map(|user| {
            let password = if user == "alice" { &password } else { "wrong" };
            with_login(&origin, user, password)
        });
        store(s, &lines);
        s.repo(origin.replacen("://", "://alice@", 1) + "/auth/plain.git");
    }),
    case("G15h", "a helper in an included file", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.file("more.config", "[credential]\n\thelper = store\n");
        s.config("include.path", "~/more.config");
        s.file(".git-credentials", with_login(&origin, "alice", &password) + "\n");
        web(s, "auth/plain.git");
    }),
    case("G47a", "a helper that never answers", N, |s| {
        let pid = s.world.home("pid");
        let helper = s.program("hangs", r#"echo $$ >"$HOME/pid"; exec tail -f /dev/null"#);
        s.config("credential.helper", helper.display().to_string());
        s.check(Check::Gone(pid));
        s.impatient();
        web(s, "auth/plain.git");
    })
    .hero_fails(Git::Hangs, "timeout|auth_required", ""),
];

/// Puts a password into a cache daemon that ends with the case.
fn cache(scene: &mut Scene, origin: &str, password: &str) {
    let socket = scene.servers.folder().join("cache").join("socket");
    let helper = format!("cache --timeout=60 --socket={}", socket.display());
    scene.config("credential.helper", helper);
    scene.keep(super::super::servers::cache::Cache::with(socket, origin, password));
}
