//! Prints the ten most frequent words of standard input.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(text) = words::input("words-top")? {
        for (word, count) in words::top(&text, 10) {
            println!("{count:>6} {word}");
        }
    }
    Ok(())
}
