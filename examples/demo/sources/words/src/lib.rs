//! Words in text, by the rules of Unicode.

use std::collections::BTreeMap;
use std::io::Read;

use unicode_segmentation::UnicodeSegmentation;

/// How many words a text has.
pub fn count(text: &str) -> usize {
    text.unicode_words().count()
}

/// The most frequent words of a text, with their numbers.
pub fn top(text: &str, limit: usize) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for word in text.unicode_words() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.truncate(limit);
    words
}

/// Standard input, or what a program says instead of reading it.
pub fn input(program: &str) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let mut parser = lexopt::Parser::from_env();
    if let Some(argument) = parser.next()? {
        if argument == lexopt::Arg::Long("version") {
            println!("{program} {}", env!("CARGO_PKG_VERSION"));
            return Ok(None);
        }
        return Err(argument.unexpected().into());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Some(text))
}
