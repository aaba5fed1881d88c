//! What a kind of error can do.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::exit::Exit;
use super::kinds::ErrorKind;

impl ErrorKind {
    /// Returns the kind with this word, or `None`.
    pub(crate) fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Returns the word that scripts compare.
    pub(crate) fn word(self) -> &'static str {
        self.row().kind
    }

    /// Returns the exit code of a run that ends with such an error.
    pub(crate) fn exit(self) -> Exit {
        self.row().exits.first().copied().unwrap_or(Exit::Failed)
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.word())
    }
}

impl PartialEq<&str> for ErrorKind {
    fn eq(&self, word: &&str) -> bool {
        self.word() == *word
    }
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for ErrorKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::find(&word)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no kind of error `{word}`")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_word_is_snake_case_and_there_once() {
        let mut words = BTreeSet::new();
        for kind in ErrorKind::ALL {
            let word = kind.word();
            assert!(words.insert(word), "{word} is there twice");
            let snake = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
            assert!(word.bytes().all(snake), "{word}");
            let camel: String =
                word.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
            assert_eq!(format!("{kind:?}"), camel, "the variant has the name of its word");
            assert_eq!(ErrorKind::find(word), Some(*kind));
        }
        assert_eq!(ErrorKind::find("none"), None);
    }

    #[test]
    fn a_row_has_two_sentences_and_an_exit_code_that_is_no_success() {
        for row in ErrorKind::ALL.iter().map(|kind| kind.row()) {
            for sentence in [row.meaning, row.advice] {
                assert!(sentence.ends_with('.'), "{}: {sentence}", row.kind);
                assert!(!sentence.contains(['|', '\n']), "{}: {sentence}", row.kind);
            }
            assert!(!row.exits.contains(&Exit::Done), "{}", row.kind);
        }
    }

    #[test]
    fn a_kind_is_its_word_in_json() {
        let text = serde_json::to_string(&ErrorKind::Locked).unwrap();
        assert_eq!(text, "\"locked\"");
        assert_eq!(serde_json::from_str::<ErrorKind>(&text).unwrap(), ErrorKind::Locked);
        let error = serde_json::from_str::<ErrorKind>("\"mine\"").unwrap_err();
        assert_eq!(error.to_string(), "there is no kind of error `mine`");
    }
}
