//! What surrounds every build: the toolchain, the configuration, the variables that
//! cargo, rustc and the usual build scripts honour.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cargo::environment::Environment;
use crate::cargo::settings::Settings;
use crate::sys::{fs, process};

/// Beginnings of the names of variables that cargo, rustc and the usual build
/// scripts for C honour. Those that cargo sets for its children are not among
/// them.
const VARIABLES: &[&str] = &[
    "AR",
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_HOME",
    "CARGO_INCREMENTAL",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "CC",
    "CFLAGS",
    "CPATH",
    "CXX",
    "CXXFLAGS",
    "HOST_",
    "LDFLAGS",
    "LIBRARY_PATH",
    "MACOSX_DEPLOYMENT_TARGET",
    "PKG_CONFIG",
    "RUSTC",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_",
    "SDKROOT",
    "SOURCE_DATE_EPOCH",
    "TARGET_",
];

/// What an outer cargo, or rustup, sets for hero itself.
const OUTER: [&str; 2] = ["CARGO_TARGET_TMPDIR", "RUSTUP_TOOLCHAIN_SOURCE"];

/// What surrounds a build.
#[derive(Debug)]
pub(in crate::cargo) struct World {
    /// The compiler, as it names itself.
    pub(super) rustc: String,
    /// Where names lead: those of programs, and those of cargo's and rustup's folders.
    pub(super) places: BTreeMap<String, PathBuf>,
    /// The programs of the toolchain.
    pub(super) programs: BTreeSet<PathBuf>,
    /// Files that cargo and rustup read, or would read if they were there.
    pub(super) files: BTreeSet<PathBuf>,
}

impl World {
    /// Looks around a build in `source` of the workspace at `root`, with the compiler
    /// `rustc` of the toolchain at `sysroot`.
    pub(in crate::cargo) fn look(
        (rustc, sysroot): (String, &Path),
        (source, root): (&Path, &Path),
        settings: &Settings,
        environment: &Environment,
    ) -> Self {
        let mut programs = found(environment);
        programs.extend(of_toolchain(sysroot));
        for key in ["rustc", "rustc-wrapper", "rustc-workspace-wrapper"] {
            programs.extend(settings.program(key));
        }
        let libraries = fs::list(&sysroot.join("lib")).unwrap_or_default();
        programs.extend(libraries.into_iter().filter(|file| is_compiler(file)));
        let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
        let mut files: BTreeSet<PathBuf> = settings.files().map(Path::to_owned).collect();
        for folder in source.ancestors() {
            for file in ["rust-toolchain.toml", "rust-toolchain"].map(|name| folder.join(name)) {
                programs.extend(named(&file).iter().flat_map(|toolchain| of_toolchain(toolchain)));
                files.insert(file);
            }
        }
        files.extend(
            home(environment, "RUSTUP_HOME", ".rustup").map(|home| home.join("settings.toml")),
        );
        files.insert(root.join("Cargo.lock"));
        files.insert(root.join("Cargo.toml"));
        programs.retain(|program| fs::exists(program));
        Self { rustc, places: places(environment), programs, files }
    }
}

/// The programs of the toolchain in a folder.
fn of_toolchain(folder: &Path) -> [PathBuf; 2] {
    ["rustc", "cargo"].map(|name| folder.join("bin").join(name))
}

/// The folder of a toolchain that a `rust-toolchain.toml` names by path.
fn named(file: &Path) -> Option<PathBuf> {
    let table: toml::Table = fs::read_to_string(file).ok()?.parse().ok()?;
    let path = table.get("toolchain")?.get("path")?.as_str()?;
    Some(fs::parent(file).join(path))
}

/// The compiler itself, which `bin/rustc` only starts.
fn is_compiler(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("librustc_driver"))
}

/// Where names lead at the moment.
pub(super) fn places(environment: &Environment) -> BTreeMap<String, PathBuf> {
    let mut places = BTreeMap::new();
    for name in ["rustc", "cargo"] {
        places.extend(process::which(name).map(|path| (name.to_owned(), path)));
    }
    for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let home = home(environment, variable, folder);
        places.extend(home.map(|path| (variable.to_owned(), path)));
    }
    places
}

/// The programs that a build may start: those on PATH, those that variables name, and
/// those of rustup's toolchains.
pub(super) fn found(environment: &Environment) -> BTreeSet<PathBuf> {
    let variables = [
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_RUSTC",
        "CARGO_BUILD_RUSTC_WRAPPER",
        "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    ];
    let chosen = variables.iter().filter_map(|name| environment.get(name)?.into_string().ok());
    let all = ["rustc", "cargo"].map(str::to_owned).into_iter().chain(chosen);
    let all = all.filter(|name| !name.is_empty());
    let mut programs: BTreeSet<PathBuf> = all.filter_map(|name| process::which(&name)).collect();
    let chosen = environment.get("RUSTUP_TOOLCHAIN").map(PathBuf::from);
    let mut toolchains: Vec<PathBuf> =
        chosen.filter(|path| path.is_absolute()).into_iter().collect();
    if let Some(rustup) = home(environment, "RUSTUP_HOME", ".rustup") {
        toolchains.extend(fs::list(&rustup.join("toolchains")).unwrap_or_default());
    }
    programs.extend(toolchains.iter().flat_map(|folder| of_toolchain(folder)));
    programs.retain(|program| fs::exists(program));
    programs
}

/// The names of all variables that are set and that cargo or rustc may honour.
pub(super) fn variables(environment: &Environment) -> BTreeSet<String> {
    let names = environment.names().filter_map(|name| name.into_string().ok());
    let honoured = |name: &String| {
        VARIABLES.iter().any(|start| name.starts_with(start)) && !OUTER.contains(&name.as_str())
    };
    names.filter(honoured).collect()
}

/// A folder that a variable names, or one in the user's home.
pub(in crate::cargo) fn home(
    environment: &Environment,
    variable: &str,
    folder: &str,
) -> Option<PathBuf> {
    let named = environment.get(variable).map(PathBuf::from);
    named.or_else(|| std::env::home_dir().map(|home| home.join(folder)))
}
