//! Prints how many words standard input has.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(text) = words::input("words-count")? {
        println!("{}", words::count(&text));
    }
    Ok(())
}
