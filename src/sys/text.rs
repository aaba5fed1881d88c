//! Text from outside, made safe to show; bytes as text.

/// The text without escape sequences, control characters and characters that change
/// the direction of writing; a space stands for each run of them. Tabs become spaces.
pub fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == '\u{1b}' {
            // `ESC [ … letter`, or one character more.
            if rest.next_if_eq(&'[').is_some() {
                while rest.next_if(|it| !it.is_ascii_alphabetic()).is_some() {}
            }
            rest.next();
        } else if is_hidden(letter) {
            if !clean.ends_with(' ') {
                clean.push(' ');
            }
        } else {
            clean.push(letter);
        }
    }
    clean
}

/// The bytes as lower-case hexadecimal digits, two each.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_the_direction() {
        for (text, clean) in [
            ("plain über", "plain über"),
            ("\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}", "red0;title "),
            ("a\u{202e}b\r\nc\td", "a b c d"),
            ("\u{1b}", ""),
        ] {
            assert_eq!(printable(text), clean);
        }
    }

    #[test]
    fn each_byte_has_two_digits() {
        assert_eq!(hex(&[0, 9, 10, 255]), "00090aff");
        assert_eq!(hex(&[]), "");
    }
}
