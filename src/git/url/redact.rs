//! Credentials out of texts.

/// A text that may have credentials in it, without them: whatever stands
/// before the last `@` goes, except the user name of `user@host:path`.
pub(in crate::git) fn redact(text: &str) -> String {
    let shown = match (text.split_once("://"), text.rfind('@')) {
        (Some((scheme, rest)), Some(_)) => match rest.rfind('@') {
            Some(at) => format!("{scheme}://***{}", &rest[at..]),
            None => text.to_owned(),
        },
        (None, Some(at)) if text[..at].contains([':', '/']) => format!("***{}", &text[at..]),
        _ => text.to_owned(),
    };
    // A token in a query is one too.
    match shown.split_once('?') {
        Some((before, _)) if shown.contains("://") => format!("{before}?***"),
        _ => shown,
    }
}
