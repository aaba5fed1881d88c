//! Imports point downward only (ARCHITECTURE, "Layers").
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

use std::path::{Path, PathBuf};

/// From the top down; a module may use those after it.
const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["script"],
    &["report"],
    &["disk"],
    // Siblings that know nothing of each other.
    &["git", "cargo", "store", "supervise"],
    &["event"],
    &["sys"],
];

/// What every layer may use: it names no layer itself.
const COMMON: &[&str] = &["error", "event"];

#[test]
fn imports_point_downward() {
    let mut faults = Vec::new();
    for (level, modules) in LAYERS.iter().enumerate() {
        for module in *modules {
            let below: Vec<&str> =
                LAYERS[level + 1..].iter().flat_map(|layer| layer.iter().copied()).collect();
            for file in sources(module) {
                let text = std::fs::read_to_string(&file).unwrap();
                for used in crates_used(&text) {
                    let allowed = used == *module
                        || below.contains(&used.as_str())
                        || COMMON.contains(&used.as_str());
                    if !allowed {
                        faults.push(format!("{} uses crate::{used}", file.display()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_layers_below_know_neither_rhai_nor_a_terminal() {
    for module in ["disk", "git", "cargo", "store", "supervise", "sys", "event", "error"] {
        for file in sources(module) {
            let text = std::fs::read_to_string(&file).unwrap();
            for foreign in ["rhai::", "indicatif::", "clap::", "println!", "anstyle::"] {
                assert!(!text.contains(foreign), "{} mentions {foreign}", file.display());
            }
        }
    }
}

#[test]
fn every_module_is_in_a_layer() {
    let known: Vec<&str> = LAYERS
        .iter()
        .flat_map(|layer| layer.iter().copied())
        .chain(["error", "lib", "main"])
        .collect();
    for entry in std::fs::read_dir(source_root()).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(known.contains(&name.as_str()), "src/{name} is in no layer");
    }
}

#[test]
fn files_stay_small() {
    let mut lengths: Vec<(usize, PathBuf)> = walk(&source_root())
        .into_iter()
        .map(|file| (std::fs::read_to_string(&file).unwrap().lines().count(), file))
        .collect();
    lengths.sort();
    let (median, _) = lengths[lengths.len() / 2];
    let (longest, file) = lengths.last().unwrap();
    assert!(median <= 150, "the median file has {median} lines");
    assert!(*longest <= 600, "{} has {longest} lines", file.display());
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(module: &str) -> Vec<PathBuf> {
    let file = source_root().join(format!("{module}.rs"));
    let mut files = if file.exists() { vec![file] } else { walk(&source_root().join(module)) };
    files.retain(|file| !file.components().any(|part| part.as_os_str() == "tests"));
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules named after `crate::`, one by one or in braces.
fn crates_used(text: &str) -> Vec<String> {
    let names = |part: &str| {
        part.chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect::<String>()
    };
    let mut used = Vec::new();
    for (index, _) in text.match_indices("crate::") {
        let rest = &text[index + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split("};").next().unwrap_or(list);
                used.extend(list.split(',').map(|part| names(part.trim())));
            }
            None => used.push(names(rest)),
        }
    }
    used.retain(|name| !name.is_empty());
    used
}
