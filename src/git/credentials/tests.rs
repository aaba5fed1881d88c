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
    ("127.0.0.1:9102", "local"),
    ("https://slash.example/", "slash"),
    ("usual.example:443", "usual"),
    ("http://old.example:80", "eighty"),
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
        ("http://127.0.0.1:9102/a", false, token("local")),
        ("https://slash.example/a", false, token("slash")),
        ("https://usual.example/a", false, token("usual")),
        ("https://usual.example:8443/a", true, None),
        ("http://old.example/a", false, token("eighty")),
        ("https://forge.example.evil/a", true, None),
        ("https://empty.example/a", true, None),
        ("http://forge.example/a", true, None),
        ("http://plain.lan:3000/a", false, token("clear")),
        ("https://plain.lan:3000/a", false, None),
        ("https://[fd00::1]:8443/a", false, token("six")),
        ("ssh://git@forge.example/a", true, None),
        ("https://me:pass%21@forge.example/a", false, Some(("me".into(), "pass!".into()))),
        ("https://tok@unknown.example/a", true, None),
        ("https://ghp_0123456789ab@unknown.example/a", true, token("ghp_0123456789ab")),
        ("https://ghp_0123456789ab@forge.example/a", false, token("ghp_0123456789ab")),
        ("https://first.last%40corp.example@unknown.example/a", true, None),
        ("https://gitlab+deploy-token-12@unknown.example/a", true, None),
        ("https://alice@forge.example/a", false, Some(("alice".into(), "conf".into()))),
        ("https://alice@jo.example/a", false, Some(("jo".into(), "forge".into()))),
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
fn a_forge_s_token_goes_over_plain_http_only_on_this_machine() {
    for (url, config, expected, ignored) in [
        ("http://127.0.0.1:3000/", &[][..], token("jo"), 0),
        ("http://forge.lan:3000", &[], None, 1),
        ("http://forge.lan:3000", &[("http://forge.lan:3000", "allowed")], token("allowed"), 0),
        ("http://forge.lan:3000", &[("forge.lan:3000", "no")], None, 1),
    ] {
        let all = credentials(config, &[("FORGEJO_TOKEN", "jo"), ("FORGEJO_URL", url)]);
        let url = RemoteUrl::parse(&format!("{}/a", url.trim_end_matches('/'))).unwrap();
        for named in [true, false] {
            assert_eq!(shown(all.login(&url, named)), expected, "{url}");
        }
        assert_eq!(all.ignored().len(), ignored, "{url}");
        assert_eq!(all.withholds(&url), expected.is_none(), "{url}");
        for Ignored { message, hint } in all.ignored() {
            assert_eq!(
                message,
                "`FORGEJO_TOKEN` is not used: http://forge.lan:3000 is not encrypted"
            );
            assert!(hint.contains("[git.tokens] \"http://forge.lan:3000\" = \"TOKEN\""), "{hint}");
        }
    }
}

#[test]
fn settings_that_reach_no_server_are_told_once() {
    for (config, variables, expected) in [
        (None, Some(("FORGEJO_TOKEN", "s3cret-token")), "nothing names its server"),
        (Some(("forge.example/team", "s3cret-token")), None, "`forge.example/team`"),
        (Some(("https://forge.example/team", "s3cret-token")), None, "names no server"),
        (Some(("ssh://forge.example", "s3cret-token")), None, "names no server"),
        (Some(("forge.example:port", "s3cret-token")), None, "names no server"),
        (Some(("https://me:s3cret-token@forge.example", "x")), None, "names no server"),
        (Some(("empty.example", " ")), None, "its token is empty"),
        (None, Some(("HERO_GIT_TOKEN_forge_example", "s3cret-token")), "other letters"),
    ] {
        let (config, variables) = (config.as_slice(), variables.as_slice());
        let all = credentials(config, variables);
        let [Ignored { message, hint }] = all.ignored() else { panic!("{expected}") };
        assert!(message.contains(expected), "{message}");
        assert!(!format!("{message} {hint}").contains("s3cret"), "{message} {hint}");
        assert_eq!((all.untold().len(), all.clone().untold().len()), (1, 0));
    }
    let bad = [("GITEA_TOKEN", "s3cret-token"), ("GITEA_URL", "tea example")];
    let all = credentials(&[], &bad);
    let message = &all.ignored()[0].message;
    assert_eq!(
        message,
        "`GITEA_TOKEN` is not used: `GITEA_URL` is not the address of a web server"
    );
    // An empty variable is as good as none.
    let all = credentials(&[], &[("GITEA_TOKEN", "tea"), ("GITEA_URL", " ")]);
    assert!(all.ignored().is_empty() && !all.is_empty());
    assert!(
        credentials(&[], &[("FORGEJO_TOKEN", ""), ("HERO_GIT_TOKEN_x", "")]).ignored().is_empty()
    );
}

#[test]
fn a_user_name_in_the_address_is_no_secret_and_is_left_to_git() {
    let of = |text: &str, all: &Credentials| {
        let url = RemoteUrl::parse(text).unwrap();
        let hand_over = HandOver::new(all, &url, Server::for_url(&url).as_ref());
        let name = hand_over.and_then(|it| Some(it.username()?.1.clone()));
        (url.with_username(), name)
    };
    let none = Credentials::default();
    let all = credentials(CONFIG, VARIABLES);
    for (text, all, address, name) in [
        ("https://alice@h.example/a", &none, "https://alice@h.example/a", Some("alice")),
        ("https://a.b%40c@h.example/a", &none, "https://a.b%40c@h.example/a", Some("a.b@c")),
        ("https://alice@forge.example/a", &all, "https://alice@forge.example/a", None),
        ("https://ghp_0123456789ab@h.example/a", &none, "https://h.example/a", None),
        ("https://alice:pw@h.example/a", &none, "https://h.example/a", None),
        ("https://h.example/a", &none, "https://h.example/a", None),
    ] {
        assert_eq!(of(text, all), (address.to_owned(), name.map(str::to_owned)), "{text}");
    }
}

#[test]
fn git_is_answered_for_the_server_it_asks_about() {
    let all = credentials(CONFIG, VARIABLES);
    let url = RemoteUrl::parse("http://alice:pw@127.0.0.1:8080/a").unwrap();
    let hand_over = HandOver::new(&all, &url, Server::for_url(&url).as_ref()).unwrap();
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
fn hero_answers_for_every_server_with_a_token_and_for_no_other() {
    let all = credentials(CONFIG, VARIABLES);
    let url = RemoteUrl::parse("https://h.example/a").unwrap();
    let servers = HandOver::new(&all, &url, Server::for_url(&url).as_ref()).unwrap().servers();
    let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
    let has = |server: &str| servers.iter().any(|it| it == server);
    for server in ["https://forge.example", "http://127.0.0.1:9102", "http://plain.lan:3000"] {
        assert!(has(server), "{server}: {servers:?}");
    }
    for server in ["http://forge.example", "https://plain.lan:3000", "https://h.example"] {
        assert!(!has(server), "{server}: {servers:?}");
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
