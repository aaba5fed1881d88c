//! A script's own command line, on clap's builder: what `parse_args` does.

mod check;
mod spec;
mod verbs;

use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use rhai::{Array, Dynamic, Map};

pub(crate) use spec::Spec;

use super::fault::Fault;
use crate::sys::quantity::{Age, Size};
use spec::{Flag, id};

/// How reading a command line ended.
pub(crate) enum Parsed {
    /// The values, by name.
    Values(Map),
    /// Help or version, which was asked for.
    Help(String),
}

/// Reads `arguments` as `spec` says.
///
/// # Errors
/// A usage fault (exit 2) for the user's mistakes, a script fault for a
/// specification that contradicts itself.
pub(crate) fn parse(spec: &Spec, arguments: &[String], color: bool) -> Result<Parsed, Fault> {
    check::check(spec)?;
    let color_choice = if color { clap::ColorChoice::Always } else { clap::ColorChoice::Never };
    let line = verbs::split(spec, arguments)?;
    let command = command(spec, &line).color(color_choice);
    match command.try_get_matches_from(&line.arguments) {
        Ok(matches) => Ok(Parsed::Values(values(spec, &line, &matches))),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            let text = error.render();
            let text = if color { text.ansi().to_string() } else { text.to_string() };
            Ok(Parsed::Help(text.trim_end().to_owned()))
        }
        Err(error) => Err(verbs::of_others(spec, &line, &error)
            .unwrap_or_else(|| usage(&error, &line.name(spec)))),
    }
}

fn command(spec: &Spec, line: &verbs::Line) -> Command {
    let name = line.name(spec);
    let about = line.verb.filter(|_| line.named).map_or(&spec.about, |verb| &verb.help);
    let mut command = Command::new(name.clone())
        .bin_name(name.clone())
        .display_name(name)
        .no_binary_name(true)
        .about(about.trim().to_owned())
        .disable_version_flag(true)
        .disable_help_flag(true)
        .max_term_width(100);
    if !spec.verbs.is_empty() && !line.named {
        command = command.override_usage(verbs::usage(spec)).after_help(verbs::help(spec));
    }
    for positional in &spec.positionals {
        let name = id(&positional.name);
        let action = if positional.repeated { ArgAction::Append } else { ArgAction::Set };
        let mut arg =
            Arg::new(name.clone()).value_name(name.to_uppercase()).help(positional.help.clone());
        arg = arg.action(action).required(positional.required);
        command = command.arg(if positional.repeated { arg.num_args(0..) } else { arg });
    }
    for flag in line.flags(spec) {
        command = command.arg(flag_arg(flag));
    }
    let help =
        Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Print this help");
    command.arg(help)
}

fn flag_arg(flag: &Flag) -> Arg {
    let name = id(&flag.name);
    let mut arg = Arg::new(name.clone()).long(name.clone()).help(flag.help.clone());
    arg = arg.visible_aliases(flag.aliases.iter().map(|alias| id(alias)));
    if let Some(letter) = flag.short.as_ref().and_then(|short| short.chars().next()) {
        arg = arg.short(letter);
    }
    if let Some(heading) = &flag.heading {
        arg = arg.help_heading(heading.clone());
    }
    if flag.takes_value() {
        let value = flag.value.clone().unwrap_or_else(|| name.to_uppercase());
        arg = arg.value_name(value).required(flag.required);
        if let Some(variable) = &flag.env {
            arg = arg.env(variable.clone());
        }
        arg = arg.action(if flag.repeated { ArgAction::Append } else { ArgAction::Set });
        if flag.kind.as_deref() == Some("int") {
            arg = arg.value_parser(value_parser!(i64)).allow_negative_numbers(true);
        } else if flag.kind.as_deref() == Some("size") {
            arg = arg.value_parser(checked::<Size>);
        } else if flag.kind.as_deref() == Some("age") {
            arg = arg.value_parser(checked::<Age>);
        } else if !flag.values.is_empty() {
            arg = arg.value_parser(PossibleValuesParser::new(flag.values.clone()));
        }
    } else {
        arg = arg.action(ArgAction::SetTrue);
    }
    arg.conflicts_with_all(flag.conflicts.iter().map(|other| id(other)))
}

/// A text that can be read as something else; a script has it as it is.
fn checked<T: FromStr>(text: &str) -> Result<String, T::Err> {
    text.parse::<T>().map(|_| text.to_owned())
}

/// The values as a script reads them: `dry_run`, never `dry-run`.
fn values(spec: &Spec, line: &verbs::Line, matches: &ArgMatches) -> Map {
    let mut map = Map::new();
    for flag in line.flags(spec) {
        let name = id(&flag.name);
        let value = flag_value(flag, &name, matches);
        map.insert(flag.name.replace('-', "_").into(), value);
    }
    for positional in &spec.positionals {
        let name = id(&positional.name);
        let mut all =
            matches.get_many::<String>(&name).into_iter().flatten().cloned().map(Dynamic::from);
        let value = if positional.repeated {
            all.collect::<Array>().into()
        } else {
            all.next().unwrap_or(Dynamic::UNIT)
        };
        map.insert(positional.name.replace('-', "_").into(), value);
    }
    if let Some(verb) = line.verb {
        map.insert("verb".into(), verb.name.clone().into());
    }
    map
}

fn flag_value(flag: &Flag, name: &str, matches: &ArgMatches) -> Dynamic {
    if !flag.takes_value() {
        return matches.get_flag(name).into();
    }
    let mut given: Array = if flag.kind.as_deref() == Some("int") {
        matches.get_many::<i64>(name).into_iter().flatten().copied().map(Dynamic::from).collect()
    } else {
        matches.get_many::<String>(name).into_iter().flatten().cloned().map(Dynamic::from).collect()
    };
    let default = || flag.fallback.as_ref().and_then(|value| rhai::serde::to_dynamic(value).ok());
    match (flag.repeated, given.is_empty()) {
        (_, true) => default()
            .unwrap_or_else(|| if flag.repeated { Array::new().into() } else { Dynamic::UNIT }),
        (true, false) => given.into(),
        (false, false) => given.swap_remove(0),
    }
}

/// clap's message in our report.
fn usage(error: &clap::Error, name: &str) -> Fault {
    let text = error.render().to_string();
    let text = text.trim_start_matches("error: ");
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default().trim().replace('\'', "`");
    let mut fault = Fault::script("usage", first);
    fault.details.extend(lines.map(|line| line.trim().to_owned()));
    let mut hint = None;
    for line in rest.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hint.get_or_insert(tip.replace('\'', "`"));
        }
    }
    let own = ["-q", "--quiet", "-v", "--verbose", "--json", "--color", "--stdlib"];
    if let Some(flag) = own.iter().find(|flag| fault.message.contains(&format!("`{flag}`"))) {
        let script = name.trim_start_matches("hero run ");
        return fault.hint(format!("`{flag}` is hero's own: hero run {flag} {script}"));
    }
    fault.hint(hint.map_or_else(
        || format!("{name} --help lists the flags"),
        |tip| format!("{tip}; {name} --help lists the flags"),
    ))
}
