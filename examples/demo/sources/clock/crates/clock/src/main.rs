//! Says a number of seconds in words.

fn main() {
    let Some(seconds) = std::env::args().nth(1).and_then(|text| text.parse().ok()) else {
        eprintln!("usage: clock SECONDS");
        std::process::exit(2);
    };
    println!("{}", emphasis(&timefmt::words(seconds)));
}

#[cfg(feature = "colour")]
fn emphasis(text: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}")
}

#[cfg(not(feature = "colour"))]
fn emphasis(text: &str) -> String {
    text.to_owned()
}
