//! What a script can be told to do: each verb has its own flags.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::spec::{Flag, Spec, Verb, id};
use crate::error::nearest;
use crate::script::fault::Fault;

/// A command line with its verb taken out.
pub(super) struct Line<'a> {
    /// The verb; `None` for a script without any.
    pub(super) verb: Option<&'a Verb>,
    /// Whether it was written; otherwise it is the first of the script.
    pub(super) named: bool,
    /// Everything else.
    pub(super) arguments: Vec<String>,
}

impl Line<'_> {
    /// The flags that it may have.
    pub(super) fn flags<'s>(&'s self, spec: &'s Spec) -> impl Iterator<Item = &'s Flag> {
        spec.flags.iter().chain(self.verb.iter().flat_map(|verb| &verb.flags))
    }

    /// What is typed before its flags.
    pub(super) fn name(&self, spec: &Spec) -> String {
        match self.verb.filter(|_| self.named) {
            Some(verb) => format!("{} {}", spec.name, verb.name),
            None => spec.name.clone(),
        }
    }
}

/// Takes the verb out of a command line: its first word that is neither a flag nor the value
/// of one. Flags may stand before it.
///
/// # Errors
/// A word that is no verb, for a script that takes no other words.
pub(super) fn split<'a>(spec: &'a Spec, arguments: &[String]) -> Result<Line<'a>, Fault> {
    let mut words = arguments.iter().enumerate();
    while let Some((index, word)) = words.next() {
        if word == "--" {
            break;
        }
        if word.len() > 1 && word.starts_with('-') {
            if wants_next(spec, word) {
                words.next();
            }
            continue;
        }
        if let Some(verb) = spec.verbs.iter().find(|verb| verb.name == *word) {
            let mut rest = arguments.to_vec();
            rest.remove(index);
            return Ok(Line { verb: Some(verb), named: true, arguments: rest });
        }
        if !spec.verbs.is_empty() && spec.positionals.is_empty() {
            return Err(unknown(spec, word));
        }
        break;
    }
    Ok(Line { verb: spec.verbs.first(), named: false, arguments: arguments.to_vec() })
}

fn unknown(spec: &Spec, word: &str) -> Fault {
    let names = spec.verbs.iter().map(|verb| verb.name.as_str());
    let hint = match nearest(word, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its verbs are {}", names.collect::<Vec<_>>().join(", ")),
    };
    Fault::script("usage", format!("there is no verb `{word}`")).hint(hint)
}

fn all_flags(spec: &Spec) -> impl Iterator<Item = &Flag> {
    spec.flags.iter().chain(spec.verbs.iter().flat_map(|verb| &verb.flags))
}

/// Whether the word after this flag is its value.
fn wants_next(spec: &Spec, word: &str) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        return !long.contains('=')
            && all_flags(spec).any(|flag| flag.takes_value() && flag.is_called(long));
    }
    let letters = word.trim_start_matches('-');
    let valued = letters.char_indices().find(|(_, letter)| {
        all_flags(spec).any(|flag| flag.takes_value() && flag.is_short(*letter))
    });
    valued.is_some_and(|(index, letter)| index + letter.len_utf8() == letters.len())
}

/// The fault for a flag that other verbs have.
pub(super) fn of_others(spec: &Spec, line: &Line, error: &clap::Error) -> Option<Fault> {
    let verb = line.verb?;
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(given))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let long = given.strip_prefix("--").map(|long| long.split('=').next().unwrap_or(long));
    let short = given.strip_prefix('-').and_then(|rest| rest.chars().next());
    let knows = |other: &&Verb| {
        other.flags.iter().any(|flag| match long {
            Some(long) => flag.is_called(long),
            None => short.is_some_and(|short| flag.is_short(short)),
        })
    };
    let others: Vec<String> =
        spec.verbs.iter().filter(knows).map(|verb| format!("`{}`", verb.name)).collect();
    let (last, first) = others.split_last()?;
    let others =
        if first.is_empty() { last.clone() } else { format!("{} and {last}", first.join(", ")) };
    let given = long.map_or_else(|| given.clone(), |long| format!("--{long}"));
    let message = format!("`{}` has no flag `{given}`", verb.name);
    let fault = Fault::script("usage", message);
    Some(fault.hint(format!("`{given}` goes with {others}")))
}

/// How a script with verbs is called.
pub(super) fn usage(spec: &Spec) -> String {
    let words = spec.positionals.iter().map(|positional| {
        let name = id(&positional.name).to_uppercase();
        if positional.repeated { format!(" [{name}]...") } else { format!(" [{name}]") }
    });
    format!("{} [VERB] [OPTIONS]{}", spec.name, words.collect::<String>())
}

/// The verbs, for the end of `--help`.
pub(super) fn help(spec: &Spec) -> String {
    let width = spec.verbs.iter().map(|verb| verb.name.len()).max().unwrap_or(0);
    let lines = spec.verbs.iter().map(|verb| format!("  {:<width$}  {}", verb.name, verb.help));
    let lines = lines.collect::<Vec<_>>().join("\n");
    format!("Verbs:\n{lines}\n\nEach has flags of its own: {} VERB --help", spec.name)
}
