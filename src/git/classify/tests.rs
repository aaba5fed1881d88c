use super::*;
use crate::error::Diagnostic;

#[test]
fn what_the_command_line_says_is_told_apart() {
    for (url, stderr, kind) in [
        ("git@h:a", "ssh: Could not resolve hostname h: x\nfatal: Could not read", "dns"),
        ("git@h:a", "ssh: connect to host h port 22: Connection refused", "refused"),
        ("git@h:a", "ssh: connect to host h port 22: Connection timed out", "timeout"),
        ("git@h:a", "git@h: Permission denied (publickey,password).", "auth_failed"),
        ("git@h:a", "Host key verification failed.\nfatal: Could not", "host_key_unknown"),
        (
            "git@h:a",
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            "host_key_changed",
        ),
        ("git@h:a", "ERROR: Repository not found.\nfatal: Could not", "remote_not_found"),
        ("https://h/a", "fatal: could not read Username for 'https://h'", "auth_required"),
        ("https://h/a", "fatal: unable to access: SSL certificate problem: x", "tls_invalid"),
        ("https://h/a", "The requested URL returned error: 503", "server_error"),
        ("https://h/a", "The requested URL returned error: 404", "remote_not_found"),
        ("https://h/a", "The requested URL returned error: 301", "redirected"),
        (
            "https://h/a",
            "fatal: https://h/a/info/refs not valid: is this a git",
            "remote_not_found",
        ),
        ("https://h/a", "fatal: early EOF", "disconnected"),
        ("/a", "fatal: '/a' does not appear to be a git repository", "remote_not_found"),
        ("/a", "fatal: detected dubious ownership in repository at '/a'", "owner"),
        ("/a", "fatal: something else", "git"),
    ] {
        let error = command(stderr, &RemoteUrl::parse(url).unwrap(), false);
        assert_eq!(error.kind(), kind, "{stderr}");
    }
}

#[test]
fn what_libgit2_says_is_told_apart() {
    use ErrorClass as Class;
    use ErrorCode as Code;
    let g = Code::GenericError;
    for (url, code, class, text, kind) in [
        ("https://h/a", g, Class::Net, "failed to resolve address for h: x", "dns"),
        ("https://h/a", g, Class::Os, "failed to connect to h: Connection refused", "refused"),
        ("https://h/a", Code::Timeout, Class::Net, "could not connect", "timeout"),
        ("ssh://h/a", g, Class::Ssh, "Timed out waiting on socket: timed out", "timeout"),
        ("https://h/a", Code::Certificate, Class::Ssl, "x", "tls_invalid"),
        ("ssh://h/a", Code::Certificate, Class::Ssh, "x", "host_key_unknown"),
        ("https://h/a", g, Class::Http, "unexpected http status code: 502", "server_error"),
        ("https://h/a", g, Class::Http, "unexpected http status code: 403", "auth_required"),
        ("https://h/a", Code::Auth, Class::Http, "x", "auth_required"),
        ("git://h/a", g, Class::Net, "remote error: repository not exported", "remote_not_found"),
        ("https://h/a", g, Class::Net, "cannot redirect from 'h' to 'evil'", "redirected"),
        ("https://h/a", g, Class::Http, "invalid content-type: 'text/html'", "remote_not_found"),
        ("git://h/a", Code::Eof, Class::Net, "early EOF", "disconnected"),
        ("/a", Code::NotFound, Class::Repository, "x", "remote_not_found"),
    ] {
        let failure = Failure {
            error: git2::Error::new(code, class, text),
            tried: Vec::new(),
            fingerprint: None,
            host_is_known: false,
        };
        let error = native(&failure, &RemoteUrl::parse(url).unwrap());
        assert_eq!(error.kind(), kind, "{text}");
    }
}
