//! Figures of hero beside those of `du`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{World, both};

/// The folders of everything that hero can have back.
pub fn folders(world: &World) -> [PathBuf; 2] {
    [world.home(".cache/hero/build"), world.home(".local/share/hero/store")]
}

/// What `du` says of paths that are there, in bytes, each file once.
pub fn du(paths: &[PathBuf]) -> u64 {
    let there: Vec<&PathBuf> = paths.iter().filter(|path| path.exists()).collect();
    if there.is_empty() {
        return 0;
    }
    let output = Command::new("du").args(["-sc", "--block-size=1"]).args(there).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap().split('\t').next().unwrap().parse().unwrap()
}

/// What `du` says of builds and store together.
pub fn space(world: &World) -> u64 {
    du(&folders(world))
}

/// Every file below the folders of release profiles and of release generations, with its
/// content.
pub fn release_files(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in folders(world) {
        visit(&folder, false, &mut files);
    }
    assert!(!files.is_empty(), "there are release files to be kept");
    files
}

fn visit(path: &Path, inside: bool, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let name = path.file_name().unwrap().to_string_lossy();
    let inside = inside || name == "release" || name.contains("-release-");
    let data = std::fs::symlink_metadata(path).ok();
    if data.is_some_and(|data| data.is_dir()) {
        for entry in std::fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), inside, files);
        }
    } else if inside {
        files.insert(path.to_owned(), std::fs::read(path).unwrap());
    }
}

/// What clearing says it would free, what it says it has freed, and by how much `du` says
/// less than before.
pub struct Figures {
    pub planned: u64,
    pub freed: u64,
    pub du: u64,
}

impl Figures {
    /// Asserts that the first two are equal, and within a hundredth of the third: some file
    /// systems let folders shrink.
    #[track_caller]
    #[allow(clippy::print_stdout, reason = "a table for whoever looks: --nocapture")]
    pub fn agree(&self, layout: &str) {
        let Self { planned, freed, du } = *self;
        println!("| {layout} | {planned} | {freed} | {du} |");
        assert_eq!(planned, freed, "{layout}: what a dry run says is what happens");
        assert!(freed.abs_diff(du) * 100 <= du, "{layout}: {freed}, but {du} by du");
        assert!(du > 0, "{layout}: nothing was freed");
    }
}

/// Clears the debug builds of all services, with and without a dry run, with variables in
/// hero's environment.
#[track_caller]
pub fn clear_in(world: &World, variables: &[(&str, &str)]) -> Figures {
    world.write("clear.rhai", "print(cleanup::clear_debug_bins([], false));\n");
    let run = |arguments: &str| {
        let output =
            world.command(arguments).envs(variables.iter().copied()).output().expect("hero starts");
        assert!(output.status.success(), "{arguments}: {}", both(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().last().unwrap().parse::<u64>().unwrap()
    };
    let before = space(world);
    let kept = release_files(world);
    let planned = run("run --dry-run clear.rhai");
    assert_eq!(space(world), before, "a dry run removes nothing");
    let freed = run("run clear.rhai");
    assert!(release_files(world) == kept, "release files are as they were");
    Figures { planned, freed, du: before - space(world) }
}

/// The same without variables.
#[track_caller]
pub fn clear(world: &World) -> Figures {
    clear_in(world, &[])
}
