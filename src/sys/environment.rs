//! Variables of hero's own environment that the programs it starts do not see:
//! git's repository variables, which would send a build's `git` to another
//! repository, and tokens for git servers.

use std::ffi::{OsStr, OsString};

/// Variables that tie git to one repository, as `git rev-parse --local-env-vars`
/// lists them, and those with which git tells its hooks about their transaction.
const REPOSITORY: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Settings of the user's for git. They are in git's list too, but git itself
/// hands them on to the git of a submodule.
const SETTINGS: &[&str] = &["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// The same, by how they begin.
const SETTING_PREFIXES: &[&str] = &["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];

/// Tokens that forges' own programs read too, so that a credential helper of the
/// user's may need them.
const FORGE_TOKENS: &[&str] =
    &["GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN"];

/// How the variables with hero's own tokens begin.
pub(crate) const TOKEN_PREFIX: &str = "HERO_GIT_TOKEN_";

/// The variables of this process that a child does not inherit. A git that hero
/// starts for a fetch keeps the user's settings and the forges' own variables.
pub(crate) fn hidden(for_git: bool) -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _value)| name);
    names.filter(|name| is_hidden(name, for_git)).collect()
}

/// Whether a child does not see this variable.
pub(crate) fn is_hidden(name: &OsStr, for_git: bool) -> bool {
    let Some(name) = name.to_str() else { return false };
    REPOSITORY.contains(&name)
        || name.starts_with(TOKEN_PREFIX)
        || (!for_git
            && (SETTINGS.contains(&name)
                || FORGE_TOKENS.contains(&name)
                || SETTING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::cancel::Cancel;
    use crate::sys::process::Cmd;

    #[test]
    fn every_repository_variable_of_the_git_in_use_is_hidden() {
        let cmd = Cmd::new("git").args(["rev-parse", "--local-env-vars"]);
        let output = cmd.output(&Cancel::default()).unwrap();
        let listed = String::from_utf8(output.stdout).unwrap();
        assert!(listed.contains("GIT_DIR"), "{listed}");
        for name in listed.lines() {
            assert!(is_hidden(OsStr::new(name), false), "{name}");
            assert_eq!(is_hidden(OsStr::new(name), true), !SETTINGS.contains(&name), "{name}");
        }
    }

    #[test]
    fn tokens_are_hidden_and_other_variables_are_not() {
        for (name, from_build, from_git) in [
            ("HERO_GIT_TOKEN_FORGE", true, true),
            ("GITHUB_TOKEN", true, false),
            ("GIT_CONFIG_VALUE_0", true, false),
            ("GIT_SSH_COMMAND", false, false),
            ("GIT_ASKPASS", false, false),
            ("SSH_AUTH_SOCK", false, false),
            ("HERO_HOME", false, false),
        ] {
            let name = OsStr::new(name);
            assert_eq!((is_hidden(name, false), is_hidden(name, true)), (from_build, from_git));
        }
    }
}
