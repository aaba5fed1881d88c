//! Web servers that want a login which is in the user's own files or variables.

use super::super::case::{Case, case};
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};
use super::{origin, web, with_login};

const N: &[Need] = &[Nginx];

/// Makes a program that answers git's questions with a login.
fn asks(scene: &mut Scene) -> String {
    let password = scene.password(&origin(scene));
    scene.file("password", password);
    let answer = r#"case $1 in Username*) echo alice ;; *) cat "$HOME/password" ;; esac"#;
    scene.program("ask", answer).display().to_string()
}

pub const CASES: &[Case] = &[
    case("login-1", "a login is wanted, there is none", N, |s| web(s, "auth/plain.git"))
        .fails("auth_required", "HERO_GIT_TOKEN_127_0_0_1"),
    case("G48a", "a login is wanted, and the address may be wrong", N, |s| {
        web(s, "auth/missing.git");
    })
    .fails("auth_required", "address"),
    case("login-2", "~/.netrc", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.file(".netrc", format!("machine 127.0.0.1 login alice password {password}\n"));
        web(s, "auth/plain.git");
    }),
    case("login-3", "~/.netrc has a wrong password", N, |s| {
        let origin = origin(s);
        let password = s.secret(&origin);
        s.file(".netrc", format!("machine 127.0.0.1 login alice password {password}\n"));
        web(s, "auth/plain.git");
    })
    .fails("auth_failed|auth_required", ""),
    case("login-4", "~/.netrc has another host", N, |s| {
        let password = s.secret("");
        s.file(".netrc", format!("machine example.org login alice password {password}\n"));
        web(s, "auth/plain.git");
    })
    .fails("auth_required", ""),
    case("G14a", "GIT_ASKPASS", N, |s| {
        let ask = asks(s);
        s.env("GIT_ASKPASS", ask);
        web(s, "auth/plain.git");
    }),
    case("G14b", "core.askPass", N, |s| {
        let ask = asks(s);
        s.config("core.askPass", ask);
        web(s, "auth/plain.git");
    }),
    case("G14c", "SSH_ASKPASS, which git asks for http too", N, |s| {
        let ask = asks(s);
        s.env("SSH_ASKPASS", ask);
        web(s, "auth/plain.git");
    }),
    case("login-5", "http.extraHeader of one address", N, |s| {
        let origin = origin(s);
        let encoded = "YWxpY2U6aGVhZGVyLXBhc3N3b3Jk";
        s.servers.nginx().accept(&origin, "header-password");
        s.config(&format!("http.{origin}/.extraHeader"), format!("Authorization: Basic {encoded}"));
        web(s, "auth/plain.git");
    }),
    case("G3a", "user and password in the address", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/auth/plain.git");
    }),
    case("G3b", "a wrong password in the address", N, |s| {
        let origin = origin(s);
        let password = s.secret(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/auth/plain.git");
    })
    .fails("auth_failed", ""),
    case("G3c", "a password in the address of a repository that is not there", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/auth/missing.git");
    })
    .fails("remote_not_found", ""),
    case("G3d", "a password in an address that cannot be reached", N, |s| {
        let password = s.secret("");
        s.repo(with_login("https://127.0.0.1:1", "alice", &password) + "/x.git");
    })
    .fails("refused", ""),
    case("G3e", "a password in the address of a branch that is not there", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/auth/plain.git");
        s.option("branch", "gone");
    })
    .fails("ref_not_found", ""),
    case("G3f", "a user in the address, and GIT_ASKPASS", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.file("password", &password);
        // It knows nobody's name: that is in the address.
        let ask = s.program("ask", r#"case $1 in Password*alice*) cat "$HOME/password" ;; esac"#);
        s.env("GIT_ASKPASS", ask.display().to_string());
        s.repo(as_alice(&origin) + "/auth/plain.git");
    }),
    case("G3g", "a user in the address, and a ~/.netrc with two logins", N, |s| {
        let origin = origin(s);
        let (wrong, password) = (s.secret(&origin), s.password(&origin));
        let netrc = [("bob", wrong), ("alice", password)].map(|(user, password)| {
            format!("machine 127.0.0.1 login {user} password {password}\n")
        });
        s.file(".netrc", netrc.concat());
        s.repo(as_alice(&origin) + "/auth/plain.git");
    }),
    case("G3h", "a user in the address, and a helper that knows this user only", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        helper_of_alice(s, &password);
        s.repo(as_alice(&origin) + "/auth/plain.git");
    }),
    case("G3i", "a user in the address whom nobody knows", N, |s| {
        s.repo(as_alice(&origin(s)) + "/auth/plain.git");
    })
    .fails("auth_required", "HERO_GIT_TOKEN_127_0_0_1"),
    case("G48b", "a valid login that is refused with 403", N, |s| {
        let origin = origin(s);
        let password = s.password(&origin);
        s.repo(with_login(&origin, "alice", &password) + "/forbidden/plain.git");
    })
    .fails("forbidden", ""),
    case("G16a", "GIT_CONFIG_COUNT with a header", N, |s| {
        let origin = origin(s);
        s.servers.nginx().accept(&origin, "header-password");
        s.env("GIT_CONFIG_COUNT", "1");
        s.env("GIT_CONFIG_KEY_0", format!("http.{origin}/.extraHeader"));
        s.env("GIT_CONFIG_VALUE_0", "Authorization: Basic YWxpY2U6aGVhZGVyLXBhc3N3b3Jk");
        web(s, "auth/plain.git");
    }),
];

/// A helper that has a password for alice and for nobody else.
pub fn helper_of_alice(scene: &mut Scene, password: &str) {
    scene.file("password", password);
    let knows =
        r#"[ "$1" = get ] && grep -q '^username=alice$' && echo "password=$(cat ~/password)""#;
    let helper = scene.program("knows-alice", format!("{knows}\nexit 0"));
    scene.config("credential.helper", helper.display().to_string());
}

/// An origin with the user alice in it.
pub fn as_alice(origin: &str) -> String {
    origin.replacen("://", "://alice@", 1)
}
