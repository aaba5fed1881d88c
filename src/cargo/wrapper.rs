//! The program that the user has cargo start in place of rustc, such as sccache.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::Value;

use super::Error;
use super::environment::Environment;
use super::settings::Settings;
use crate::sys::{fs, process};

/// The variables that name a wrapper, the first one first.
pub(super) const VARIABLES: [&str; 2] = ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"];
/// The same in a configuration file.
pub(super) const KEYS: [&str; 2] = ["build", "rustc-wrapper"];

/// Returns the wrapper that cargo uses in `source`: a name on PATH or an absolute
/// path. The nearest choice counts, and an empty one switches the wrapper off.
pub(super) fn chosen(
    settings: &Settings,
    environment: &Environment,
    source: &Path,
) -> Option<PathBuf> {
    let by_variable = VARIABLES.iter().find_map(|name| environment.get(name));
    let by_variable = by_variable.map(|value| (source.to_owned(), value));
    let (base, program) = by_variable.or_else(|| {
        let (file, value) = settings.values(&KEYS).next()?;
        Some((fs::parent(fs::parent(file)).to_owned(), OsString::from(value.as_str()?)))
    })?;
    if program.is_empty() {
        return None;
    }
    let is_path = program.as_encoded_bytes().contains(&b'/');
    Some(if is_path { base.join(program) } else { program.into() })
}

/// Writes a script for `RUSTC_WRAPPER` that hides a guest's name for the compiler from
/// the user's wrapper. Wrappers expect rustc as their first argument: sccache, for
/// one, takes anything else for a C compiler.
///
/// # Errors
/// When the script cannot be written.
pub(super) fn around(compiler: &Path, wrapper: &Path) -> Result<PathBuf, Error> {
    let quote = |path: &Path| shell_words::quote(&path.to_string_lossy()).into_owned();
    let text = format!(
        "#!/bin/sh\n\
         # The user's wrapper around rustc, which does not know the compiler's other name.\n\
         [ \"$1\" = {} ] && shift\n\
         exec {} \"$@\"\n",
        quote(compiler),
        quote(wrapper)
    );
    let path = compiler.with_file_name("wrapper");
    script(&path, &text)?;
    Ok(path)
}

/// Writes a script, unless it is there already.
///
/// # Errors
/// When it cannot be written.
pub(super) fn script(path: &Path, text: &str) -> Result<(), Error> {
    let ready = fs::read(path).is_ok_and(|content| content == text.as_bytes());
    if !ready || !process::is_program(path) {
        fs::write(path, text.as_bytes())?;
        fs::set_mode(path, 0o755)?;
    }
    Ok(())
}

/// One of cargo's settings as `KEY=VALUE` for `--config`.
pub(super) fn argument(key: &str, value: &Value) -> String {
    format!("{key}={value}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The wrapper in a folder below one with this configuration.
    fn wrapper(config: &str, variables: &[(&str, &str)]) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::write(&root.join("a/.cargo/config.toml"), config.as_bytes()).unwrap();
        let source = root.join("a/b");
        fs::create_dir_all(&source).unwrap();
        let home = [("CARGO_HOME", root.join("home").display().to_string())];
        let pairs = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let set: BTreeMap<String, String> =
            pairs.chain(home).map(|(name, value)| (name.to_owned(), value)).collect();
        let environment = Environment::new(&set);
        let settings = Settings::load(&source, &source, &environment);
        let found = chosen(&settings, &environment, &source)?;
        Some(found.display().to_string().replace(&*root.to_string_lossy(), "ROOT"))
    }

    #[test]
    fn the_nearest_choice_counts_and_an_empty_one_is_none() {
        let file = "[build]\nrustc-wrapper = 'sccache'\n";
        assert_eq!(wrapper("", &[]), None);
        assert_eq!(wrapper(file, &[]).unwrap(), "sccache");
        assert_eq!(wrapper(file, &[("RUSTC_WRAPPER", "other")]).unwrap(), "other");
        assert_eq!(wrapper(file, &[("RUSTC_WRAPPER", "")]), None);
        assert_eq!(wrapper(file, &[("CARGO_BUILD_RUSTC_WRAPPER", "")]), None);
        let both = [("RUSTC_WRAPPER", ""), ("CARGO_BUILD_RUSTC_WRAPPER", "other")];
        assert_eq!(wrapper(file, &both), None);
        assert_eq!(wrapper("[build]\nrustc-wrapper = ''\n", &[]), None);
    }

    #[test]
    fn paths_are_relative_to_where_cargo_takes_them_from() {
        let file = "[build]\nrustc-wrapper = 'tools/w'\n";
        assert_eq!(wrapper(file, &[]).unwrap(), "ROOT/a/tools/w");
        assert_eq!(wrapper(file, &[("RUSTC_WRAPPER", "./w")]).unwrap(), "ROOT/a/b/./w");
        assert_eq!(wrapper("", &[("RUSTC_WRAPPER", "/x/w")]).unwrap(), "/x/w");
    }
}
