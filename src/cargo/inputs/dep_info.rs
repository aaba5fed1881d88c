//! The notes that rustc and build scripts leave on what they read.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// What one compilation, or one run of a build script, read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Read {
    /// Files and folders, as they were named.
    pub(super) files: BTreeSet<PathBuf>,
    /// Environment variables.
    pub(super) variables: BTreeSet<String>,
    /// For a build script: it named neither files nor variables, so that cargo runs
    /// it again when anything in the package changes.
    pub(super) whole_package: bool,
}

impl Read {
    /// Reads rustc's dep-info: a rule without prerequisites for each file, and
    /// `# env-dep:NAME=VALUE` for each variable.
    pub(super) fn from_rustc(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                let name = variable.split_once('=').map_or(variable, |(name, _)| name);
                read.variables.insert(name.to_owned());
            } else if let Some(file) = line.strip_suffix(':').filter(|_| !line.starts_with('#')) {
                read.files.insert(PathBuf::from(file.replace("\\ ", " ")));
            }
        }
        read
    }

    /// Reads what a build script printed for cargo.
    pub(super) fn from_script(output: &str) -> Self {
        let mut read = Self::default();
        for line in output.lines() {
            let Some(directive) = line.trim().strip_prefix("cargo:") else { continue };
            let directive = directive.strip_prefix(':').unwrap_or(directive);
            if let Some(path) = directive.strip_prefix("rerun-if-changed=") {
                read.files.insert(PathBuf::from(path));
            } else if let Some(name) = directive.strip_prefix("rerun-if-env-changed=") {
                read.variables.insert(name.to_owned());
            }
        }
        read.whole_package = read.files.is_empty() && read.variables.is_empty();
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(read: &Read) -> Vec<&str> {
        read.files.iter().filter_map(|path| path.to_str()).collect()
    }

    #[test]
    fn rustc_names_files_and_variables() {
        let read = Read::from_rustc(
            "/t/app-1: src/main.rs src/../dist/a\\ b.html\n\n/t/app-1.d: src/main.rs\n\n\
             src/main.rs:\nsrc/../dist/a\\ b.html:\n\n# env-dep:APP_VERSION=a=b\n# env-dep:NONE\n",
        );
        assert_eq!(files(&read), ["src/../dist/a b.html", "src/main.rs"]);
        assert_eq!(read.variables.iter().collect::<Vec<_>>(), ["APP_VERSION", "NONE"]);
        assert!(!read.whole_package);
    }

    #[test]
    fn build_scripts_speak_two_dialects() {
        let read = Read::from_script(
            "  cargo:rerun-if-changed=a b\nother\ncargo::rerun-if-changed=c\ncargo::rerun-if-env-changed=X\n",
        );
        assert_eq!(files(&read), ["a b", "c"]);
        assert_eq!(read.variables.iter().collect::<Vec<_>>(), ["X"]);
        assert!(!read.whole_package);
        assert!(Read::from_script("cargo::rustc-env=A=b\n").whole_package);
    }
}
