//! The table, and the same as JSON in `target/reliability.json`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::cargo::toolchain;
use super::judge::RULES;
use super::measure::Measured;

pub struct Report {
    started: Instant,
    rows: Vec<Measured>,
}

impl Report {
    pub fn new() -> Self {
        say("");
        for (index, rule) in RULES.into_iter().enumerate() {
            say(&format!("{} {:<7} {}", index + 1, rule.name(), rule.promise()));
        }
        let rules = RULES.map(|rule| format!("{:>8}", rule.name())).concat();
        say("\nCases that broke each:\n");
        say(&format!("{:<22}{:<7}{:>6}{:>7}{rules}{:>8}", "", "", "calls", "cases", "any"));
        Self { started: Instant::now(), rows: Vec::new() }
    }

    pub fn add(&mut self, row: Measured) {
        say(&format!(
            "{:<22}{:<7}{:>6}{:>7}{}{:>8}{:>8.1}s",
            row.operation,
            row.tool,
            row.calls,
            row.cases,
            RULES.map(|rule| format!("{:>8}", row.broke(rule))).concat(),
            row.broken.len(),
            row.elapsed.as_secs_f32()
        ));
        self.rows.push(row);
    }

    pub fn finish(self) {
        for tool in ["hero", "cargo"] {
            let total = self.total(tool);
            let number = |value: &Value| value.as_u64().unwrap_or_default();
            let rules = RULES.map(|rule| format!("{:>8}", number(&total["broke"][rule.name()])));
            let (calls, cases) = (number(&total["calls"]), number(&total["cases"]));
            let (rules, any) = (rules.concat(), number(&total["broke_any"]));
            say(&format!("{:<22}{tool:<7}{calls:>6}{cases:>7}{rules}{any:>8}", "total"));
        }
        let missed: usize = self.rows.iter().map(|row| row.missed.len()).sum();
        let seconds = self.started.elapsed().as_secs_f32();
        say(&format!("\n{missed} faults came elsewhere and are not counted; {seconds:.0}s"));
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let rules = RULES.map(|rule| json!({ "name": rule.name(), "promise": rule.promise() }));
        let file = write(&json!({
            "measured": true,
            "hero": env!("CARGO_PKG_VERSION"),
            "cargo": version(&toolchain("cargo")),
            "strace": version(Path::new("strace")),
            "rules": rules,
            "rows": rows,
            "totals": { "hero": self.total("hero"), "cargo": self.total("cargo") },
            "missed": missed,
            "seconds": seconds,
        }));
        say(&format!("Every broken promise: {}", file.display()));
    }

    fn total(&self, tool: &str) -> Value {
        let rows: Vec<_> = self.rows.iter().filter(|row| row.tool == tool).collect();
        let sum = |number: &dyn Fn(&Measured) -> usize| -> usize {
            rows.iter().map(|row| number(row)).sum()
        };
        let broke = RULES.map(|rule| (rule.name().to_owned(), sum(&|row| row.broke(rule)).into()));
        json!({
            "calls": sum(&|row| row.calls),
            "cases": sum(&|row| row.cases),
            "broke": serde_json::Map::from_iter(broke),
            "broke_any": sum(&|row| row.broken.len()),
        })
    }
}

/// An operation that a tool does not have.
pub fn cannot(operation: &str, tool: &str) {
    let none = "–";
    let rules = RULES.map(|_| format!("{none:>8}")).concat();
    say(&format!("{operation:<22}{tool:<7}{none:>6}{none:>7}{rules}{none:>8}"));
}

fn row(row: &Measured) -> Value {
    let broken = row.broken.iter().map(|(call, fault, how)| {
        let how = how.iter().map(|(rule, how)| (rule.name().to_owned(), Value::from(how.as_str())));
        json!({ "call": call, "fault": fault, "broke": how.collect::<serde_json::Map<_, _>>() })
    });
    let broke = RULES.map(|rule| (rule.name().to_owned(), row.broke(rule).into()));
    json!({
        "operation": row.operation,
        "tool": row.tool,
        "calls": row.calls,
        "cases": row.cases,
        "missed": row.missed,
        "seconds": row.elapsed.as_secs_f32(),
        "broke": serde_json::Map::from_iter(broke),
        "broken": broken.collect::<Vec<_>>(),
    })
}

/// Says in the file, too, that there is nothing.
pub fn unmeasured(why: &str) {
    write(&json!({ "measured": false, "why": why }));
}

fn write(report: &Value) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let file = target.join("reliability.json");
    let text = serde_json::to_string_pretty(report).expect("it is JSON");
    std::fs::write(&file, text + "\n").expect("the report is written");
    file
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

#[allow(clippy::print_stdout, reason = "this is what is asked for")]
pub fn say(line: &str) {
    println!("{line}");
}
