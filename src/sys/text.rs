//! Text from outside, made safe to show; bytes as text.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Sequences that begin with ESC (ECMA-48): control sequences, strings such as a window's
/// title up to their end, and the short ones.
#[allow(clippy::expect_used, reason = "a constant, which each test compiles")]
static ESCAPES: LazyLock<Regex> = LazyLock::new(|| {
    let sequences =
        r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)";
    Regex::new(sequences).expect("a valid expression")
});

/// The text without escape sequences.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    ESCAPES.replace_all(text, "")
}

/// One line that is safe to show: the text without escape sequences, control characters and
/// characters that change the direction of writing. A space stands for each run of the
/// latter two, and for line breaks and tabs.
pub(crate) fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        if !is_hidden(letter) {
            clean.push(letter);
        } else if !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    clean
}

/// The text for a terminal: of control characters and escape sequences only line breaks, tabs
/// and colours stay.
pub(crate) fn colored(text: &str) -> String {
    let is_color = |sequence: &str| sequence.starts_with("\u{1b}[") && sequence.ends_with('m');
    let clean = ESCAPES.replace_all(text, |found: &regex::Captures| {
        let sequence = &found[0];
        if is_color(sequence) { sequence.to_owned() } else { String::new() }
    });
    let stays = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t' | '\u{1b}');
    clean.chars().filter(stays).collect()
}

/// The text, or its first `most` characters and `…`.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The bytes as lower-case hexadecimal digits, two each.
pub(crate) fn hex(bytes: &[u8]) -> String {
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
            ("\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}", "red"),
            ("\u{1b}]8;;https://h/\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}[2K\u{1b}[1;38:5:9mx\u{1b}(B\u{1b}c", "x"),
            ("a\u{202e}b\r\nc\td", "a b c d"),
            ("a\u{9b}31mb", "a 31mb"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
        ] {
            assert_eq!(printable(text), clean);
        }
    }

    #[test]
    fn a_terminal_gets_colours_and_lines() {
        let text = "\u{1b}[31mred\u{1b}[0m\r\n\tb\u{1b}[2J\u{7}\u{1b}]0;title\u{7}\n";
        assert_eq!(colored(text), "\u{1b}[31mred\u{1b}[0m\n\tb\n");
        assert_eq!(plain("\u{1b}[1ma\u{1b}[0m\n"), "a\n");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!([shortened("über", 4), shortened("über", 1)], ["über", "ü…"]);
    }

    #[test]
    fn each_byte_has_two_digits() {
        assert_eq!(hex(&[0, 9, 10, 255]), "00090aff");
        assert_eq!(hex(&[]), "");
    }
}
