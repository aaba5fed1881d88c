use super::*;
use crate::error::Diagnostic;

fn refusal(url: &str, stderr: &str) -> Refusal {
    let url = RemoteUrl::parse(url).unwrap();
    let heard =
        Heard { stderr: stderr.to_owned(), ended: "exited with 128".to_owned(), retry_after: None };
    Refusal::new(&url, Token::None, &heard)
}

const READ: &str = "\nfatal: Could not read from remote repository.\n\nPlease make sure you have \
                    the correct access rights\nand the repository exists.\n";

#[test]
fn refusals_over_ssh_are_told_apart() {
    for (stderr, kind, hint) in [
        ("ssh: Could not resolve hostname h: Name or service not known", "dns", "getent hosts h"),
        ("ssh: connect to host h port 22: Connection refused", "refused", "host and port"),
        ("ssh: connect to host h port 22: Connection timed out", "timeout", "ping h"),
        ("ssh: connect to host h port 22: No route to host", "timeout", "ping h"),
        ("git@h: Permission denied (publickey,password).", "auth_failed", "ssh-add"),
        (
            "Load key \"/k/id\": bad permissions\ngit@h: Permission denied (publickey).",
            "auth_failed",
            "chmod 600 /k/id",
        ),
        (
            "Load key \"/k/id\": error in libcrypto\ngit@h: Permission denied (publickey).",
            "auth_failed",
            "ssh-keygen -y -f /k/id",
        ),
        ("Host key verification failed.", "host_key_unknown", "ssh -p 2222 git@h"),
        (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification \
             failed.",
            "host_key_changed",
            "ssh-keygen -R '[h]:2222'",
        ),
        ("ERROR: Repository not found.", "remote_not_found", "ssh -T -p 2222 git@h"),
        (
            "remote: \nremote: ========\nremote: \nremote: ERROR: The project you were looking for \
             could not be found or you don't have permission to view it.\n",
            "remote_not_found",
            "ssh -T",
        ),
        ("Forgejo: Cannot find repository: o/r", "remote_not_found", "ssh -T"),
        (
            "Gitea: User: 3:me with Key: 4:k is not authorized to read o/r.",
            "forbidden",
            "ask for read access",
        ),
        (
            "FATAL: R any o/r me DENIED by fallthru\n(or you mis-spelled the reponame)",
            "remote_not_found",
            "ssh -p 2222 git@h info",
        ),
        ("conq: repository does not exist.", "remote_not_found", "ssh -T"),
        ("fatal: 'o/r' does not appear to be a git repository", "remote_not_found", "path"),
        (
            "Unable to negotiate with 1.2.3.4 port 22: no matching host key type found. Their \
             offer: ssh-rsa,ssh-dss",
            "ssh",
            "HostKeyAlgorithms +ssh-rsa",
        ),
        ("/h/.ssh/config: line 1: Bad configuration option: x", "ssh", "mend the file"),
        (
            "ssh: connect to host j port 22: Connection refused\nkex_exchange_identification: \
             Connection closed by remote host\nConnection closed by UNKNOWN port 65535",
            "disconnected",
            "jump host",
        ),
        ("fatal: protocol error: bad line length character: This", "ssh", "print nothing"),
        ("kex_exchange_identification: read: Connection reset by peer", "disconnected", "rerun"),
        (
            "fatal: detected dubious ownership in repository at '/srv/r.git'",
            "owner",
            "on the server",
        ),
    ] {
        let refusal = refusal("ssh://git@h:2222/o/r", &format!("{stderr}{READ}"));
        assert_eq!(refusal.kind(), kind, "{stderr}");
        assert!(refusal.hint().unwrap().contains(hint), "{stderr}: {:?}", refusal.hint());
        assert_eq!(
            refusal.retries() > 0,
            matches!(kind, "refused" | "disconnected") && !stderr.contains("UNKNOWN"),
            "{stderr}"
        );
    }
}

#[test]
fn refusals_of_web_servers_are_told_apart() {
    let url = "fatal: unable to access 'https://h/a/': ";
    for (stderr, kind, hint) in [
        (
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
            "auth_required",
            "HERO_GIT_TOKEN_H=TOKEN",
        ),
        ("fatal: Authentication failed for 'https://h/a/'", "auth_failed", "HERO_GIT_TOKEN_H"),
        (&format!("{url}The requested URL returned error: 403"), "forbidden", "HERO_GIT_TOKEN_H"),
        ("fatal: repository 'https://h/a/' not found", "remote_not_found", "check the address"),
        (&format!("{url}The requested URL returned error: 410"), "remote_not_found", "address"),
        (&format!("{url}The requested URL returned error: 429"), "rate_limited", "rerun later"),
        (&format!("{url}The requested URL returned error: 503"), "server_error", "rerun later"),
        (
            "error: RPC failed; HTTP 500 curl 22 The requested URL returned error: 500\nfatal: \
             expected flush after ref listing",
            "server_error",
            "fault",
        ),
        (&format!("{url}CONNECT tunnel failed, response 407"), "proxy", "https_proxy="),
        (&format!("{url}Received HTTP code 407 from proxy after CONNECT"), "proxy", "https_proxy"),
        (&format!("{url}Could not resolve proxy: p"), "proxy", "check the proxy"),
        (&format!("{url}Maximum (20) redirects followed"), "redirected", "curl -sIL"),
        (
            "fatal: unable to update url base from redirection:\n  asked for: https://h/a\n   \
             redirect: https://h/login",
            "redirected",
            "curl -sIL https://h/a/info/refs",
        ),
        (
            "fatal: https://h/a/info/refs not valid: is this a git repository?",
            "remote_not_found",
            "",
        ),
        (
            &format!("{url}server certificate verification failed. CAfile: x CRLfile: none"),
            "tls_invalid",
            "http.https://h/.sslCAInfo",
        ),
        (&format!("{url}SSL certificate problem: certificate has expired"), "tls_invalid", "clock"),
        (
            &format!(
                "{url}SSL: no alternative certificate subject name matches target host name 'h'"
            ),
            "tls_invalid",
            "host name that the certificate is for",
        ),
        (
            &format!("{url}GnuTLS recv error (-12): A TLS fatal alert has been received."),
            "tls_invalid",
            ".sslCert",
        ),
        (&format!("{url}error setting certificate file: /x"), "tls_invalid", "ssl"),
        (&format!("{url}Could not resolve host: h"), "dns", "getent hosts h"),
        (
            &format!("{url}Failed to connect to h port 443 after 0 ms: Couldn't connect to server"),
            "refused",
            "host and port",
        ),
        (
            "error: RPC failed; curl 18 transfer closed with 9 bytes remaining to read\nfatal: \
             early EOF",
            "disconnected",
            "rerun",
        ),
        (&format!("{url}Operation too slow. Less than 1 bytes/sec"), "timeout", "ping h"),
        ("fatal: couldn't find remote ref refs/heads/x", "ref_not_found", "git ls-remote"),
        ("fatal: remote error: upload-pack: not our ref abc", "ref_not_found", "git ls-remote"),
        ("fatal: mismatched algorithms: client sha1; server sha256", "unsupported", "git"),
        ("fatal: write error: No space left on device", "disk_full", "df -h"),
        ("fatal: something new", "git", "git ls-remote https://h/a"),
    ] {
        let refusal = refusal("https://h/a", stderr);
        assert_eq!(refusal.kind(), kind, "{stderr}");
        assert!(refusal.hint().unwrap().contains(hint), "{stderr}: {:?}", refusal.hint());
    }
}

#[test]
fn other_transports_are_told_apart() {
    for (url, stderr, kind) in [
        (
            "git://h/a",
            "fatal: remote error: access denied or repository not exported: /a",
            "remote_not_found",
        ),
        ("git://h/a", "fatal: unable to look up h (port 9418) (Name or service not known)", "dns"),
        (
            "git://h/a",
            "fatal: unable to connect to h:\nh[0: ::1]: errno=Connection refused",
            "refused",
        ),
        ("git://h/a", "fatal: early EOF", "disconnected"),
        ("/a", "fatal: '/a' does not appear to be a git repository", "remote_not_found"),
        ("/a", "fatal: repository '/a' does not exist", "remote_not_found"),
        ("/a", "fatal: detected dubious ownership in repository at '/a'", "owner"),
        ("/a", "fatal: transport 'file' not allowed", "unsupported"),
        ("/a", "fatal: something else", "git"),
    ] {
        assert_eq!(refusal(url, stderr).kind(), kind, "{stderr}");
    }
    let owner = refusal("/a", "fatal: detected dubious ownership in repository at '/a b'");
    assert_eq!(
        owner.hint().unwrap(),
        "if you trust it: git config --global --add safe.directory '/a b'"
    );
}

#[test]
fn a_token_that_exists_is_not_asked_for_again() {
    let hint = |url: &str, token| {
        let url = RemoteUrl::parse(url).unwrap();
        let server = url.as_str().trim_end_matches("/a");
        let stderr = format!("fatal: could not read Username for '{server}': terminal prompts");
        let heard = Heard { stderr, ..Heard::default() };
        Refusal::new(&url, token, &heard).hint().unwrap()
    };
    let plain = hint("http://forge.lan:3000/a", Token::Withheld);
    assert!(plain.contains("does not send its token over plain http"), "{plain}");
    assert!(plain.contains("\"http://forge.lan:3000\" = \"TOKEN\""), "{plain}");
    let safe = hint("https://forge.lan/a", Token::Given);
    assert!(safe.contains("a token that is valid"), "{safe}");
}

#[test]
fn the_server_that_asks_is_named_after_a_redirect() {
    let text = "fatal: Authentication failed for 'https://other.example/x/a.git/'";
    let refusal = refusal("https://h/a", text);
    assert!(refusal.hint().unwrap().contains("\"other.example\" = \"TOKEN\""), "{refusal:?}");
    assert!(refusal.to_string().contains("https://h/a"));
}

#[test]
fn a_proxy_that_is_not_there_is_told_from_the_server() {
    for (url, text, kind) in [
        ("https://h/a", "Failed to connect to h port 443 after 0 ms: x", "refused"),
        ("http://h:81/a", "Failed to connect to h port 81 after 0 ms: x", "refused"),
        ("https://h/a", "Failed to connect to 127.0.0.1 port 3128 after 0 ms: x", "proxy"),
        ("http://h:81/a", "Failed to connect to h port 3128 after 0 ms: x", "proxy"),
    ] {
        let text = format!("fatal: unable to access '{url}/': {text} Couldn't connect to server");
        assert_eq!(refusal(url, &text).kind(), kind, "{text}");
    }
}

#[test]
fn the_words_of_the_server_are_shown_and_harmless() {
    let text = "remote: \u{1b}[31mYour account\u{202e} is disabled.\u{7}\nremote: \nfatal: unable \
                to access 'https://h/a/': The requested URL returned error: 403\n";
    assert_eq!(refusal("https://h/a", text).words, ["the server: Your account  is disabled."]);
    let own = refusal("https://h/a", "fatal: something new\n");
    assert_eq!(own.words, ["git: something new"]);
    let silent = refusal("https://h/a", "");
    assert_eq!(silent.words, ["git exited with 128 without a message"]);
    let long = refusal("https://h/a", &format!("fatal: {}\n", "x".repeat(5000)));
    assert!(long.words[0].len() < 300);
}

#[test]
fn a_number_after_the_colon_may_be_meant_as_a_port() {
    let refused = "git@h: Permission denied (publickey).";
    for (url, address) in [
        ("git@h:2222/o/r.git", Some("ssh://git@h:2222/o/r.git")),
        ("h:22/r", Some("ssh://h:22/r")),
        ("git@[::1]:2222/o/r", Some("ssh://git@[::1]:2222/o/r")),
        ("git@h:o/2222", None),
        ("git@h:2222", None),
        ("git@h:2222x/r", None),
        ("git@h:99999/r", None),
        ("ssh://git@h:2222/o/r", None),
    ] {
        for stderr in [refused, "Host key verification failed.", "Connection timed out"] {
            let hint = refusal(url, &format!("{stderr}{READ}")).hint().unwrap();
            let expected = address.map(|it| format!("if it is the port, write {it}; "));
            match expected {
                Some(expected) => assert!(hint.contains(&expected), "{url}: {hint}"),
                None => assert!(!hint.contains("the port, write"), "{url}: {hint}"),
            }
        }
    }
    // What has nothing to do with the address.
    let hint = refusal("git@h:2222/r", "No space left on device").hint().unwrap();
    assert!(!hint.contains("the port, write"), "{hint}");
}

#[test]
fn who_was_asked_is_not_told_to_let_git_ask() {
    let text = "fatal: Authentication failed for 'https://h.example/a.git/'";
    let refusal = refusal("https://h.example/a.git", text);
    assert!(refusal.hint().unwrap().contains("HERO_GIT_PROMPT"));
    let hint = Refusal { asked: true, ..refusal }.hint().unwrap();
    assert!(hint.contains("HERO_GIT_TOKEN_") && !hint.contains("PROMPT"), "{hint}");
}
