//! The table, and the same as JSON in `target/compare.json`.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::project::Project;

/// What the others are compared with.
const BASE: &str = "hero --debug";

pub struct Report {
    started: Instant,
    subject: String,
    commit: String,
    load: String,
    runs: usize,
    rows: Vec<Row>,
    /// Of each way, the size of the binary that it installed last.
    sizes: Vec<(&'static str, usize)>,
}

struct Row {
    operation: &'static str,
    way: &'static str,
    seconds: Vec<f64>,
}

impl Row {
    /// Least, median, most.
    fn spread(&self) -> [f64; 3] {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        [sorted[0], median, sorted[sorted.len() - 1]]
    }
}

impl Report {
    pub fn new(project: &Project, arguments: &Arguments) -> Self {
        Self {
            started: Instant::now(),
            subject: format!("{} (binary {})", project.package, project.bin),
            commit: project.commit.clone(),
            load: load(),
            runs: arguments.runs,
            rows: Vec::new(),
            sizes: Vec::new(),
        }
    }

    pub fn add(&mut self, operation: &'static str, way: &'static str, seconds: f64) {
        let known = self.rows.iter_mut().find(|row| (row.operation, row.way) == (operation, way));
        match known {
            Some(row) => row.seconds.push(seconds),
            None => self.rows.push(Row { operation, way, seconds: vec![seconds] }),
        }
    }

    pub fn size(&mut self, way: &'static str, bytes: usize) {
        match self.sizes.iter_mut().find(|(name, _)| *name == way) {
            Some((_, size)) => *size = bytes,
            None => self.sizes.push((way, bytes)),
        }
    }

    /// How many times as long as hero's debug build of the same operation.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let base = self.rows.iter().find(|it| it.operation == row.operation && it.way == BASE)?;
        Some(row.spread()[1] / base.spread()[1])
    }

    pub fn finish(mut self) {
        // In the order in which the operations first came.
        let mut order: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !order.contains(&row.operation) {
                order.push(row.operation);
            }
        }
        self.rows.sort_by_key(|row| order.iter().position(|it| *it == row.operation));
        let processors = std::thread::available_parallelism().map_or(0, usize::from);
        let cargo = version();
        say(&format!("\n{}; rounds: {}", self.subject, self.runs));
        say(&format!("{processors} processors, load {}; {cargo}\n", self.load));
        self.table();
        say("");
        for (way, bytes) in &self.sizes {
            let size = humansize::format_size(*bytes, humansize::BINARY);
            say(&format!("{:<28}{way:<30}{size:>10}", "installed size"));
        }
        let seconds = self.started.elapsed().as_secs_f32();
        write(&json!({
            "subject": self.subject,
            "commit": self.commit,
            "runs": self.runs,
            "hero": env!("CARGO_PKG_VERSION"),
            "cargo": cargo,
            "processors": processors,
            "load_at_start": self.load,
            "rows": self.rows.iter().map(|row| self.row(row)).collect::<Vec<_>>(),
            "installed_bytes": self.sizes.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            "seconds": seconds,
        }));
        say(&format!("\n{seconds:.0} s in all; the same in target/compare.json"));
    }

    fn table(&self) {
        let titles = ["median", "min", "max", "ratio"].map(|title| format!("{title:>9}"));
        say(&format!("{:<28}{:<30}{}", "", "", titles.concat()));
        for row in &self.rows {
            let [min, median, max] = row.spread();
            let times = [median, min, max].map(|seconds| format!("{seconds:>8.2}s")).concat();
            let ratio = self.ratio(row).map(|ratio| format!("{ratio:>8.2}×")).unwrap_or_default();
            say(&format!("{:<28}{:<30}{times}{ratio}", row.operation, row.way));
        }
    }

    fn row(&self, row: &Row) -> Value {
        let [min, median, max] = row.spread();
        json!({
            "operation": row.operation,
            "way": row.way,
            "seconds": row.seconds,
            "median": median,
            "min": min,
            "max": max,
            "ratio": self.ratio(row),
        })
    }
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

fn version() -> String {
    let output = Command::new("cargo").arg("--version").output().expect("cargo starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn write(report: &Value) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let text = serde_json::to_string_pretty(report).expect("it is JSON");
    std::fs::write(target.join("compare.json"), text + "\n").expect("the report is written");
}

#[allow(clippy::print_stdout, reason = "this is what is asked for")]
pub fn say(line: &str) {
    println!("{line}");
}
