//! The `check` of a description: a command that exits with 0 when what is installed works.

use std::time::Duration;

use super::Context;
use crate::error::Fault;
use crate::event::Event;
use crate::model::Service;
use crate::sys::fs;
use crate::sys::process::Cmd;

/// How long a check may take.
const LIMIT: Duration = Duration::from_mins(1);
/// Lines of its stderr in an error.
const LINES: usize = 10;

/// Runs the `check` of an installed service, if it has one. Its own binaries are found where
/// they are installed.
///
/// # Errors
/// A command that cannot be started, does not end in time, or fails (exit 4).
pub(crate) fn check_command(context: &Context, service: &Service) -> Result<(), Fault> {
    let Some((program, args)) = service.check().split_first() else { return Ok(()) };
    if context.dry_run() {
        return Ok(());
    }
    let own = context.root().bin.join(program);
    let cmd = if fs::exists(&own) { Cmd::new(own) } else { Cmd::new(program) };
    let cmd = cmd.args(args).timeout(LIMIT);
    let failed = |fault: Fault| {
        let message = format!("the check of `{}` failed: {}", service.name, fault.message);
        let script = service.script.clone();
        Fault { script, details: fault.details, ..Fault::script("check_failed", message) }
            .option("check")
    };
    let output = context.machine.output(&cmd, &context.cancel()).map_err(|error| {
        let fault = Fault::from(error);
        if context.interrupt().is_cancelled() { fault } else { failed(fault) }
    })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let details = lines[lines.len().saturating_sub(LINES)..].to_vec();
        let message = format!("`{}` {}", cmd.display(), output.status);
        return Err(failed(Fault { details, ..Fault::script("command_failed", message) }));
    }
    let (service, detail) = (service.name.to_string(), format!("{program} runs"));
    context.report(Event::Checked { service, detail });
    Ok(())
}
