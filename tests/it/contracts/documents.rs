//! What commands print with `--json`: docs/json.md. Its rows of events are written by
//! `report::json`; here are the streams and documents of the program itself.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::repository;
use crate::support::{World, both};

/// Runs `hero --json …`; the exit code and the lines of standard output.
fn lines(world: &World, arguments: &str) -> (Option<i32>, Vec<Value>) {
    let output = world.command(&format!("--json {arguments}")).output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let parsed = text.lines().map(|line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {}", both(&output)))
    });
    (output.status.code(), parsed.collect())
}

#[test]
fn events_begin_with_the_format_and_end_with_the_summary() {
    let world = World::new();
    world.install("app", &["app"], "one");
    world.write("a.rhai", "log::info(\"here\");");
    world.write("b.rhai", "log::info(\"here\"); throw \"no\";");
    let cases = [
        ("run a", 0),
        ("run b", 1),
        ("run none", 1),
        ("check a.rhai", 0),
        ("check none.rhai", 1),
        ("new mine --repo https://example.org/mine", 0),
        ("gc --max-size 0B", 0),
        ("rollback none", 1),
        ("list --root", 0),
        ("why none", 1),
        ("uninstall app", 0),
    ];
    for (arguments, exit) in cases {
        let (code, lines) = lines(&world, arguments);
        assert_eq!(code, Some(exit), "{arguments}: {lines:?}");
        if arguments.starts_with("list") {
            continue;
        }
        let (first, last) = (lines.first().unwrap(), lines.last().unwrap());
        assert_eq!(
            (&first["event"], &first["format"]),
            (&"begin".into(), &1.into()),
            "{arguments}"
        );
        assert_eq!(first["hero"], env!("CARGO_PKG_VERSION"));
        assert_eq!(
            (&last["event"], &last["exit"]),
            (&"summary".into(), &exit.into()),
            "{arguments}"
        );
        let ends = ["begin", "summary"];
        let count =
            lines.iter().filter(|line| ends.iter().any(|end| line["event"] == *end)).count();
        assert_eq!(count, 2, "{arguments}: {lines:?}");
    }
}

#[test]
fn a_value_for_programs_is_no_text_in_text() {
    let world = World::new();
    world.install("app", &["app"], "one");
    world.write(
        "app.rhai",
        "fn service() { #{ name: \"app\", repo: \"/none\" } }\nservice::main(service());",
    );
    let (code, events) = lines(&world, "run app status --json");
    assert_eq!(code, Some(0), "{events:?}");
    let data: Vec<&Value> = events.iter().filter(|line| line["event"] == "data").collect();
    assert_eq!(data.len(), 1, "{events:?}");
    assert_eq!(data[0]["value"][0]["service"], "app");
    // Without the program's own `--json` it is that value alone.
    let output = world.command("run app status --json").output().unwrap();
    let alone: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(alone, data[0]["value"]);
}

#[test]
fn a_document_has_the_shape_on_the_page() {
    let world = World::new();
    world.install("app", &["app"], "one");
    let problem = world.home(".local/bin/app");
    std::fs::remove_file(&problem).unwrap();
    let page = std::fs::read_to_string(repository("docs/json.md")).unwrap();
    let rows = Regex::new(r"(?m)^\| `hero ([^`]+)` \| `([^`]+)`").unwrap();
    let mut count = 0;
    for row in rows.captures_iter(&page) {
        let (_, documents) = lines(&world, &row[1]);
        assert_eq!(documents.len(), 1, "hero {}: {documents:?}", &row[1]);
        let shape = shape(&row[2]);
        fits(&documents[0], &shape, &row[1]);
        count += 1;
    }
    assert_eq!(count, 7, "documents on the page");
}

/// `{a, b: [{c}]}` as JSON, where a key without a shape of its own has `null`.
fn shape(text: &str) -> Value {
    let key = Regex::new(r"(\w+)(:?)").unwrap();
    let quoted = key.replace_all(text, |key: &regex::Captures<'_>| match &key[2] {
        ":" => format!("\"{}\":", &key[1]),
        _ => format!("\"{}\":null", &key[1]),
    });
    serde_json::from_str(&quoted).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fits(value: &Value, shape: &Value, place: &str) {
    match (value, shape) {
        (_, Value::Null) => {}
        (Value::Array(items), Value::Array(shapes)) => {
            assert!(!items.is_empty(), "{place}: nothing to compare");
            items.iter().for_each(|item| fits(item, &shapes[0], place));
        }
        (Value::Object(fields), Value::Object(shapes)) => {
            let has: BTreeSet<&String> = fields.keys().collect();
            let wanted: BTreeSet<&String> = shapes.keys().collect();
            assert_eq!(has, wanted, "{place}");
            shapes.iter().for_each(|(key, shape)| fits(&fields[key], shape, place));
        }
        _ => panic!("{place}: {value} has not the shape {shape}"),
    }
}
