//! The references that the program prints itself: its command line (`docs/cli.md`) and the
//! functions that scripts may call (`docs/api.md`).

use std::fmt::Write;

use regex::Regex;
use serde::Deserialize;

use super::{compare, repository};
use crate::support::World;

const WRITTEN: &str = "\
Written by a test (`SNAPSHOTS=overwrite cargo test --test it contracts::`) from the program; do not edit.
";

const CLI_HEAD: &str = "\
# Command line

Every command with its `--help`, then the built-in scripts and the verbs of a service script.
The [guide](guide.md) and [operating](operating.md) explain how they are used.

";

const API_HEAD: &str = "\
# Script API

Every function that a script may call. `hero api` lists them in the terminal, and `hero api git::fetch`
explains one. Kinds of errors are in [errors.md](errors.md), the keys of a service description in
[reference/keys.md](reference/keys.md).

";

/// The page of the command line, section by section.
struct Page<'a> {
    world: &'a World,
    text: String,
}

impl Page<'_> {
    /// Adds the help of a command and returns it.
    fn command(&mut self, level: &str, arguments: &str) -> String {
        let help = self.world.succeed(&format!("{arguments} --help"));
        let name = format!("hero {arguments}");
        let (name, help) = (name.trim(), help.trim_end());
        write!(self.text, "\n{level} `{name}`\n\n```text\n{help}\n```\n").unwrap();
        help.to_owned()
    }

    /// Adds a title.
    fn part(&mut self, title: &str) {
        writeln!(self.text, "\n## {title}").unwrap();
    }
}

/// Returns the first words of the indented lines below `title`.
fn listed(help: &str, title: &str) -> Vec<String> {
    let below = help.lines().skip_while(|line| *line != title).skip(1);
    below
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_of_the_command_line_is_current() {
    let world = World::new();
    let mut page = Page { world: &world, text: format!("{CLI_HEAD}{WRITTEN}") };
    page.part("Commands");
    let help = page.command("###", "");
    let commands = listed(&help, "Commands:");
    assert!(commands.len() > 8 && commands.contains(&"run".to_owned()), "{help}");
    for command in commands.iter().filter(|command| *command != "help") {
        page.command("###", command);
    }
    page.part("Built-in scripts");
    for script in ["install", "install_all", "complete", "clear_debug_bins"] {
        page.command("###", &format!("run {script}"));
    }
    page.part("Service scripts");
    world.succeed("new mine --repo https://example.org/team/mine");
    let help = page.command("###", "run mine");
    let verbs = listed(&help, "Verbs:");
    assert!(verbs.len() > 8 && verbs.contains(&"watch".to_owned()), "{help}");
    for verb in &verbs {
        page.command("###", &format!("run mine {verb}"));
    }
    compare("docs/cli.md", &page.text);
}

#[derive(Deserialize)]
struct Function {
    name: String,
    signature: String,
    doc: String,
}

#[test]
fn the_page_of_the_script_api_is_current() {
    let output = World::new().command("--json api").output().unwrap();
    let functions: Vec<Function> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(functions.len() > 80, "{} functions", functions.len());
    let mut text = format!("{API_HEAD}{WRITTEN}");
    let mut space = "";
    let mut rest = functions.as_slice();
    while let [first, ..] = rest {
        let own = first.name.split_once("::").map_or("", |(own, _)| own);
        if own != space || text.len() == API_HEAD.len() + WRITTEN.len() {
            space = own;
            let title = if own.is_empty() { "Without a namespace" } else { own };
            writeln!(text, "\n## {title}").unwrap();
        }
        // Overloads that share their text stand together.
        let same = |other: &&Function| other.name == first.name && other.doc == first.doc;
        let count = rest.iter().take_while(same).count();
        let signatures: Vec<&str> =
            rest[..count].iter().map(|function| function.signature.as_str()).collect();
        let signatures = signatures.join("\n");
        write!(text, "\n### `{}`\n\n```text\n{signatures}\n```\n\n", first.name).unwrap();
        text.push_str(&markdown(&first.doc));
        rest = &rest[count..];
    }
    compare("docs/api.md", &text);
}

/// Returns the text of a function with its indented examples as blocks of Rhai.
fn markdown(doc: &str) -> String {
    let mut text = String::new();
    let mut lines = doc.trim_end().lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("    ") {
            writeln!(text, "{line}").unwrap();
            continue;
        }
        let mut block = vec![&line[4..]];
        while let Some(next) = lines.next_if(|next| next.starts_with("    ") || next.is_empty()) {
            block.push(next.strip_prefix("    ").unwrap_or(""));
        }
        let code = block.join("\n");
        writeln!(text, "```rhai\n{}\n```", code.trim_end()).unwrap();
    }
    text
}

/// Pages that people write, with what each must name.
#[test]
fn the_pages_of_keys_and_flags_name_every_one() {
    let world = World::new();
    let text = |page: &str| std::fs::read_to_string(repository(page)).unwrap();
    let (keys, flags) = (text("docs/reference/keys.md"), text("docs/reference/flags.md"));
    world.write(
        "keys.rhai",
        "for key in describe(#{ repo: \"/none\" }).to_map().keys() { print(key); }",
    );
    let printed = world.succeed("run keys");
    let named: Vec<&str> = printed.lines().collect();
    assert!(named.len() > 25 && named.contains(&"after_uninstall"), "{printed}");
    // `script` is where the description is from.
    for key in named.iter().filter(|key| **key != "script") {
        assert!(keys.contains(&format!("`{key}`")), "docs/reference/keys.md lacks `{key}`");
    }
    world.succeed("new mine --repo https://example.org/team/mine");
    let verbs = listed(&world.succeed("run mine --help"), "Verbs:");
    let flag = Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)").unwrap();
    let mut count = 0;
    for verb in verbs {
        let help = world.succeed(&format!("run mine {verb} --help"));
        for name in flag.captures_iter(&help).map(|hit| hit.extract::<1>().1[0]) {
            let there = name == "--help" || flags.contains(&format!("`{name}"));
            assert!(there, "docs/reference/flags.md lacks `{name}` of `{verb}`");
            count += 1;
        }
    }
    assert!(count > 40, "{count} flags");
}
