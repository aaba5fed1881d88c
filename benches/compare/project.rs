//! The repository that is built, and the line in it that is edited.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{Repo, World, both};

const MARK: &str = "hero-bench-";
const DIGITS: usize = 8;

pub struct Project {
    world: World,
    pub remote: Repo,
    /// What is measured, before it was marked.
    pub commit: String,
    pub package: String,
    pub bin: String,
    /// The package's folder in the repository.
    pub folder: PathBuf,
    /// The file with the line that is edited.
    edited: PathBuf,
    /// Whether a lockfile is committed.
    pub locked: bool,
    /// Whether the manifest says what the dev profile's debug information is.
    pub sets_dev_debug: bool,
    edits: usize,
}

impl Project {
    /// Makes the remote: a clone of `source`, or the demo's greeter.
    pub fn new(source: Option<&Path>, bin: Option<&str>) -> Self {
        let world = World::new();
        let remote = match source {
            Some(source) => clone(&world, source),
            None => demo(&world),
        };
        let metadata = metadata(&world, &remote.path);
        let (package, target) = select(&metadata, bin);
        let inside = |path: &cargo_metadata::camino::Utf8Path| {
            let path = path.as_std_path().canonicalize().expect("it exists");
            path.strip_prefix(&remote.path).expect("in the repository").to_owned()
        };
        let main = inside(&target.src_path);
        let library = package.targets.iter().find(|target| target.is_lib());
        let edited = library.map_or_else(|| main.clone(), |library| inside(&library.src_path));
        let of = library.map(|library| library.name.replace('-', "_") + "::").unwrap_or_default();
        let manifest: toml::Table = remote.read("Cargo.toml").parse().expect("a manifest");
        let debug = manifest.get("profile").and_then(|profiles| profiles.get("dev"));
        let mut project = Self {
            commit: remote.git("rev-parse HEAD"),
            package: package.name.to_string(),
            bin: target.name.clone(),
            folder: inside(package.manifest_path.parent().expect("a folder")),
            locked: !remote.git("ls-files Cargo.lock").is_empty(),
            sets_dev_debug: debug.is_some_and(|dev| dev.get("debug").is_some()),
            edited,
            edits: 0,
            world,
            remote,
        };
        project.mark(&main, &of);
        project
    }

    /// Makes the program hold a text that each edit changes: a constant of the
    /// library, if there is one, as that is where most edits are.
    fn mark(&mut self, main: &Path, of: &str) {
        let main = main.to_str().expect("text");
        let text = self.remote.read(main);
        let start = text.find("fn main(").expect("fn main");
        let body = start + text[start..].find('{').expect("its body") + 1;
        let (before, after) = text.split_at(body);
        let used = format!("let _ = std::hint::black_box({of}HERO_BENCH);");
        self.remote.write(main, &format!("{before} {used} {after}"));
        let edited = self.edited.to_str().expect("text");
        let text = self.remote.read(edited);
        let line = format!("#[doc(hidden)]\npub const HERO_BENCH: &str = \"{}\";\n", mark(0));
        self.remote.write(edited, &format!("{text}\n{line}"));
        self.remote.commit("marked");
    }

    /// Edits the line in a checkout; the text that the program then holds.
    pub fn edit(&mut self, checkout: &Path) -> String {
        self.edits += 1;
        let new = mark(self.edits);
        let path = checkout.join(&self.edited);
        let mut text = std::fs::read_to_string(&path).expect("the file is read");
        let start = text.rfind(MARK).expect("the line is there");
        text.replace_range(start..start + new.len(), &new);
        std::fs::write(&path, text).expect("the file is written");
        new
    }

    /// The same in the remote, committed.
    pub fn commit(&mut self) -> String {
        let new = self.edit(&self.remote.path.clone());
        self.remote.commit(&new);
        new
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.remote.path.display())
    }

    /// Downloads the crates, before anything is timed.
    pub fn fetch(&self) {
        run(&self.world, &self.remote.path, &["fetch"]);
    }
}

fn mark(number: usize) -> String {
    format!("{MARK}{number:0DIGITS$}")
}

fn clone(world: &World, source: &Path) -> Repo {
    let remote = world.repo("subject");
    // Absolute: git runs in the new repository.
    let source = source.canonicalize().expect("the repository exists");
    remote.git(&format!("fetch --quiet file://{} HEAD", source.display()));
    remote.git("reset --quiet --hard FETCH_HEAD");
    remote
}

fn demo(world: &World) -> Repo {
    let remote = world.repo("greeter");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo/sources/greeter");
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        remote.write(file, &std::fs::read_to_string(sources.join(file)).expect("the demo"));
    }
    remote.write(".gitignore", "/target\n");
    remote.commit("greeter");
    remote
}

fn metadata(world: &World, folder: &Path) -> cargo_metadata::Metadata {
    let text = run(world, folder, &["metadata", "--no-deps", "--format-version", "1"]);
    cargo_metadata::MetadataCommand::parse(text).expect("metadata")
}

/// The package with the wanted binary, and that binary's target.
fn select<'a>(
    metadata: &'a cargo_metadata::Metadata,
    bin: Option<&str>,
) -> (&'a cargo_metadata::Package, &'a cargo_metadata::Target) {
    let root = metadata.root_package().into_iter();
    let mut all = root.chain(&metadata.packages).flat_map(|package| {
        package.targets.iter().filter(|target| target.is_bin()).map(move |target| (package, target))
    });
    let wanted = all.find(|(_, target)| bin.is_none_or(|bin| target.name == bin));
    wanted.expect("a package with the binary")
}

fn run(world: &World, folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("cargo");
    world.environment(&mut command);
    let output = command.args(arguments).current_dir(folder).output().expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", both(&output));
    String::from_utf8(output.stdout).expect("text")
}
