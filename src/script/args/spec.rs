//! What a script accepts, as it says so to `parse_args`.

use serde::Deserialize;

/// What a script accepts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Spec {
    /// What people type, as in `hero run install.rhai`.
    pub(crate) name: String,
    /// What the script does; the first line is the short form.
    pub(crate) about: String,
    /// What it can be told to do; the first is the default.
    pub(crate) verbs: Vec<Verb>,
    /// Its flags, in the order of `--help`.
    pub(crate) flags: Vec<Flag>,
    /// What follows the flags.
    pub(crate) positionals: Vec<Positional>,
}

/// Something a script can be told to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verb {
    pub(super) name: String,
    #[serde(default)]
    pub(super) help: String,
    /// Flags that only this verb has.
    #[serde(default)]
    pub(super) flags: Vec<Flag>,
}

/// One flag.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Flag {
    /// Without the dashes; `_` and `-` are the same.
    pub(super) name: String,
    pub(super) short: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) help: String,
    /// The name of its value; a flag without one is on or off.
    pub(super) value: Option<String>,
    /// `string` (default), `int`, `size` (such as `20GB`) or `age` (such as `14d`).
    pub(super) kind: Option<String>,
    pub(super) values: Vec<String>,
    /// Its value when not given; `default` is a reserved word of Rhai.
    pub(super) fallback: Option<serde_json::Value>,
    pub(super) repeated: bool,
    pub(super) required: bool,
    pub(super) conflicts: Vec<String>,
    pub(super) heading: Option<String>,
    /// A variable that gives its value where the command line does not.
    pub(super) env: Option<String>,
}

/// One argument without dashes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Positional {
    pub(super) name: String,
    pub(super) help: String,
    pub(super) repeated: bool,
    pub(super) required: bool,
}

impl Flag {
    /// Whether it has a value; otherwise it is on or off.
    pub(super) fn takes_value(&self) -> bool {
        self.value.is_some() || !self.values.is_empty() || self.kind.is_some()
    }

    /// Whether `--long` means it, by its name or an alias.
    pub(super) fn is_called(&self, long: &str) -> bool {
        id(&self.name) == long || self.aliases.iter().any(|alias| id(alias) == long)
    }

    /// Whether `-letter` means it.
    pub(super) fn is_short(&self, letter: char) -> bool {
        self.short.as_deref().is_some_and(|short| short.starts_with(letter))
    }
}

/// `dry_run` and `dry-run` are one name.
pub(super) fn id(name: &str) -> String {
    name.replace('_', "-")
}

impl Spec {
    /// Whether it declares a flag of this name, for itself or for one of its verbs.
    pub(crate) fn has_flag(&self, name: &str) -> bool {
        let verbs = self.verbs.iter().flat_map(|verb| &verb.flags);
        self.flags.iter().chain(verbs).any(|flag| id(&flag.name) == id(name))
    }
}
