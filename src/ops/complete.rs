//! Installing a service, starting it, verifying that it boots, and going back where it does
//! not. What is done when is [`decide`]; the rest carries it out.

use super::check::check_command;
use super::start::{bring_up, check_ports, restore, say_runs};
use super::{Context, rollback};
use crate::error::{Exit, Fault};
use crate::event::Event;
use crate::model::{Installed, Service};
use crate::report::millis;
use crate::store::Receipt;
use crate::supervise::{self, Up};

/// What the first half of a `complete` has done.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// What is installed now.
    pub(crate) installed: Installed,
    /// The generation that was current before.
    pub(crate) before: Option<String>,
}

/// The first half: sees whether the service could start, and calls `install`. The lock of the
/// service is held meanwhile.
///
/// # Errors
/// A port that is taken, and what `install` says.
pub(crate) fn prepare(
    context: &Context,
    service: &Service,
    install: &mut dyn FnMut() -> Result<Installed, Fault>,
) -> Result<Prepared, Fault> {
    context.locked(&service.name, || {
        check_ports(context, service)?;
        let found = context.store().service(&service.name)?;
        let before = found.and_then(|found| found.current).map(|receipt| receipt.generation);
        Ok(Prepared { installed: install()?, before })
    })?
}

/// The second half: the check, the start, the verification, and going back. `None` where there
/// is nothing to start.
///
/// # Errors
/// A service that does not boot (exit 4) once the generation that ran before runs again; what
/// cannot even begin leaves all as it is.
pub(crate) fn come_up(
    context: &Context,
    service: &Service,
    prepared: &Prepared,
) -> Result<Option<Up>, Fault> {
    context.locked(&service.name, || match try_to_boot(context, service) {
        Ok(up) => {
            if let Some(up) = &up {
                say_runs(context, &service.name, up);
                if let Some(away) = up.outage_millis {
                    context.step("", format!("{} without service", millis(away)));
                }
            }
            Ok(up)
        }
        Err(fault) if fault.exit_code() != Exit::NoBoot as u8 || context.dry_run() => Err(fault),
        Err(fault) => Err(go_back(context, service, prepared, fault)),
    })?
}

fn try_to_boot(context: &Context, service: &Service) -> Result<Option<Up>, Fault> {
    check_command(context, service)?;
    if service.start.is_empty() { Ok(None) } else { bring_up(context, service, false).map(Some) }
}

/// What is known when a new generation does not boot.
#[derive(Debug, Clone, Copy)]
struct Situation<'a> {
    /// What is current.
    now: Option<&'a str>,
    /// What was current before the install.
    before: Option<&'a str>,
    /// The generation that was verified last, if it is still there.
    proven: Option<&'a str>,
    /// Whether what was told to run is exactly what was verified.
    as_proven: bool,
}

/// How to go on when a new generation does not boot.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision<'a> {
    /// There is nothing to go back to: it is stopped, if it was started, and stays installed.
    Stay,
    /// Make the generation current. Nothing of it ran, so nothing is started; what was started
    /// is stopped.
    Reinstall(&'a str),
    /// Make the generation current, if it is not, and start it as it was verified.
    Restore(&'a str),
}

fn decide(situation: Situation<'_>) -> Decision<'_> {
    let Situation { now, before, proven, as_proven, .. } = situation;
    match (proven, before) {
        (Some(proven), _) if Some(proven) != now || !as_proven => Decision::Restore(proven),
        // It was verified as it is: then only the check has failed.
        (Some(_), _) | (None, None) => Decision::Stay,
        (None, Some(before)) if Some(before) == now => Decision::Stay,
        (None, Some(before)) => Decision::Reinstall(before),
    }
}

/// Makes current and starts what ran well before; the fault says what became of it.
fn go_back(context: &Context, service: &Service, prepared: &Prepared, fault: Fault) -> Fault {
    let message = fault.message.clone();
    let fault = Fault { script: service.script.clone(), ..fault };
    match try_to_go_back(context, service, prepared) {
        Ok(outcome) => Fault { message: format!("{message}; {outcome}"), ..fault },
        Err(second) => Fault {
            message: format!("{message}; going back failed too: {}", second.message),
            hint: second.hint.or(fault.hint),
            ..fault
        },
    }
}

fn try_to_go_back(
    context: &Context,
    service: &Service,
    prepared: &Prepared,
) -> Result<String, Fault> {
    let name = &service.name;
    let known = supervise::overview(&*context.machine, &context.places(), name, &context.cancel())?;
    let found = context.store().service(name)?;
    let there = found.as_ref().map_or(&[][..], |found| &found.generations);
    let receipt = |generation: &str| there.iter().find(|it| it.generation == generation);
    let proven = known.as_ref().and_then(|known| known.proven.as_deref());
    let now = found.as_ref().and_then(|found| found.current.as_ref());
    let now = now.map(|receipt| receipt.generation.as_str());
    let decision = decide(Situation {
        now,
        before: prepared.before.as_deref(),
        proven: proven.filter(|proven| receipt(proven).is_some()),
        as_proven: known.as_ref().is_some_and(|known| known.as_proven),
    });
    let stop = || -> Result<(), Fault> {
        if known.is_some() {
            let (places, cancel) = (context.places(), context.cancel());
            supervise::down(&*context.machine, &places, name, &*context.reporter, &cancel)?;
        }
        Ok(())
    };
    let revision = |generation: &str| receipt(generation).map_or(generation.to_owned(), revision);
    match decision {
        Decision::Stay => {
            stop()?;
            let what = if known.is_some() { "it is stopped and stays" } else { "it stays" };
            Ok(format!("{what} installed, since there is nothing before it to go back to"))
        }
        Decision::Reinstall(generation) => {
            rollback::activate(context, name, Some(generation))?;
            stop()?;
            Ok(format!("{} is installed again", revision(generation)))
        }
        Decision::Restore(generation) => {
            if now != Some(generation) {
                rollback::activate(context, name, Some(generation))?;
            }
            let short = revision(generation);
            match restore(context, name) {
                Ok(up) => {
                    let away = up.outage_millis.map(millis);
                    let away = away.map(|away| format!(" after {away} without service"));
                    let detail = away.unwrap_or_default();
                    context.report(Event::RolledBack {
                        service: name.to_string(),
                        generation: short.clone(),
                        detail: detail.clone(),
                    });
                    Ok(format!("{short} runs again{detail}"))
                }
                Err(second) => Ok(format!(
                    "{short} is installed again, and does not come up either: {}",
                    second.message
                )),
            }
        }
    }
}

/// A generation for people: its revision and its profile.
fn revision(receipt: &Receipt) -> String {
    format!("{} {}", receipt.revision(), receipt.profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table: what is current, what was before, what was verified last, whether
    /// that is what was told to run.
    #[test]
    fn where_it_goes_back_to() {
        use Decision::{Reinstall, Restore, Stay};
        type Row<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, bool, Decision<'a>);
        let rows: [Row; 10] = [
            // The first install: nothing is before it.
            (Some("b"), None, None, false, Stay),
            // An update of what was never started.
            (Some("b"), Some("a"), None, false, Reinstall("a")),
            // An update of what ran well.
            (Some("b"), Some("a"), Some("a"), false, Restore("a")),
            (Some("b"), Some("a"), Some("a"), true, Restore("a")),
            // An update after one that was installed and never started.
            (Some("c"), Some("b"), Some("a"), false, Restore("a")),
            // Nothing new, and it was told to run in another way: back to how it ran.
            (Some("a"), Some("a"), Some("a"), false, Restore("a")),
            // Nothing new at all, and the check fails.
            (Some("a"), Some("a"), Some("a"), true, Stay),
            (Some("a"), Some("a"), None, false, Stay),
            // Verified, and cleared away since.
            (Some("b"), None, Some("a"), false, Restore("a")),
            (None, Some("a"), None, false, Reinstall("a")),
        ];
        for (now, before, proven, as_proven, wanted) in rows {
            let situation = Situation { now, before, proven, as_proven };
            assert_eq!(decide(situation), wanted, "{situation:?}");
        }
    }
}
