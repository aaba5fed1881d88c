use std::path::Path;

use crate::error::Diagnostic;

use super::*;

#[test]
fn what_git_repositories_are_called_is_accepted() {
    for (text, host, local) in [
        ("https://github.com/casey/just", Some("github.com"), false),
        ("https://Forge.Example:3000/a/b.git", Some("forge.example"), false),
        ("http://127.0.0.1:80/a", Some("127.0.0.1"), false),
        ("ssh://git@[::1]:2222/a", Some("::1"), false),
        ("git@github.com:casey/just.git", Some("github.com"), false),
        ("alias:just.git", Some("alias"), false),
        ("[::1]:just", Some("::1"), false),
        ("git://host/a", Some("host"), false),
        ("file:///srv/git/a%20b", None, true),
        ("/srv/git/my repo", None, true),
    ] {
        let url = RemoteUrl::parse(text).unwrap();
        assert_eq!((url.host(), url.is_local()), (host, local), "{text}");
    }
    let file = RemoteUrl::parse("file:///srv/git/a%20b/").unwrap();
    assert_eq!(file.local_path(), Some(Path::new("/srv/git/a b")));
}

#[test]
fn what_is_dangerous_or_unclear_is_refused() {
    for (text, kind) in [
        ("", "bad_url"),
        ("--upload-pack=touch /tmp/x", "bad_url"),
        ("ext::sh -c id", "scheme_denied"),
        ("fd::17", "scheme_denied"),
        ("ftp://host/a", "scheme_denied"),
        ("ext://sh", "scheme_denied"),
        ("https://host/a\nb", "bad_url"),
        ("https://host/a%0ab", "bad_url"),
        ("https://host/a/../b", "bad_url"),
        ("https://host/a/%2e%2E/b", "bad_url"),
        ("https://host/a%zz", "bad_url"),
        ("https:///a", "bad_url"),
        ("https://:80/a", "bad_url"),
        ("https://host:0/a", "bad_url"),
        ("https://host:99999/a", "bad_url"),
        ("https://host", "bad_url"),
        ("https://host/a?token=x", "bad_url"),
        ("https://ho st/a", "bad_url"),
        ("ssh://-oProxyCommand=id/a", "bad_url"),
        ("ssh://-l@host/a", "bad_url"),
        ("ssh://u:p@host/a", "bad_url"),
        ("-host:a", "bad_url"),
        ("u@-host:a", "bad_url"),
        ("host:-a", "bad_url"),
        ("host:a/../b", "bad_url"),
        ("git@host:", "bad_url"),
        ("u:p@host/a", "bad_url"),
        ("git://u@host/a", "bad_url"),
        ("/srv/../etc", "bad_url"),
        ("/", "bad_url"),
        ("file://host/a", "bad_url"),
        ("file:///a/%2e%2e/b", "bad_url"),
        ("../a", "bad_url"),
        ("./a", "bad_url"),
        ("~/a", "bad_url"),
        ("github.com/casey/just", "bad_url"),
    ] {
        let error = RemoteUrl::parse(text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.hint().is_some(), "{text}");
    }
    let error = RemoteUrl::parse("github.com/casey/just").unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean `https://github.com/casey/just`?");
}

#[test]
fn credentials_are_kept_aside_and_never_shown() {
    for text in [
        "https://me:s3cret@host/a",
        "https://s3cret@host/a",
        "https://me:s3%63ret@host/a",
        "https://me:s3/cret@host/a",
        "https://me:s3cret@@host/a",
        "https://me:s3cret@host:bad/a",
        "https://host/a?private_token=s3cret",
        "me:s3cret@host/a",
        "ssh://me:s3cret@host/a",
        "ftp://me:s3cret@host/a",
        "ext::https://me:s3cret@host/a",
    ] {
        let shown = match RemoteUrl::parse(text) {
            Ok(url) => format!("{url} {url:?} {}", url.as_str()),
            Err(error) => format!("{error} {error:?} {:?} {:?}", error.hint(), error.details()),
        };
        for secret in ["s3cret", "s3%63ret", "s3/cret", "cret"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let url = RemoteUrl::parse("https://me:s3cret@host:81/a").unwrap();
    assert_eq!(url.as_str(), "https://host:81/a");
    assert_eq!(RemoteUrl::parse("ssh://git@host/a").unwrap().as_str(), "ssh://git@host/a");
}

#[test]
fn the_same_repository_is_recognised() {
    let same = |one: &str, other: &str| {
        RemoteUrl::parse(one).unwrap().is_same(&RemoteUrl::parse(other).unwrap())
    };
    assert!(same("https://host/a", "https://tok@HOST/a.git/"));
    assert!(same("file:///srv/a", "/srv/a/"));
    assert!(!same("https://host/a", "https://host/b"));
    assert!(!same("https://host/a", "ssh://host/a"));
}

#[test]
fn submodules_may_be_relative_but_not_leave_the_host() {
    for (base, relative, expected) in [
        ("https://host/a/b.git", "../c.git", Some("https://host/a/c.git")),
        ("https://host/a/b", "../../c", Some("https://host/c")),
        ("https://host/a/b", "../../../c", None),
        ("https://host/a/b", "./c", Some("https://host/a/b/c")),
        ("git@host:a/b", "../c", Some("git@host:a/c")),
        ("git@host:b", "../c", Some("git@host:c")),
        ("git@host:b", "../../c", None),
        ("/srv/a", "../b", Some("/srv/b")),
        ("https://host/a/b", "../c/../d", None),
        ("https://host/a/b", "ssh://other/c", Some("ssh://other/c")),
    ] {
        let joined = RemoteUrl::parse(base).unwrap().join(relative);
        assert_eq!(joined.ok().as_ref().map(RemoteUrl::as_str), expected, "{base} {relative}");
    }
    let base = RemoteUrl::parse("https://tok@host/a/b").unwrap();
    assert!(base.join("../c").unwrap().login().is_some());
    assert!(base.join("https://other/c").unwrap().login().is_none());
}
