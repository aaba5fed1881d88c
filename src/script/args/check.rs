//! Contradictions in what a script accepts.

use super::spec::{Flag, Spec, id};
use crate::script::fault::Fault;

/// clap panics on contradictions in debug builds; a script must not.
pub(super) fn check(spec: &Spec) -> Result<(), Fault> {
    for verb in &spec.verbs {
        let all: Vec<&Flag> = spec.flags.iter().chain(&verb.flags).collect();
        check_set(spec, &all)?;
    }
    check_set(spec, &spec.flags.iter().collect::<Vec<_>>())
}

fn bad<T>(message: String) -> Result<T, Fault> {
    Err(Fault::script("bad_flags", message).option("flags"))
}

/// Checks the flags and arguments that can be given together.
fn check_set(spec: &Spec, flags: &[&Flag]) -> Result<(), Fault> {
    let mut seen = vec!["help".to_owned(), "verb".to_owned()];
    let mut shorts = vec!['h'];
    for flag in flags {
        let name = id(&flag.name);
        let plain = |name: &str| {
            !name.is_empty()
                && !name.starts_with('-')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        for long in std::iter::once(&name).chain(&flag.aliases) {
            if !plain(long) {
                return bad(format!(
                    "`{long}` cannot be the name of a flag: use letters, digits and `-`"
                ));
            }
            if seen.contains(long) {
                return bad(format!("the flag `--{long}` is declared twice, or reserved"));
            }
            seen.push(long.clone());
        }
        if let Some(short) = &flag.short {
            let mut letters = short.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None)
                    if letter.is_ascii_alphanumeric() && !shorts.contains(&letter) =>
                {
                    shorts.push(letter);
                }
                (Some(letter), None) if letter.is_ascii_alphanumeric() => {
                    return bad(format!("the flag `-{letter}` is declared twice"));
                }
                _ => return bad(format!("`{short}` cannot be a short flag: use one letter")),
            }
        }
        if !matches!(flag.kind.as_deref(), None | Some("string" | "int" | "size" | "age")) {
            return bad(format!(
                "`kind` of the flag `--{name}` must be \"string\", \"int\", \"size\" or \"age\""
            ));
        }
    }
    let ids: Vec<String> = flags.iter().map(|flag| id(&flag.name)).collect();
    for flag in flags {
        if let Some(other) = flag.conflicts.iter().find(|other| !ids.contains(&id(other))) {
            return bad(format!(
                "the flag `--{}` conflicts with `--{other}`, which does not exist",
                flag.name
            ));
        }
    }
    for positional in &spec.positionals {
        let name = id(&positional.name);
        if name.is_empty() || seen.contains(&name) {
            return bad(format!("the argument `{}` needs a name of its own", positional.name));
        }
        seen.push(name);
    }
    if let Some((_, first)) = spec.positionals.split_last()
        && first.iter().any(|positional| positional.repeated)
    {
        return bad("only the last argument can be repeated".into());
    }
    let optional = spec.positionals.iter().position(|positional| !positional.required);
    let required = spec.positionals.iter().rposition(|positional| positional.required);
    if optional.zip(required).is_some_and(|(optional, required)| optional < required)
        || (!spec.verbs.is_empty() && required.is_some())
    {
        return bad("a required argument cannot follow an optional one or a verb".into());
    }
    Ok(())
}
