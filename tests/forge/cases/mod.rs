//! The table, one file for each kind of server or setting.

mod addresses;
mod faults;
mod habits;
mod helpers;
mod http;
mod large;
mod local;
mod logins;
mod programs;
mod proxies;
mod redirects;
mod refs;
mod ssh;
mod ssh_hosts;
mod submodules;
mod tls;
mod tokens;
mod updates;

use super::case::Case;
use super::scene::Scene;

/// Every case.
pub fn all() -> Vec<&'static Case> {
    [
        faults::CASES,
        http::CASES,
        logins::CASES,
        helpers::CASES,
        tokens::CASES,
        tls::CASES,
        redirects::CASES,
        ssh::CASES,
        ssh_hosts::CASES,
        local::CASES,
        refs::CASES,
        updates::CASES,
        submodules::CASES,
        large::CASES,
        proxies::CASES,
        addresses::CASES,
        habits::CASES,
        programs::CASES,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `http://127.0.0.1:PORT` of the web server.
fn origin(scene: &Scene) -> String {
    scene.servers.nginx().http.clone()
}

/// Takes the address of a path of the web server.
fn web(scene: &mut Scene, path: &str) {
    let address = format!("{}/{path}", origin(scene));
    scene.repo(address);
}

/// Stores logins where `credential.helper=store` finds them.
fn store(scene: &mut Scene, lines: &[String]) {
    scene.file(".git-credentials", lines.join("\n") + "\n");
    scene.config("credential.helper", "store");
}

/// An origin with `user:password@` in it.
fn with_login(origin: &str, user: &str, password: &str) -> String {
    origin.replacen("://", &format!("://{user}:{password}@"), 1)
}
