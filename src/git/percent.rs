//! Percent-encoding in addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but letters, digits and `-._~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Resolves `%41` escapes. Returns `None` when one is incomplete or the result is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

/// Escapes all but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_or_refused() {
        assert_eq!(decode("a%20b%c3%A4").as_deref(), Some("a bä"));
        assert_eq!(decode("").as_deref(), Some(""));
        for text in ["%", "a%2", "%zz", "%+1", "%%20", "%ff", "%2ä"] {
            assert_eq!(decode(text), None, "{text}");
        }
        let text = "a-b._~/@: ä%";
        assert_eq!(encode(text), "a-b._~%2F%40%3A%20%C3%A4%25");
        assert_eq!(decode(&encode(text)).as_deref(), Some(text));
    }
}
