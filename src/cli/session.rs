//! What every subcommand needs: console, folders, reporter, cancellation.

use std::sync::Arc;

use super::Global;
use crate::error::{Diagnostic, Exit};
use crate::event::Reporter;
use crate::report::{Console, Human, Json, Report};
use crate::script::fault::Fault;
use crate::script::host::{Host, Setup};
use crate::script::simple;
use crate::sys::cancel::Cancel;
use crate::sys::config::{self, Config};
use crate::sys::dirs::Dirs;

/// `HERO_LOG=debug` shows on standard error what hero does inside: the
/// commands it runs, how long each took. For faults, not for daily use.
fn trace(console: Console) {
    let Ok(filter) = std::env::var("HERO_LOG") else { return };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(console.color())
        .finish();
    let _already_set = tracing::subscriber::set_global_default(subscriber);
}

/// One run of the program.
pub struct Session {
    /// Where it prints.
    pub console: Console,
    /// Where things lie.
    pub dirs: Dirs,
    /// What the user set once.
    pub config: Config,
    /// Set with `--json`.
    pub json: Option<Arc<Json>>,
    human: Arc<Human>,
    /// Who is told what happens.
    pub reporter: Arc<dyn Reporter>,
}

impl Session {
    /// Prepares a run.
    ///
    /// # Errors
    /// The exit code, after the reason was shown.
    pub fn new(global: &Global) -> Result<Self, u8> {
        let (session, fault) = Self::lenient(global)?;
        match fault {
            Some(error) => Err(session.fail(&simple(&Fault::from_error(&error)))),
            None => Ok(session),
        }
    }

    /// Prepares a run that a bad configuration does not stop.
    ///
    /// # Errors
    /// The exit code, after the reason was shown.
    pub fn lenient(global: &Global) -> Result<(Self, Option<config::Error>), u8> {
        let console = Console::new(global.color);
        trace(console);
        let json = global.json.then(|| Arc::new(Json::new(console)));
        let failed = |error: &dyn Diagnostic| {
            let report = simple(&Fault::from_error(error));
            match &json {
                Some(json) => json.summary(report.exit, Some(&report)),
                None => report.show(console),
            }
            report.exit
        };
        let dirs = Dirs::from_env().map_err(|error| failed(&error))?;
        let (config, fault) = match Config::load(&dirs.config) {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), Some(error)),
        };
        let human = Arc::new(Human::new(console, global.verbosity(), dirs.clone()));
        let reporter: Arc<dyn Reporter> = match &json {
            Some(json) => Arc::clone(json) as Arc<dyn Reporter>,
            None => Arc::clone(&human) as Arc<dyn Reporter>,
        };
        Ok((Self { console, dirs, config, json, human, reporter }, fault))
    }

    /// A context for scripts.
    ///
    /// # Errors
    /// The exit code, after the reason was shown.
    pub fn host(&self, args: Vec<String>, dry_run: bool) -> Result<Arc<Host>, u8> {
        let cancel = Cancel::on_signals().map_err(|error| {
            self.console.message(&format!("error: cannot listen for signals: {error}"));
            Exit::Internal as u8
        })?;
        Ok(Arc::new(Host::new(Setup {
            dirs: self.dirs.clone(),
            config: self.config.clone(),
            reporter: Arc::clone(&self.reporter),
            cancel,
            color: self.console.color() && self.json.is_none(),
            color_stdout: self.console.stdout_color() && self.json.is_none(),
            args,
            dry_run,
        })))
    }

    /// A run that works on an install root without a script.
    ///
    /// # Errors
    /// The exit code, after the reason was shown.
    pub fn for_store(
        global: &Global,
        system: bool,
        dry_run: bool,
    ) -> Result<(Self, Arc<Host>), u8> {
        let session = Self::new(global)?;
        let host = session.host(Vec::new(), dry_run)?;
        host.set_system(system);
        Ok((session, host))
    }

    /// Shows how a run failed; its exit code.
    pub fn fail(&self, report: &Report) -> u8 {
        self.human.clear();
        match &self.json {
            Some(json) => json.summary(report.exit, Some(report)),
            None => report.show(self.console),
        }
        report.exit
    }

    /// Ends a run that did not fail.
    pub fn done(&self, exit: u8) -> u8 {
        self.human.clear();
        if let Some(json) = &self.json {
            json.summary(exit, None);
        }
        exit
    }
}

/// What cannot be written as JSON.
pub fn unspeakable(error: &serde_json::Error) -> Fault {
    Fault::script("not_utf8", format!("this cannot be written as JSON: {error}"))
        .hint("leave out --json: a path is not valid text")
}
