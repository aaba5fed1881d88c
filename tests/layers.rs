//! Imports point downward only (ARCHITECTURE, "Layers").
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the rules are for the program"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the top down; a module may use those after it.
const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["script"],
    &["ops"],
    &["model"],
    &["report"],
    &["disk"],
    // Siblings that know nothing of each other.
    &["git", "cargo", "store", "supervise"],
    &["event"],
    &["sys"],
];

/// What every layer may use: it names no layer itself.
const COMMON: &[&str] = &["error", "event"];

/// Libraries, and the modules that may use them.
const HOMES: &[(&str, &[&str])] = &[
    ("git2", &["git"]),
    ("rhai", &["script"]),
    ("clap", &["cli", "script", "report"]),
    ("annotate_snippets", &["report"]),
    ("anstyle", &["report"]),
    ("comfy_table", &["report"]),
    ("console", &["report"]),
    ("indicatif", &["report"]),
];

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
fn libraries_stay_where_they_are_wrapped() {
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(source_root()).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        for file in sources(&name) {
            let text = without_tests(&std::fs::read_to_string(&file).unwrap());
            let code = code(&text);
            let tokens = tokens(&code);
            for (library, homes) in HOMES {
                let uses = |part: &[&str]| {
                    !matches!(part[0], "::" | ".") && part[1] == *library && part[2] == "::"
                };
                if !homes.contains(&name.as_str()) && tokens.windows(3).any(uses) {
                    faults.push(format!("{} uses {library}", file.display()));
                }
            }
            let draws = ["\\u{1b}[", "\\x1b["].iter().any(|start| text.contains(start));
            if draws && name != "report" && !file.ends_with("sys/text.rs") {
                faults.push(format!("{} has escape sequences", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
    let (file, folder) = (source_root().join(format!("{module}.rs")), source_root().join(module));
    let mut files = if folder.is_dir() { walk(&folder) } else { Vec::new() };
    files.extend(Some(file).filter(|file| file.exists()));
    files.retain(|file| !file.with_extension("").iter().any(|part| part == "tests"));
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

#[test]
fn files_of_a_folder_do_not_import_each_other_in_a_circle() {
    let faults = Tree::read(&source_root()).circles();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn circles_are_found() {
    let circles = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
        Tree::of(files.collect()).circles()
    };
    let circle = [
        ("a/mod.rs", "mod one;\nmod two;\nmod three;\npub use two::{Two, inner::{Deep as Other}};"),
        ("a/one.rs", "use super::{three, Other};\nfn one() { three::go() }"),
        ("a/two.rs", "/// See `super::one`.\npub struct Two; fn f() -> super::three::Three {}"),
        ("a/three.rs", "// use super::two;\nuse crate::a::one::{self, One};"),
    ];
    let [found] = &circles(&circle)[..] else { panic!("{:?}", circles(&circle)) };
    assert_eq!(
        found,
        "a: one, three, two\n  one → three: a/one.rs uses a::three\n  one → two: a/one.rs uses \
         a::Other\n  three → one: a/three.rs uses a::one\n  two → three: a/two.rs uses \
         a::three::Three"
    );
    let own = [
        ("a/mod.rs", "mod one;\nuse one::One;\npub struct Shared;\nfn go() { one::go() }"),
        ("a/one.rs", "use super::Shared;\n#[cfg(test)]\nmod tests { use super::super::two; }"),
    ];
    assert_eq!(circles(&own).len(), 1, "{:?}", circles(&own));
    let handed_on = [
        ("a/mod.rs", "mod one;\npub use one::One;\npub struct Shared(One);"),
        ("a/one.rs", "use super::Shared;\npub struct One;"),
    ];
    assert_eq!(circles(&handed_on).len(), 1, "{:?}", circles(&handed_on));
    let folder = [
        ("a/mod.rs", "mod one;\nmod two;"),
        ("a/one/mod.rs", "mod leaf;\npub struct One;"),
        ("a/one/leaf.rs", "use crate::a::two::Two;"),
        ("a/two.rs", "use super::one::One;"),
    ];
    assert!(circles(&folder)[0].starts_with("a: one, two\n"), "{:?}", circles(&folder));
    let straight = [
        ("a/mod.rs", "mod one;\nmod two;\npub use one::One;\nfn text() { \"super::one\"; }"),
        ("a/one.rs", "use super::two::Two;\nuse crate::b;\npub(in crate::a) fn one() {}"),
        (
            "a/two.rs",
            "#[cfg(test)]\nuse super::one;\n#[cfg(test)]\nmod tests {\nuse super::super::one;\n}\n",
        ),
    ];
    assert_eq!(circles(&straight), <[&str; 0]>::default());
}

/// The modules of a crate and what each imports.
struct Tree {
    /// By path: `cargo::inputs` is the file or the `mod.rs` of that folder.
    modules: BTreeMap<Vec<String>, Module>,
}

struct Module {
    file: PathBuf,
    /// Whether it is the `mod.rs` of a folder.
    is_folder: bool,
    /// Names that it takes from elsewhere, and the whole path of each.
    aliases: BTreeMap<String, Vec<String>>,
    /// Whole paths that it uses, without what it only hands on.
    uses: BTreeSet<Vec<String>>,
}

impl Tree {
    fn read(root: &Path) -> Self {
        let files = walk(root).into_iter().map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file.strip_prefix(root).unwrap().to_owned(), text)
        });
        Self::of(files.collect())
    }

    fn of(files: Vec<(PathBuf, String)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let mut path: Vec<String> =
                file.with_extension("").iter().map(|it| it.to_string_lossy().into()).collect();
            if path.iter().any(|part| matches!(part.as_str(), "tests" | "lib" | "main")) {
                continue;
            }
            let is_folder = path.last().unwrap() == "mod";
            if is_folder {
                path.pop();
            }
            let module = Module::parse(file, is_folder, &path, &code(&without_tests(&text)));
            modules.insert(path, module);
        }
        Self { modules }
    }

    /// The module that defines what a path names, through all `use` in between.
    fn home(&self, path: &[String], depth: usize) -> Option<&[String]> {
        let length =
            (1..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let (at, module) = self.modules.get_key_value(&path[..length])?;
        let alias = path.get(length).and_then(|item| module.aliases.get(item));
        match alias {
            Some(alias) if depth > 0 => {
                let whole: Vec<String> = alias.iter().chain(&path[length + 1..]).cloned().collect();
                self.home(&whole, depth - 1)
            }
            _ => Some(at),
        }
    }

    /// The parts of a folder that reach each other, with what leads from one to the next.
    fn circles(&self) -> Vec<String> {
        // Folder → file or folder in it → what of that folder it uses, and where.
        let mut folders: BTreeMap<Vec<String>, Edges> = BTreeMap::new();
        for (path, module) in &self.modules {
            let from = module.place(path);
            for used in &module.uses {
                let Some(home) = self.home(used, 8) else { continue };
                let to = self.modules[home].place(home);
                let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) else { continue };
                let why = format!("{} uses {}", module.file.display(), used.join("::"));
                let edges = folders.entry(from[..shared].to_vec()).or_default();
                edges.entry(a.clone()).or_default().entry(b.clone()).or_insert(why);
            }
        }
        let mut circles = Vec::new();
        for (folder, edges) in &folders {
            let mut done = BTreeSet::new();
            for start in edges.keys() {
                let reached = reachable(edges, start);
                if !reached.contains(start) || done.contains(start) {
                    continue;
                }
                let circle: Vec<&String> = reached
                    .iter()
                    .filter(|it| reachable(edges, it).contains(start))
                    .copied()
                    .collect();
                done.extend(circle.iter().copied());
                let names: Vec<&str> = circle.iter().map(|it| it.as_str()).collect();
                let mut lines = vec![format!("{}: {}", folder.join("::"), names.join(", "))];
                for from in &circle {
                    let within = edges[*from].iter().filter(|(to, _)| circle.contains(to));
                    lines.extend(within.map(|(to, why)| format!("  {from} → {to}: {why}")));
                }
                circles.push(lines.join("\n"));
            }
        }
        circles
    }
}

type Edges = BTreeMap<String, BTreeMap<String, String>>;

fn reachable<'a>(edges: &'a Edges, start: &str) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&String> = edges.get(start).into_iter().flat_map(BTreeMap::keys).collect();
    while let Some(next) = ahead.pop() {
        if reached.insert(next) {
            ahead.extend(edges.get(next).into_iter().flat_map(BTreeMap::keys));
        }
    }
    reached
}

impl Module {
    /// Reads the paths in a program's text: those of `use`, and those that begin with
    /// `super`, `crate`, `self` or a child's name.
    fn parse(file: PathBuf, is_folder: bool, path: &[String], text: &str) -> Self {
        let tokens = tokens(text);
        let mut module = Self { file, is_folder, aliases: BTreeMap::new(), uses: BTreeSet::new() };
        let children: Vec<&str> = tokens
            .windows(3)
            .filter(|part| part[0] == "mod" && part[2] == ";")
            .map(|part| part[1])
            .collect();
        let folder = if is_folder { path } else { &path[..path.len() - 1] };
        let whole = |parts: &[&str]| -> Option<Vec<String>> {
            let (first, rest) = parts.split_first()?;
            let mut whole = match *first {
                "crate" => Vec::new(),
                "self" => path.to_vec(),
                "super" if is_folder => path[..path.len().checked_sub(1)?].to_vec(),
                "super" => folder.to_vec(),
                child if children.contains(&child) => [path, &[child.to_owned()]].concat(),
                _ => return None,
            };
            for part in rest {
                if *part == "super" {
                    whole.pop()?;
                } else if *part != "self" {
                    whole.push((*part).to_owned());
                }
            }
            Some(whole)
        };
        let mut handed_on = BTreeMap::new();
        let mut index = 0;
        while index < tokens.len() {
            if let Some(whole) = handed_on.get(tokens[index]) {
                module.uses.insert(Vec::clone(whole));
            }
            // Not in the middle of a path, and not a visibility: `pub(in path)`.
            let begins = index == 0 || !matches!(tokens[index - 1], "::" | "in");
            if tokens[index] == "use" {
                let is_public = tokens[..index].last().is_some_and(|it| matches!(*it, "pub" | ")"));
                let mut found = Vec::new();
                index = use_tree(&tokens, index + 1, &[], &mut found);
                for (parts, alias) in found {
                    let Some(whole) = whole(&parts) else { continue };
                    if is_folder || is_public {
                        module.aliases.insert(alias.to_owned(), whole.clone());
                    }
                    if is_public {
                        // An import only where the file itself uses the name below.
                        handed_on.insert(alias, whole);
                    } else {
                        module.uses.insert(whole);
                    }
                }
            } else if begins && tokens.get(index + 1) == Some(&"::") {
                let mut parts = vec![tokens[index]];
                while tokens.get(index + 1) == Some(&"::")
                    && tokens.get(index + 2).is_some_and(|part| is_name(part))
                {
                    parts.push(tokens[index + 2]);
                    index += 2;
                }
                module.uses.extend(whole(&parts));
            }
            index += 1;
        }
        module
    }

    /// Where the file lies: a folder's own `mod.rs` is one of its files.
    fn place(&self, path: &[String]) -> Vec<String> {
        let mut place = path.to_vec();
        if self.is_folder {
            place.push("mod".into());
        }
        place
    }
}

/// The paths of `use …;` with the names they get; returns the index after the tree.
fn use_tree<'a>(
    tokens: &[&'a str],
    mut index: usize,
    before: &[&'a str],
    found: &mut Vec<(Vec<&'a str>, &'a str)>,
) -> usize {
    let mut parts = before.to_vec();
    loop {
        match tokens[index] {
            "::" => {
                index += 1;
                continue;
            }
            "{" => {
                index += 1;
                while tokens[index] != "}" {
                    index = use_tree(tokens, index, &parts, found);
                    if tokens[index] == "," {
                        index += 1;
                    }
                }
                return index + 1;
            }
            "*" => return index + 1,
            name => {
                parts.push(name);
                index += 1;
            }
        }
        match tokens[index] {
            "::" => {}
            "as" => {
                found.push((parts, tokens[index + 1]));
                return index + 2;
            }
            _ => {
                let name = parts.iter().rev().find(|part| **part != "self");
                let name = *name.unwrap_or(&"self");
                found.push((parts, name));
                return index;
            }
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Names, `::`, and single characters of anything else.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let name = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let length = match name {
            Some(0) if rest.starts_with("::") => 2,
            Some(0) => rest.chars().next().map_or(1, char::len_utf8),
            Some(length) => length,
            None => rest.len(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// A source text without what is compiled for tests only.
fn without_tests(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text.lines();
    while let Some(line) = rest.next() {
        if line.trim() != "#[cfg(test)]" {
            lines.push(line);
            continue;
        }
        // The item under it ends with a brace or a semicolon at its own indentation.
        let indent = line.len() - line.trim_start().len();
        for line in rest.by_ref() {
            let is_outer = line.len() - line.trim_start().len() == indent;
            if is_outer && line.trim_end().ends_with([';', '}', ',']) {
                break;
            }
        }
    }
    lines.join("\n")
}

/// A source text without comments and texts in quotes.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let mut quoted = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '/' if !quoted && letters.peek() == Some(&'/') => break,
                '\\' => drop(letters.next()),
                '"' => quoted = !quoted,
                _ if !quoted => code.push(letter),
                _ => {}
            }
        }
        code.push('\n');
    }
    code
}
