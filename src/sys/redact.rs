//! Credentials in addresses never reach a log or an error: cargo and git quote
//! addresses of dependencies as they are written, or as `insteadOf` makes them.

/// What ends the part of an address that can have credentials.
const ENDS: &[char] = &['/', ' ', '`', '\'', '"', '<', '>', '(', ')', '\t'];

/// The text with `***` for the user and password of every address.
pub fn redact(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("://");
        let authority = part.find(ENDS).map_or(part, |end| &part[..end]);
        match authority.rfind('@') {
            Some(at) => {
                clean.push_str("***");
                clean.push_str(&part[at..]);
            }
            None => clean.push_str(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_passwords_are_hidden_and_the_rest_stays() {
        for (text, clean) in [
            ("from `https://me:s3cret@host/a@b`", "from `https://***@host/a@b`"),
            ("https://tok@h and ssh://git@h/x", "https://***@h and ssh://***@h/x"),
            ("https://crates.io/a@1", "https://crates.io/a@1"),
            ("a@b.c: `path+file:///x#a@0.1.0`", "a@b.c: `path+file:///x#a@0.1.0`"),
        ] {
            assert_eq!(redact(text), clean);
        }
    }
}
