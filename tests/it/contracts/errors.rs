//! The table of errors: `src/error/kinds.rs`, `hero api errors`, `docs/errors.md`.

use std::fmt::Write;
use std::net::TcpListener;

use regex::Regex;
use serde::Deserialize;

use super::{compare, literals, repository};
use crate::support::{World, both};

const HEAD: &str = "\
# Errors

An error that a script catches (`try { … } catch (e) { … }`) is a map. `e.kind` is one of the words below;
they are part of hero's interface, and so are the exit codes of a run that an error ends. Compare the kind, not
the message: messages are for people. The other fields are `message`, `hint`, `details`, `option`, `exit`, and
`errors` where there are several.

A script may throw maps with kinds of its own. Their exit code is their field `exit`, or 1.

`hero api errors` prints this table, `hero api errors KIND` one row, `hero --json api errors` the same as data.
Written by a test (`SNAPSHOTS=overwrite cargo test --test contracts`) from `src/error/kinds.rs`; do not edit.
";

#[derive(Deserialize)]
struct Row {
    kind: String,
    area: String,
    exits: Vec<u8>,
    meaning: String,
    advice: String,
}

fn table() -> Vec<Row> {
    let output = World::new().command("--json api errors").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn row<'a>(rows: &'a [Row], kind: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.kind == kind)
}

#[test]
fn the_page_is_the_table() {
    let mut text = HEAD.to_owned();
    let mut area = String::new();
    for row in table() {
        if row.area != area {
            area = row.area;
            writeln!(
                text,
                "\n## {area}\n\n| kind | exit | meaning | what to do |\n|---|---|---|---|"
            )
            .unwrap();
        }
        let exits: Vec<String> = row.exits.iter().map(ToString::to_string).collect();
        let exits = exits.join(" or ");
        writeln!(text, "| `{}` | {exits} | {} | {} |", row.kind, row.meaning, row.advice).unwrap();
    }
    compare("docs/errors.md", &text);
}

#[test]
fn one_kind_and_a_near_name() {
    let world = World::new();
    let said = world.succeed("api errors ref_not_found");
    assert!(said.starts_with("ref_not_found (exit 3)\n    The remote has no such"), "{said}");
    assert!(world.succeed("api errors").contains("\nstack_failed"));
    assert!(world.fail(2, "api errors ref_not_fuond").contains("did you mean `ref_not_found`?"));
    assert!(world.fail(2, "api git ref_not_found").contains("unexpected argument"));
}

#[test]
fn a_kind_written_as_text_is_in_the_table_with_its_exit_code() {
    let rows = table();
    let found = literals::find();
    let seen = |kind: &str| found.iter().any(|literal| literal.kind == kind);
    // Of each way to write one, so that a search that finds nothing is noticed.
    for kind in ["usage", "internal", "interrupted", "missing_option", "check_failed", "no_boot"] {
        assert!(seen(kind), "{kind} is not found in the code");
    }
    for literal in &found {
        let Some(row) = row(&rows, &literal.kind) else {
            panic!("{}: `{}` is not in the table of errors", literal.place, literal.kind)
        };
        let fits = literal.exit.is_none_or(|exit| row.exits.contains(&exit));
        assert!(fits, "{}: `{}` has {:?}", literal.place, literal.kind, row.exits);
    }
}

#[test]
fn an_exit_code_is_that_of_the_kind() {
    let set = Regex::new(r"\.exit\((\w+::)*Exit::").unwrap();
    let made = Regex::new(r#"\bFault::script\(\s*[^"\s]"#).unwrap();
    for file in literals::files(&["src"], "rs") {
        let text = literals::program(&file);
        let own = text.matches("fn exit(&self) -> Exit").count();
        let wanted = usize::from(file.ends_with("src/error/mod.rs"));
        assert_eq!(own, wanted, "{}: an error has the exit code of its kind", file.display());
        assert!(!set.is_match(&text), "{}: a fault has the exit code of its kind", file.display());
        assert!(!made.is_match(&text), "{}: write the kind as a literal", file.display());
    }
}

#[test]
fn every_row_is_used() {
    let typed: Vec<String> = literals::files(&["src"], "rs")
        .iter()
        .filter(|file| !file.starts_with(repository("src/error")))
        .map(|file| literals::program(file))
        .collect();
    let written = literals::find();
    for row in table() {
        let camel: String =
            row.kind.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
        let variant = Regex::new(&format!(r"\bErrorKind::{camel}\b")).unwrap();
        let used = written.iter().any(|literal| literal.thrown && literal.kind == row.kind)
            || typed.iter().any(|text| variant.is_match(text));
        assert!(used, "`{}` is in the table, and nothing has it", row.kind);
    }
}

#[test]
fn a_kind_that_a_function_documents_exists() {
    #[derive(Deserialize)]
    struct Function {
        name: String,
        doc: String,
    }
    let output = World::new().command("--json api").output().unwrap();
    let functions: Vec<Function> = serde_json::from_slice(&output.stdout).unwrap();
    let rows = table();
    let errors = Regex::new(r"(?s)Errors: (.*?)(\n\n|$)").unwrap();
    let brackets = Regex::new(r"(?s)\([^)]*\)").unwrap();
    let word = Regex::new(r"`([^`]+)`").unwrap();
    let mut count = 0;
    for function in &functions {
        let Some(list) = errors.captures(&function.doc) else { continue };
        let list = brackets.replace_all(&list[1], "").into_owned();
        for word in word.captures_iter(&list) {
            let known = row(&rows, &word[1]).is_some()
                || functions.iter().any(|other| other.name == word[1]);
            assert!(known, "{} documents `{}`, which is not in the table", function.name, &word[1]);
            count += 1;
        }
    }
    assert!(count > 40, "only {count} kinds are documented");
}

/// One error of each exit code, in `catch` and at the end of the run.
#[test]
fn an_error_has_its_exit_code_from_end_to_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = format!(
        "daemon::prepare(describe(#{{ name: \"app\", repo: \"/none\", \
         start: #{{ cmd: [\"sh\"], ready: #{{ port: {port} }} }} }}), || ())"
    );
    let cases = [
        ("parse_args(#{})", "usage"),
        ("describe(#{})", "missing_option"),
        ("bin::rollback(\"none\")", "not_installed"),
        ("fs::read(\"none\")", "not_found"),
        ("process::run([\"false\"])", "command_failed"),
        (taken.as_str(), "port_taken"),
    ];
    let rows = table();
    for (call, kind) in cases {
        let world = World::new();
        let argument = if kind == "usage" { "--none" } else { "" };
        let wanted = i32::from(row(&rows, kind).unwrap().exits[0]);
        world.write("a.rhai", &format!("{call};"));
        let output = world.command(&format!("--json run a.rhai {argument}")).output().unwrap();
        assert_eq!(output.status.code(), Some(wanted), "{call}: {}", both(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        let summary: serde_json::Value =
            serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(summary["error"]["kind"], kind, "{call}");
        assert_eq!(summary["error"]["exit"], wanted, "{call}");
        world
            .write("b.rhai", &format!("try {{ {call}; }} catch (e) {{ print(e.kind + e.exit); }}"));
        let output = world.command(&format!("run b.rhai {argument}")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{kind}{wanted}\n"), "{call}");
    }
}
