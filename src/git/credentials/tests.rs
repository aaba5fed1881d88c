use std::collections::BTreeMap;

use super::*;

fn credentials(config: &[(&str, &str)], variables: &[(&str, &str)]) -> Credentials {
    let own = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let urls = BTreeMap::from([("GITEA_TOKEN", "https://tea.example:3000".to_owned())]);
    Credentials::new(&own(config), &urls, own(variables))
}

fn shown(login: Option<Login>) -> Option<(String, String)> {
    login.map(|login| (login.user, login.secret.reveal().to_owned()))
}

#[allow(clippy::unnecessary_wraps, reason = "it is compared with a login that may be missing")]
fn token(token: &str) -> Option<(String, String)> {
    Some(("x-access-token".to_owned(), token.to_owned()))
}

const VARIABLES: &[(&str, &str)] = &[
    ("HERO_GIT_TOKEN_GIT_MY_ORG", "env"),
    ("HERO_GIT_TOKEN_PORTS_8443", "port-env"),
    ("HERO_GIT_TOKEN_127_0_0_1", "here"),
    ("GITHUB_TOKEN", "hub"),
    ("FORGEJO_TOKEN", "jo:forge"),
    ("FORGEJO_URL", "https://jo.example/"),
    ("GITEA_TOKEN", "tea"),
    ("OTHER", "no"),
];

const CONFIG: &[(&str, &str)] = &[
    ("Forge.example", "conf"),
    ("forge.example:8443", "deploy:port"),
    ("http://plain.lan:3000", "clear"),
    ("[fd00::1]:8443", "six"),
    ("empty.example", " "),
];

#[test]
fn each_server_gets_its_own_token_and_no_other() {
    let all = credentials(CONFIG, VARIABLES);
    for (url, named, expected) in [
        ("https://forge.example/a", false, token("conf")),
        ("https://forge.example:443/a", false, token("conf")),
        ("https://forge.example:8443/a", false, Some(("deploy".into(), "port".into()))),
        // A host alone is for its usual port, or for what the script says.
        ("https://forge.example:9000/a", false, None),
        ("https://forge.example:9000/a", true, token("conf")),
        ("https://git.my-org/a", true, token("env")),
        ("https://git.my-org:8443/a", true, token("env")),
        // The variable is that of several hosts: only the script may name one.
        ("https://git.my-org/a", false, None),
        ("https://git-my.org/a", false, None),
        ("https://ports:8443/a", true, token("port-env")),
        ("https://ports:8443/a", false, None),
        ("https://ports/a", true, None),
        ("http://127.0.0.1:8080/a", true, token("here")),
        ("http://127.0.0.1:8080/a", false, None),
        ("http://127.0.0.2:8080/a", true, None),
        ("https://github.com/a/b", false, token("hub")),
        ("https://github.com:444/a/b", true, None),
        ("https://gitlab.com/a/b", true, None),
        ("https://jo.example/a", false, Some(("jo".into(), "forge".into()))),
        ("https://tea.example:3000/a", false, token("tea")),
        ("https://tea.example/a", true, None),
        ("https://forge.example.evil/a", true, None),
        ("https://empty.example/a", true, None),
        ("http://forge.example/a", true, None),
        ("http://plain.lan:3000/a", false, token("clear")),
        ("https://plain.lan:3000/a", false, None),
        ("https://[fd00::1]:8443/a", false, token("six")),
        ("ssh://git@forge.example/a", true, None),
        ("https://me:pass%21@forge.example/a", false, Some(("me".into(), "pass!".into()))),
        ("https://tok@forge.example/a", false, token("tok")),
    ] {
        let login = all.login(&RemoteUrl::parse(url).unwrap(), named);
        assert_eq!(shown(login), expected, "{url} {named}");
    }
}

#[test]
fn a_token_that_is_withheld_from_plain_http_is_known() {
    let all = credentials(CONFIG, VARIABLES);
    for (url, expected) in [
        ("http://forge.example/a", true),
        ("http://git.my-org:80/a", true),
        ("https://forge.example/a", false),
        ("http://127.0.0.1/a", false),
        ("http://unknown/a", false),
    ] {
        assert_eq!(all.withholds(&RemoteUrl::parse(url).unwrap()), expected, "{url}");
    }
}

#[test]
fn git_is_answered_for_the_server_it_asks_about() {
    let all = credentials(CONFIG, VARIABLES);
    let url = RemoteUrl::parse("http://alice:pw@127.0.0.1:8080/a").unwrap();
    let hand_over = HandOver::new(&all, &url, Server::of(&url).as_ref()).unwrap();
    for (question, expected) in [
        ("protocol=http\nhost=127.0.0.1:8080\n", Some(("alice".into(), "pw".into()))),
        ("protocol=https\nhost=127.0.0.1:8080\n", None),
        ("protocol=http\nhost=127.0.0.1:8081\n", None),
        ("protocol=http\nhost=127.0.0.2:8080\n", None),
        ("protocol=https\nhost=github.com\npath=a/b\n", token("hub")),
        ("protocol=https\nhost=GitHub.com\n", token("hub")),
        ("protocol=https\nhost=github.com.evil\n", None),
        ("protocol=ftp\nhost=github.com\n", None),
        ("host=github.com\n", None),
        ("protocol=https\n", None),
    ] {
        let login = Server::parse(question).and_then(|server| hand_over.login(&server));
        assert_eq!(shown(login), expected, "{question}");
    }
}

#[test]
fn a_repository_s_own_addresses_get_exact_tokens_only() {
    let all = credentials(CONFIG, VARIABLES);
    let server = |text| Server::parse(text).unwrap();
    let forge = server("protocol=https\nhost=forge.example\n");
    let other = server("protocol=https\nhost=forge.example:9000\n");
    let some = HandOver::only(&all, &[forge.clone(), other.clone()], None).unwrap();
    assert_eq!(shown(some.login(&forge)), token("conf"));
    assert_eq!(shown(some.login(&other)), None);
    assert_eq!(shown(some.login(&server("protocol=https\nhost=github.com\n"))), None);
    assert!(HandOver::only(&all, std::slice::from_ref(&other), None).is_none());
    let named = HandOver::only(&all, std::slice::from_ref(&other), Some(&other)).unwrap();
    assert_eq!(shown(named.login(&other)), token("conf"));
    let nothing = Credentials::default();
    assert!(HandOver::new(&nothing, &RemoteUrl::parse("https://h/a").unwrap(), None).is_none());
}

#[test]
fn nothing_shows_a_secret() {
    let all = credentials(&[("a.example", "s3cret")], &[]);
    let url = RemoteUrl::parse("https://u:s3cret@a.example/x").unwrap();
    let login = all.login(&url, true).unwrap();
    for text in
        [format!("{all:?}"), format!("{url:?} {url}"), format!("{login:?} {}", login.secret)]
    {
        assert!(!text.contains("s3cret"), "{text}");
    }
}
