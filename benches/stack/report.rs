//! The table, and the same as JSON in `target/stack.json`.

use std::path::Path;

use serde_json::json;

use super::{Measured, Way};

pub struct Report {
    services: Vec<String>,
    profile: String,
    runs: usize,
    rows: Vec<(Way, Vec<Measured>)>,
}

impl Report {
    pub fn new(services: Vec<String>, profile: &str, runs: usize) -> Self {
        let rows = Way::ALL.into_iter().map(|way| (way, Vec::new())).collect();
        Self { services, profile: profile.into(), runs, rows }
    }

    pub fn add(&mut self, way: Way, measured: Measured) {
        let row = self.rows.iter_mut().find(|(other, _)| *other == way).expect("every way has one");
        row.1.push(measured);
    }

    pub fn finish(self) {
        let processors = std::thread::available_parallelism().map_or(0, usize::from);
        let count = self.services.len();
        say(&format!(
            "\n{count} services, {}, {processors} processors, runs: {}\n",
            self.profile, self.runs
        ));
        let titles = ["cold", "ratio", "again", "ratio", "memory", "build files"];
        say(&format!("{:<30}{}", "", titles.map(|title| format!("{title:>12}")).concat()));
        let base = row(&self.rows[0].1);
        let mut rows = Vec::new();
        for (way, measured) in &self.rows {
            let [cold, again, peak, build] = row(measured);
            let (faster, again_faster) = (base[0] / cold, base[1] / again);
            let cells = [
                format!("{cold:.1} s"),
                format!("{faster:.2}×"),
                format!("{:.0} ms", 1000.0 * again),
                format!("{again_faster:.2}×"),
                mebibytes(peak),
                mebibytes(build),
            ];
            say(&format!("{:<30}{}", way.name(), cells.map(|cell| format!("{cell:>12}")).concat()));
            rows.push(json!({
                "way": way.name(),
                "cold_seconds": measured.iter().map(|it| it.cold).collect::<Vec<_>>(),
                "cold_median": cold,
                "times_as_fast": faster,
                "again_median": again,
                "peak_bytes": peak,
                "build_bytes": build,
            }));
        }
        let report = json!({
            "services": self.services,
            "profile": self.profile,
            "processors": processors,
            "runs": self.runs,
            "hero": env!("CARGO_PKG_VERSION"),
            "rows": rows,
        });
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
        let text = serde_json::to_string_pretty(&report).expect("it is JSON");
        std::fs::write(target.join("stack.json"), text + "\n").expect("the report is written");
        say("\nthe same in target/stack.json");
    }
}

/// The medians.
#[allow(clippy::cast_precision_loss, reason = "bytes of a machine are exact in 52 bits")]
fn row(measured: &[Measured]) -> [f64; 4] {
    let median = |of: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = measured.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    [
        median(|it| it.cold),
        median(|it| it.again),
        median(|it| it.peak as f64),
        median(|it| it.build as f64),
    ]
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.0} MiB", bytes / 1_048_576.0)
}

#[allow(clippy::print_stdout, reason = "this is what is asked for")]
pub fn say(line: &str) {
    println!("{line}");
}
