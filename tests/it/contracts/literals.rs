//! Finds kinds of errors that are written as text: in Rhai, and in Rust above the typed errors.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::repository;

/// A kind that a source file writes as text.
#[derive(Debug)]
pub struct Literal {
    /// The word.
    pub kind: String,
    /// File and line.
    pub place: String,
    /// The exit code that is written beside it.
    pub exit: Option<u8>,
    /// Whether an error of this kind is made here; otherwise it is only compared.
    pub thrown: bool,
}

/// Returns every kind that is written as text.
pub fn find() -> Vec<Literal> {
    let mut found = Vec::new();
    for file in files(&["src"], "rs") {
        let text = program(&file);
        let made = [
            r#"\bFault::script\(\s*"(\w+)""#,
            r#"\bkind: "(\w+)"\.into\(\)"#,
            r#"\bkind = "(\w+)"\.into\(\)"#,
        ];
        for pattern in made {
            collect(&mut found, &file, &text, pattern, true);
        }
        collect(&mut found, &file, &text, r#"\.kind [!=]= "(\w+)""#, false);
    }
    let lists = Regex::new(r"\.kind in \[([^\]]*)\]").unwrap();
    for file in files(&["stdlib", "scripts", "examples"], "rhai") {
        let text = std::fs::read_to_string(&file).unwrap();
        maps(&mut found, &file, &text);
        collect(&mut found, &file, &text, r#"\.kind\s*[!=]=\s*"(\w+)""#, false);
        for list in lists.captures_iter(&text) {
            collect(&mut found, &file, &list[1], r#""(\w+)""#, false);
        }
    }
    found
}

fn collect(found: &mut Vec<Literal>, file: &Path, text: &str, pattern: &str, thrown: bool) {
    for hit in Regex::new(pattern).unwrap().captures_iter(text) {
        let start = hit.get(0).unwrap().start();
        let literal = Literal {
            kind: hit[1].to_owned(),
            place: place(file, text, start),
            exit: None,
            thrown,
        };
        found.push(literal);
    }
}

/// Maps of Rhai that are errors: those with `kind` and `message`.
fn maps(found: &mut Vec<Literal>, file: &Path, text: &str) {
    let kind = Regex::new(r#"\bkind: "(\w+)""#).unwrap();
    let exit = Regex::new(r"\bexit: (\d+)").unwrap();
    for hit in kind.captures_iter(text) {
        let start = text[..hit.get(0).unwrap().start()].rfind("#{").unwrap();
        let map = &text[start..end(text, start)];
        if map.contains("message:") {
            let exit = exit.captures(map).map(|exit| exit[1].parse().unwrap());
            let (kind, place) = (hit[1].to_owned(), place(file, text, start));
            found.push(Literal { kind, place, exit, thrown: true });
        }
    }
}

/// Where the braces that open at `start` close.
fn end(text: &str, start: usize) -> usize {
    let mut depth = 0;
    for (index, character) in text[start..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return start + index,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn place(file: &Path, text: &str, index: usize) -> String {
    format!("{}:{}", file.display(), text[..index].lines().count())
}

/// The text of a Rust file without its tests.
pub fn program(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// Every file of the program in some folders, without those of tests.
pub fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| repository(folder)).collect();
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                left.push(path);
            } else if path.extension().is_some_and(|it| it == extension)
                && path.file_stem().is_some_and(|stem| stem != "tests")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
