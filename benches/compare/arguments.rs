//! The command line.

use std::path::PathBuf;

pub struct Arguments {
    pub repo: Option<PathBuf>,
    pub bin: Option<String>,
    pub runs: usize,
    pub quick: bool,
}

impl Arguments {
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { repo: None, bin: None, runs: 3, quick: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                // cargo's own.
                "--bench" => {}
                "--quick" => read.quick = true,
                "--runs" => {
                    let number = words.next().and_then(|number| number.parse().ok());
                    read.runs = number.filter(|it| *it > 0).ok_or("--runs wants a number")?;
                }
                option if option.starts_with('-') => return Err(format!("what is {option}?")),
                _ if read.repo.is_none() => read.repo = Some(word.into()),
                _ if read.bin.is_none() => read.bin = Some(word),
                _ => return Err(format!("one repository, one binary; what is {word}?")),
            }
        }
        Ok(read)
    }
}
