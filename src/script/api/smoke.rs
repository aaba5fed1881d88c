//! `smoke`: does it boot?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use rhai::{Array, Dynamic, Map};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::convert::to_map;
use super::namespace::Namespace;
use crate::error::Diagnostic;
use crate::event::Event;
use crate::model::StartSpec;
use crate::ops::units::Frame;
use crate::script::describe::starts;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options::read_value;

use crate::supervise::{self, Boot, Error, Kind, Places};
use crate::sys::name::Name;
use crate::sys::{fs, processes};

/// One service of a report.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    details: Vec<String>,
    #[serde(default)]
    skipped: Option<String>,
}

/// The namespace `smoke`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut smoke = Namespace::new("smoke");
    let context = Arc::clone(host);
    smoke.add(
        "run(options: map) -> map",
        r#"
        Starts a program, sees whether it boots, and ends it in any case. The options are those of
        `start` in a description: `cmd`, `env`, `cwd`, `ready`, `stable`, `timeout`, … It gets a
        temporary HOME, and for `{port}` a free port. A dry run only says so.

        Result: `ok`, `reason` (`()` if ok), `proof`, `millis` (until it was ready), `port`, `log`
        (the last lines). Errors: those of the options only.

            let boot = smoke::run(#{cmd: ["server", "--port", "{port}"], ready: #{port: 8080}});
            if !boot.ok { print(boot.reason); }
        "#,
        move |map: Map| run(&context, map),
    );
    let context = Arc::clone(host);
    smoke.add(
        "junit(path: string, cases: array)",
        r#"
        Writes a report in the manner of JUnit, as CI servers read it. Each case is a map with
        `name`, `seconds`, `error` (`()` if all is well), `details` (lines), `skipped` (why).

            smoke::junit("hero.xml", [#{name: "shop", seconds: 1.5}]);
        "#,
        move |path: &str, cases: Array| junit(&context, Path::new(path), &cases),
    );
    smoke
}

fn run(host: &Host, map: Map) -> Result<Map> {
    let starts = starts(&Dynamic::from(map)).and_then(StartSpec::checked);
    let starts = starts.map_err(|fault| fault.throw())?;
    let program = starts.first().map(StartSpec::program_name).unwrap_or_default();
    if host.plans("try", program) {
        return to_map(json!({
            "ok": true, "reason": null, "proof": "planned", "millis": 0, "port": null, "log": []
        }));
    }
    let dir = fs::temporary_dir(&std::env::temp_dir(), "hero-smoke-").throw()?;
    let places = Places {
        run: dir.path().join("run"),
        logs: dir.path().join("logs"),
        store: dir.path().join("store"),
        system: false,
        prefix: None,
        home: dir.path().join("home"),
        tied: true,
    };
    fs::create_dir_all(&places.home).throw()?;
    let service = Name::new("service", "smoke").throw()?;
    let home = places.home.display().to_string();
    let frame = Frame {
        service: &service,
        after: &[],
        bin: &host.root().bin,
        home: &places.home,
        ports: Some(&processes::free_port),
        env: BTreeMap::from([("HOME".to_owned(), home)]),
    };
    let units = frame.units(&starts).map_err(|fault| fault.throw())?;
    let supervisor = host.machine.supervisor(Kind::Direct, &places);
    let boot = Boot {
        machine: &*host.machine,
        supervisor: &*supervisor,
        places: &places,
        service: &service,
        generation: "",
        reporter: &Silent,
        cancel: &host.cancel(),
    };
    let begun = Instant::now();
    let came_up = boot.up(&units, false);
    let quiet = crate::sys::cancel::Cancel::default();
    supervise::forget(&*host.machine, &places, &service, &Silent, &quiet).throw()?;
    let port = units.iter().find_map(|unit| unit.ready.port);
    match came_up {
        Ok(up) => {
            let millis = up.units.iter().map(|unit| unit.ready_millis).sum::<u64>();
            let proof = up.units.last().map(|unit| unit.proof.clone());
            to_map(json!({
                "ok": true, "reason": null, "proof": proof, "millis": millis, "port": port,
                "log": []
            }))
        }
        Err(error @ (Error::NoBoot { .. } | Error::PortTaken { .. } | Error::Refused { .. })) => {
            let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            to_map(json!({
                "ok": false, "reason": error.to_string(), "proof": null, "millis": millis,
                "port": port, "log": error.details()
            }))
        }
        Err(error) => Err(error).throw(),
    }
}

/// A smoke test of a script reports by its result.
struct Silent;

impl crate::event::Reporter for Silent {
    fn report(&self, _event: Event) {}
}

fn junit(host: &Host, path: &Path, cases: &[Dynamic]) -> Result<()> {
    let mut suite = TestSuite::new("hero");
    for case in cases {
        let case: Case =
            read_value(case).map_err(|problem| problem.fault("smoke::junit").throw())?;
        let mut status = match (&case.error, &case.skipped) {
            (None, None) => TestCaseStatus::success(),
            (None, Some(_)) => TestCaseStatus::skipped(),
            (Some(_), _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        if let Some(why) = case.error.as_ref().or(case.skipped.as_ref()) {
            status.set_message(why.as_str());
        }
        if case.error.is_some() && !case.details.is_empty() {
            status.set_description(case.details.join("\n"));
        }
        let mut test = TestCase::new(case.name, status);
        test.set_classname("hero.boots");
        test.set_time(Duration::try_from_secs_f64(case.seconds).unwrap_or_default());
        suite.add_test_case(test);
    }
    let mut report = Report::new("hero");
    report.add_test_suite(suite);
    let text = report.to_string().map_err(|error| {
        Fault::script("io", format!("cannot write the report: {error}")).throw()
    })?;
    let path: PathBuf = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !host.plans("write", path.display().to_string()) {
        fs::write(&path, text.as_bytes()).throw()?;
    }
    Ok(())
}
