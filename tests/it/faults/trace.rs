//! What strace wrote: the calls, in order, with the paths that they concern.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Calls that change files. Those that not every machine has are fine.
pub const MUTATING: &[&str] = &[
    "openat",
    "open",
    "creat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "symlink",
    "symlinkat",
    "link",
    "linkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "utimensat",
    "fsync",
    "fdatasync",
    "write",
    "pwrite64",
    "writev",
    "ftruncate",
    "copy_file_range",
    "sendfile",
    "fallocate",
    "ioctl",
];

/// Those of them that name their files by descriptors only: the texts in their
/// arguments are no paths.
const BY_DESCRIPTOR: &[&str] = &[
    "fchmod",
    "fsync",
    "fdatasync",
    "write",
    "pwrite64",
    "writev",
    "ftruncate",
    "copy_file_range",
    "sendfile",
    "fallocate",
    "ioctl",
];

/// Where another thread's line comes between.
const UNFINISHED: &str = " <unfinished ...>";

/// One system call.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    /// Its place among the calls of this name in its thread, from 1: so strace
    /// counts for `when=`.
    pub ordinal: usize,
    pub args: String,
    /// As it was printed; empty when the call did not return.
    pub result: String,
    pub paths: Vec<PathBuf>,
}

impl Call {
    /// Takes the rest of its line: more arguments, and the result if it is there.
    fn finish(&mut self, rest: &str) {
        let (args, result) = rest.rsplit_once(" = ").unwrap_or((rest, ""));
        // As a call ends that the process did not survive.
        let args = args.trim_end().trim_end_matches(')').trim_end_matches(UNFINISHED);
        self.args.push_str(args);
        result.trim().clone_into(&mut self.result);
        self.paths = paths(&self.name, &self.args);
    }

    /// Makes its paths absolute, if it is known where they begin.
    fn resolve(&mut self, folder: Option<&PathBuf>) {
        // What a descriptor leads to is whole, or no file at all.
        if let Some(folder) = folder.filter(|_| !BY_DESCRIPTOR.contains(&self.name.as_str())) {
            self.paths = self.paths.iter().map(|path| folder.join(path)).collect();
        }
    }

    /// Whether it could change something in this folder.
    pub fn changes(&self, root: &Path) -> bool {
        let mutating = match self.name.as_str() {
            "openat" | "open" => ["O_CREAT", "O_TRUNC", "O_TMPFILE"].iter().any(|it| self.has(it)),
            "ioctl" => self.has("FICLONE"),
            name => MUTATING.contains(&name),
        };
        mutating && self.paths.iter().any(|path| path.starts_with(root))
    }

    pub fn has(&self, word: &str) -> bool {
        self.args.contains(word)
    }

    pub fn succeeded(&self) -> bool {
        !self.result.is_empty() && !self.result.starts_with(['-', '?'])
    }

    /// Whether this is where the fault came.
    pub fn was_hit(&self) -> bool {
        self.result.contains("(INJECTED)") || self.result == "?"
    }

    /// The call for people, as the same text in every world.
    pub fn describe(&self, root: &Path) -> String {
        let paths: Vec<_> = self
            .paths
            .iter()
            .map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string())
            .collect();
        format!("{}#{} {}", self.name, self.ordinal, paths.join(" → "))
    }
}

/// Reads what `strace -f -y -o` wrote.
pub fn parse(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut counts: HashMap<(&str, String), usize> = HashMap::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    // Where a thread works: older calls name their files relative to that.
    let mut folders: HashMap<&str, PathBuf> = HashMap::new();
    for line in text.lines() {
        let Some((thread, line)) = line.split_once(' ') else { continue };
        let line = line.trim_start();
        if let Some((_, rest)) = line.strip_prefix("<... ").and_then(|it| it.split_once('>')) {
            if let Some(index) = unfinished.remove(thread) {
                calls[index].finish(rest);
                calls[index].resolve(folders.get(thread));
            }
            continue;
        }
        // Signals and ends of threads are no calls.
        let Some((name, rest)) = line.split_once('(') else { continue };
        if !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
            continue;
        }
        if let Some((_, folder)) = rest.split_once("AT_FDCWD<") {
            let folder = folder.split('>').next().unwrap_or_default();
            folders.insert(thread, PathBuf::from(folder));
        }
        let count = counts.entry((thread, name.to_owned())).or_default();
        *count += 1;
        let mut call = Call {
            name: name.to_owned(),
            ordinal: *count,
            args: String::new(),
            result: String::new(),
            paths: Vec::new(),
        };
        if let Some(begun) = rest.strip_suffix(UNFINISHED) {
            unfinished.insert(thread, calls.len());
            begun.clone_into(&mut call.args);
            call.paths = paths(name, begun);
        } else {
            call.finish(rest);
        }
        call.resolve(folders.get(thread));
        calls.push(call);
    }
    calls
}

/// What stands in a call's arguments: `3</a/path>` or `"a text"`.
enum Item {
    Descriptor(String),
    Text(String),
}

fn items(args: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = args.chars();
    while let Some(character) = rest.next() {
        match character {
            '<' => {
                items.push(Item::Descriptor(rest.by_ref().take_while(|it| *it != '>').collect()));
            }
            '"' => {
                let mut text = String::new();
                while let Some(character) = rest.next().filter(|it| *it != '"') {
                    text.push(character);
                    if character == '\\' {
                        text.extend(rest.next());
                    }
                }
                items.push(Item::Text(text));
            }
            _ => {}
        }
    }
    items
}

/// The files that a call is about, whole: relative names below their folder.
fn paths(name: &str, args: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut folder: Option<PathBuf> = None;
    for item in items(args) {
        match item {
            Item::Descriptor(path) if BY_DESCRIPTOR.contains(&name) => paths.push(path.into()),
            Item::Text(_) if BY_DESCRIPTOR.contains(&name) => {}
            Item::Descriptor(path) => folder = Some(path.into()),
            Item::Text(text) => paths.push(folder.take().unwrap_or_default().join(text)),
        }
    }
    // What a link says is no file that is touched.
    if name.starts_with("symlink") && paths.len() == 2 {
        paths.remove(0);
    }
    // A descriptor without a name, as in `utimensat(3</a>, NULL, …)`.
    paths.extend(folder);
    paths
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
