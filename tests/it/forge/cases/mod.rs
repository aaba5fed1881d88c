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

use std::path::PathBuf;

use super::case::Case;
use super::scene::{Scene, write};

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

/// Stores a password that opens the web server.
fn login_here(scene: &mut Scene) {
    let origin = origin(scene);
    let password = scene.password(&origin);
    store(scene, &[with_login(&origin, "alice", &password)]);
}

/// The variable with hero's token for the web server.
const TOKEN_HERE: &str = "HERO_GIT_TOKEN_127_0_0_1";

/// Gives hero a token that opens the web server; returns it.
fn token_here(scene: &mut Scene) -> String {
    let token = scene.password(&origin(scene));
    scene.env(TOKEN_HERE, &token);
    token
}

/// Writes hero's configuration with a token for a server, or adds one.
fn configured(scene: &mut Scene, key: &str, token: &str) -> PathBuf {
    let path = scene.world.home(".config/hero/config.toml");
    let before = std::fs::read_to_string(&path).unwrap_or_else(|_| "[git.tokens]\n".into());
    write(&path, &format!("{before}\"{key}\" = \"{token}\"\n"), 0o600)
}

/// `127.0.0.1:PORT` of an origin over plain http.
fn place(origin: &str) -> &str {
    origin.trim_start_matches("http://")
}
