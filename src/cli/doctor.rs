//! `hero doctor`.

use serde_json::json;

use super::session::{Ended, Session, listen};
use crate::error::Fault;
use crate::error::{Diagnostic, Exit};
use crate::event::Event;
use crate::report::{DONE, ERROR, NOTE, WARNING};
use crate::supervise::{self, Places};
use crate::sys::cancel::Cancel;
use crate::sys::config;
use crate::sys::finding::{Finding, FindingKind};
use crate::sys::{doctor, process};
use crate::{cargo, git, store};

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, fault: Option<&config::Error>) -> Ended {
    let cancel = listen()?;
    let findings = examine(session, fault, &cancel);
    let count = |kind| findings.iter().filter(|finding| finding.kind == kind).count();
    let (problems, warnings) = (count(FindingKind::Problem), count(FindingKind::Warning));
    if session.json.is_some() {
        session.data(&json!({ "findings": findings }))?;
        return Ok(if problems == 0 { Exit::Done } else { Exit::Failed } as u8);
    }
    let width = findings.iter().map(|finding| finding.what.len()).max().unwrap_or(0);
    for finding in &findings {
        session.console.data(&line(session, finding, width));
    }
    let number = |count: usize, what: &str| match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let message = format!("{}, {}", number(problems, "problem"), number(warnings, "warning"));
    if problems == 0 {
        session.reporter.report(Event::Finished { message, failed: false });
        return Ok(Exit::Done as u8);
    }
    let fault = Fault::script("problems_found", message);
    Err(fault.hint("each problem says above what to do").into())
}

/// Everything that hero will use, in the order of a run. The programs answer
/// while the folders are looked at.
fn examine(session: &Session, fault: Option<&config::Error>, cancel: &Cancel) -> Vec<Finding> {
    let dirs = &session.dirs;
    std::thread::scope(|scope| {
        let tools = scope.spawn(|| cargo::examine(dirs, cancel));
        let git = scope.spawn(|| git::examine(dirs, cancel));
        let mut rest = vec![doctor::jobs(&session.config, dirs)];
        rest.extend(doctor::folders(dirs));
        rest.push(store::examine_system(dirs.root(true)));
        rest.push(store::examine_installed(dirs.root(false)));
        let chosen = session.config.start.supervisor.as_deref();
        rest.push(supervise::examine(&Places::of(dirs, false), chosen));
        rest.push(fault.map_or_else(|| doctor::configuration(dirs), unusable));
        rest.extend(git::examine_tokens(&git::Credentials::of_user(&session.config.git)));
        let mut findings = tools.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        findings.push(git.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        findings.extend(rest);
        findings.extend(sudo());
        findings
    })
}

/// Under sudo everything is the administrator's, what is shown here too.
fn sudo() -> Option<Finding> {
    process::is_under_sudo().then(|| {
        let hint = "leave sudo out: with --root hero asks for the rights it needs";
        Finding::warning("sudo", "under sudo everything runs as root, builds too", hint)
    })
}

fn unusable(error: &config::Error) -> Finding {
    let detail = std::iter::once(error.to_string()).chain(error.details());
    let detail = detail.collect::<Vec<_>>().join("; ");
    Finding::problem("config", detail, error.hint().unwrap_or_default())
}

/// `     ok  cargo  1.95.0`, and below it what to do.
fn line(session: &Session, finding: &Finding, width: usize) -> String {
    let console = session.console;
    let style = match finding.kind {
        FindingKind::Ok => DONE,
        FindingKind::Warning => WARNING,
        FindingKind::Problem => ERROR,
    };
    let kind = console.paint_data(style, &format!("{:>7}", finding.kind));
    let line = format!("{kind}  {:width$}  {}", finding.what, finding.detail);
    match &finding.hint {
        Some(hint) => format!("{line}\n{:9}{}: {hint}", "", console.paint_data(NOTE, "hint")),
        None => line,
    }
}
