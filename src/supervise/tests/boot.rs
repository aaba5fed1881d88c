//! What comes of a start: what ran before × what the new one does. A case is a row.

use super::super::Ready;
use super::fake::Does;
use super::scene::{Before, Scene, Table};
use crate::event::Event;

use Before::*;
use Does::*;

/// What supervisors do before the start, and whether nothing answers from then on.
const BEFORE: [(Before, &str, bool); 9] = [
    (Nothing, "", false),
    (Stopped, "", false),
    (Failed, "", false),
    (Older, "stop app", true),
    (Unsettled, "stop app", true),
    (Described, "stop app", true),
    (Lost, "stop app", true),
    // Whoever waits for it waits uncounted.
    (Elsewhere, "systemd stop app", false),
    (ElsewhereGone, "", false),
];

/// What comes of a start, by what the program does.
const COMES_UP: [(Does, &str); 11] = [
    (Ready, "ready after 0 ms"),
    // Looks grow rarer while it is waited for.
    (Slow, "ready after 3287 ms"),
    (Hangs, "was not ready within 10s: nobody listens on port 80"),
    (Unwell, "was not ready within 10s: http://app/ answers with 503"),
    (DiesEarly, "ended before it was ready: exited with 3"),
    (DiesSoon, "was ready and ended soon after: exited with 7"),
    (CrashLoop, "ended before it was ready: exited with 101"),
    (Flaps, "was ready and ended soon after: exited with 101"),
    (Refused, "does not start: it cannot be executed"),
    (OtherProgram, "runs another program than the one installed: /elsewhere/app"),
    (Stranger, "does not listen on its port 80: `stranger` (process 666) does"),
];

#[test]
fn every_start_after_everything_that_was_there() {
    let mut table = Table::default();
    for (before, stops, away) in BEFORE {
        for (does, outcome) in COMES_UP {
            let scene = Scene::new(before, does);
            let good = outcome.starts_with("ready");
            let done = if stops.is_empty() { "start app" } else { &format!("{stops}, start app") };
            let proven = if before == Nothing { "nothing" } else { scene.proven };
            let record = match (good, away) {
                (true, _) => "b settled, proven b".to_owned(),
                (false, true) => format!("b unsettled, proven {proven}, away"),
                (false, false) => format!("b unsettled, proven {proven}"),
            };
            table.row((before, does), scene.up(false), [outcome, done, &record]);
        }
    }
    table.check();
}

/// What becomes of a service of which generation `b` runs as described, for an hour.
#[test]
fn what_runs_as_it_should_goes_on() {
    let mut table = Table::default();
    for (does, again, outcome, done, record) in [
        (Ready, false, "runs already", "", "b settled, proven b"),
        (Slow, false, "runs already", "", "b settled, proven b"),
        (Ready, true, COMES_UP[0].1, "stop app, start app", "b settled, proven b"),
        (Slow, true, COMES_UP[1].1, "stop app, start app", "b settled, proven b"),
        // One that is not well is reported and left.
        (Unwell, false, COMES_UP[3].1, "", "b unsettled, proven b"),
        (Hangs, false, COMES_UP[2].1, "", "b unsettled, proven b"),
        (CrashLoop, false, COMES_UP[6].1, "", "b unsettled, proven b"),
        // A crash loop that is ready in between passes.
        (Flaps, false, "runs already", "", "b settled, proven b"),
        (DiesSoon, false, COMES_UP[5].1, "start app", "b unsettled, proven b"),
        (OtherProgram, false, COMES_UP[9].1, "stop app, start app", "b unsettled, proven b, away"),
    ] {
        let scene = Scene::of("b", does);
        table.row((does, again), scene.up(again), [outcome, done, record]);
    }
    table.check();
}

/// Where nothing says when it is ready, that it stays alive has to do.
#[test]
fn without_a_question_it_must_stay_alive() {
    let mut table = Table::default();
    for (does, outcome) in [
        (Ready, "alive for 1s after 0 ms"),
        (Hangs, "alive for 1s after 0 ms"),
        (DiesEarly, "did not stay alive for 1s: exited with 3"),
        (DiesSoon, "did not stay alive for 1s: exited with 7"),
        (CrashLoop, "did not stay alive for 1s: exited with 101"),
        (Flaps, "did not stay alive for 1s: exited with 101"),
        (OtherProgram, COMES_UP[9].1),
    ] {
        let mut scene = Scene::new(Nothing, does);
        scene.unit.ready = Ready::default();
        let record = if outcome.starts_with("alive") {
            "b settled, proven b"
        } else {
            "b unsettled, proven nothing"
        };
        table.row(does, scene.up(false), [outcome, "start app", record]);
    }
    table.check();
}

/// The port belongs to somebody else before anything is done.
#[test]
fn a_port_that_is_taken_is_found() {
    const TAKEN: &str = "`app` cannot start: `stranger` (process 666) listens on port 81";
    let mut table = Table::default();
    for (before, done, record) in [
        (Nothing, "", "no record"),
        (Stopped, "", "a settled, proven a"),
        (Failed, "", "a settled, proven a"),
        (ElsewhereGone, "", "a settled, proven a"),
        (Elsewhere, "systemd stop app", "a settled, proven a"),
        // The new description has another port than the one that runs: too late to leave it.
        (Older, "stop app", "b unsettled, proven a, away"),
    ] {
        let mut scene = Scene::new(before, Ready);
        scene.unit.ready.port = Some(81);
        scene.fake.take(81);
        table.row(before, scene.up(false), [TAKEN, done, record]);
    }
    table.check();
}

#[test]
fn a_supervisor_that_is_gone_is_named() {
    let scene = Scene::new(ElsewhereGone, Ready);
    scene.up(false);
    let warned = scene.events.events().into_iter().find_map(|event| match event {
        Event::Warning { message, .. } => Some(message),
        _ => None,
    });
    let said = "`app` is left to systemd: systemd cannot be used: it is not there";
    assert_eq!(warned.as_deref(), Some(said));
}

/// One that does its work and ends, such as a migration.
#[test]
fn a_one_shot_is_done_once() {
    let mut table = Table::default();
    for (before, does, outcome, done, record) in [
        (Nothing, Ends, "done after 1287 ms", "start app", "b settled, proven b"),
        (Nothing, DiesEarly, COMES_UP[4].1, "start app", "b unsettled, proven nothing"),
        (
            Nothing,
            Ready,
            "was not ready within 10s: it has not ended yet",
            "start app",
            "b unsettled, proven nothing",
        ),
        (Stopped, Ends, "done after 1287 ms", "start app", "b settled, proven b"),
    ] {
        let mut scene = Scene::new(before, does);
        (scene.unit.one_shot, scene.unit.ready) = (true, Ready::default());
        table.row((before, does), scene.up(false), [outcome, done, record]);
        if outcome.starts_with("done") {
            let again = ["done before", "", record];
            table.row((before, does, "again"), scene.up(false), again);
            table.row((before, does, "restart"), scene.up(true), again);
        }
    }
    table.check();
}
