//! Which linker rustc will use, and who has chosen it.

use std::path::Path;

use cargo_metadata::cargo_platform::{Cfg, Platform};
use toml::Value;

use super::chosen::{Choices, Chosen};
use crate::sys::finding::{Finding, FindingKind};
use crate::sys::process::which;

/// Options of rustc that choose a linker, or how it is found.
const CHOOSING: &[&str] =
    &["linker=", "linker-flavor=", "linker-features=", "link-self-contained="];
/// Options that hand something to it.
const HANDING: &[&str] = &["link-arg=", "link-args=", "pre-link-arg=", "pre-link-args="];
const NO_CC: &str = "install a C compiler, for instance: sudo apt install build-essential (macOS: xcode-select --install)";

/// The linker of debug builds and the C compiler; `rustc` is what it says of
/// its version.
pub(super) fn examine(choices: &Choices, rustc: Option<&str>) -> Vec<Finding> {
    let line = |name: &str| rustc?.lines().find_map(|line| line.strip_prefix(name));
    let Some((host, release)) = line("host: ").zip(line("release: ")) else {
        return vec![c_compiler(false)];
    };
    let target = choices.chosen(&["CARGO_BUILD_TARGET"], &["build", "target"]);
    let target = target.map_or(host.to_owned(), |target| target.value);
    let program = program(choices, &target);
    let options: Vec<Chosen> = flags(choices, &target).iter().flat_map(options).collect();
    let chooses =
        |option: &&Chosen| starts(&option.value, CHOOSING) || fused(&option.value).is_some();
    let chosen: Vec<&Chosen> = program.iter().chain(options.iter().filter(chooses)).collect();
    let linker = if chosen.is_empty() {
        let with = if options.is_empty() {
            String::new()
        } else {
            format!("; with {}, as the user set", list(&options.iter().collect::<Vec<_>>()))
        };
        Finding::ok("linker", format!("{}{with}; {}", usual(&target, release), others()))
    } else {
        users(&chosen)
    };
    vec![linker, c_compiler(program.is_some())]
}

/// What rustc takes when nobody has chosen.
fn usual(target: &str, release: &str) -> String {
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if target == "x86_64-unknown-linux-gnu" && version >= (1, 90) {
        format!("rust-lld, by cc (rustc's default since 1.90 on {target})")
    } else {
        format!("the C compiler's own, by cc (rustc's default on {target})")
    }
}

/// Which quick linkers could be configured.
fn others() -> String {
    let found = |name: &str, program: &str| which(program).map(|_| name.to_owned());
    match (found("mold", "mold"), found("lld", "ld.lld")) {
        (None, None) => "neither mold nor lld is on PATH".into(),
        (Some(mold), Some(lld)) => format!("{mold} and {lld} are on PATH, used if configured"),
        (Some(one), None) | (None, Some(one)) => format!("{one} is on PATH, used if configured"),
    }
}

/// The user's choice, and whether it can be had.
fn users(chosen: &[&Chosen]) -> Finding {
    let detail = format!("set by the user: {}; hero changes nothing of it", list(chosen));
    for choice in chosen {
        let program = choice.value.strip_prefix("linker=").unwrap_or(&choice.value);
        let named = program.len() < choice.value.len() || !starts(&choice.value, CHOOSING);
        if let Some(name) = fused(&choice.value) {
            let there = if name.contains('/') {
                Path::new(name).exists()
            } else {
                which(&format!("ld.{name}")).or_else(|| which(name)).is_some()
            };
            if !there {
                let detail = format!("{detail}; `{name}` is not on PATH");
                let hint = format!("install `{name}`, or take it out of {}", choice.by);
                return Finding::warning("linker", detail, hint);
            }
        } else if named && choice.with(program).program().is_none() {
            let detail = format!("{detail}; there is no `{program}`");
            let hint = format!("install `{program}`, or take it out of {}", choice.by);
            return Finding::problem("linker", detail, hint);
        }
    }
    Finding::ok("linker", detail)
}

fn list(chosen: &[&Chosen]) -> String {
    let one = |chosen: &&Chosen| format!("{} ({})", chosen.value, chosen.by);
    chosen.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The C compiler links, and compiles what is C in dependencies.
fn c_compiler(other_linker: bool) -> Finding {
    match which("cc") {
        Some(path) => Finding::ok("C compiler", path.display().to_string()),
        None => Finding {
            kind: if other_linker { FindingKind::Warning } else { FindingKind::Problem },
            ..Finding::problem("C compiler", "no `cc` on PATH", NO_CC)
        },
    }
}

/// The program that is configured as linker of a target.
fn program(choices: &Choices, target: &str) -> Option<Chosen> {
    let variable = format!("{}LINKER", prefix(target));
    choices
        .chosen(&[&variable], &["target", target, "linker"])
        .or_else(|| by_platform(choices, target, "linker").into_iter().next())
}

/// rustc's options from where cargo takes them: the first of environment,
/// target and build that has any, never two of them.
fn flags(choices: &Choices, target: &str) -> Vec<Chosen> {
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        if choices.environment.get(name).is_some() {
            let flags = choices.variable(name).into_iter();
            return flags.map(|flags| flags.with(&flags.value.replace('\u{1f}', " "))).collect();
        }
    }
    let of = |variable: &str, keys: &[&str]| -> Vec<Chosen> {
        let configured = choices.settings.values(keys);
        let configured = configured.map(|(file, value)| choices.configured(file, &joined(value)));
        choices.variable(variable).into_iter().chain(configured.collect::<Vec<_>>()).collect()
    };
    let mut found = of(&format!("{}RUSTFLAGS", prefix(target)), &["target", target, "rustflags"]);
    found.extend(by_platform(choices, target, "rustflags"));
    if found.is_empty() { of("CARGO_BUILD_RUSTFLAGS", &["build", "rustflags"]) } else { found }
}

/// Values of the tables `target.'cfg(…)'` that fit.
fn by_platform(choices: &Choices, target: &str, key: &str) -> Vec<Chosen> {
    let cfgs = cfgs(target);
    let fits = |name: &str| {
        name.starts_with("cfg(")
            && name.parse::<Platform>().is_ok_and(|platform| platform.matches(target, &cfgs))
    };
    let tables = choices.settings.values(&["target"]);
    let tables = tables.filter_map(|(file, table)| Some((file, table.as_table()?)));
    let values = tables.flat_map(|(file, table)| {
        let fitting = table.iter().filter(|(name, _)| fits(name));
        fitting.filter_map(move |(_, table)| Some((file, table.get(key)?)))
    });
    values.map(|(file, value)| choices.configured(file, &joined(value))).collect()
}

/// What a target's name says of it; asking rustc would take longer than all
/// the rest.
fn cfgs(target: &str) -> Vec<Cfg> {
    let parts: Vec<&str> = target.split('-').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let os = if part(2) == "darwin" { "macos" } else { part(2) };
    let text = [
        "unix".to_owned(),
        "target_family=\"unix\"".to_owned(),
        format!("target_arch=\"{}\"", part(0)),
        format!("target_vendor=\"{}\"", part(1)),
        format!("target_os=\"{os}\""),
        format!("target_env=\"{}\"", part(3)),
    ];
    text.iter().filter_map(|cfg| cfg.parse().ok()).collect()
}

/// Flags are one string or a list of them.
fn joined(value: &Value) -> Value {
    let Some(words) = value.as_array() else { return value.clone() };
    Value::String(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
}

fn prefix(target: &str) -> String {
    format!("CARGO_TARGET_{}_", target.to_uppercase().replace(['-', '.'], "_"))
}

/// Those of rustc's options that concern the linker, without their `-C`.
fn options(flags: &Chosen) -> Vec<Chosen> {
    let mut found = Vec::new();
    let mut words = flags.value.split_whitespace();
    while let Some(word) = words.next() {
        let option = match word {
            "-C" | "--codegen" | "-Z" => words.next(),
            _ => ["-C", "--codegen=", "-Z"].iter().find_map(|start| word.strip_prefix(start)),
        };
        let Some((name, value)) = option.and_then(|option| option.split_once('=')) else {
            continue;
        };
        let option = format!("{}={value}", name.replace('_', "-"));
        if starts(&option, CHOOSING) || starts(&option, HANDING) {
            found.push(flags.with(&option));
        }
    }
    found
}

fn starts(option: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| option.starts_with(beginning))
}

/// The linker that a C compiler is told to take.
fn fused(option: &str) -> Option<&str> {
    let (_, rest) = option.split_once("-fuse-ld=").or_else(|| option.split_once("--ld-path="))?;
    rest.split(char::is_whitespace).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_depends_on_target_and_version() {
        let gnu = "x86_64-unknown-linux-gnu";
        assert!(usual(gnu, "1.90.0").starts_with("rust-lld"));
        assert!(usual(gnu, "1.97.0-nightly").starts_with("rust-lld"));
        assert!(usual(gnu, "1.89.0").starts_with("the C compiler's"));
        assert!(usual("aarch64-apple-darwin", "1.95.0").starts_with("the C compiler's"));
    }

    #[test]
    fn options_of_the_linker_are_found_in_every_spelling() {
        let flags = Chosen::new(
            "-Clink-arg=-fuse-ld=mold -O -C linker=clang --codegen link_arg=-s -Ctarget-cpu=native",
        );
        let found: Vec<String> = options(&flags).into_iter().map(|found| found.value).collect();
        assert_eq!(found, ["link-arg=-fuse-ld=mold", "linker=clang", "link-arg=-s"]);
        assert_eq!(fused(&found[0]), Some("mold"));
        assert_eq!(fused(&found[2]), None);
    }

    #[test]
    fn platforms_are_matched() {
        let target = "x86_64-unknown-linux-gnu";
        let matches = |cfg: &str| cfg.parse::<Platform>().unwrap().matches(target, &cfgs(target));
        assert!(matches("cfg(target_os = \"linux\")"));
        assert!(matches("cfg(all(unix, target_env = \"gnu\", not(target_arch = \"aarch64\")))"));
        assert!(!matches("cfg(windows)"));
    }
}
