//! What every subcommand needs: console, folders, configuration, reporter.

use std::cell::Cell;
use std::sync::Arc;

use super::global::Global;
use crate::error::Fault;
use crate::event::Reporter;
use crate::model::Run;
use crate::ops::{Context, Setup};
use crate::report::{Console, Human, Json, Report};
use crate::sys::cancel::Cancel;
use crate::sys::config::{self, Config};
use crate::sys::dirs::{self, Dirs};

/// How a subcommand ends: its exit code, or the error that is shown.
pub(super) type Ended = Result<u8, Report>;

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
pub(super) struct Session {
    /// Where it prints.
    pub(super) console: Console,
    /// Where things lie.
    pub(super) dirs: Dirs,
    /// What the user set once.
    pub(super) config: Config,
    /// Set with `--json`.
    pub(super) json: Option<Arc<Json>>,
    human: Arc<Human>,
    /// Where events go.
    pub(super) reporter: Arc<dyn Reporter>,
    /// Whether the result was printed as JSON, so that no summary follows.
    answered: Cell<bool>,
}

impl Session {
    /// Does `work` in a session and renders how it ended; the exit code.
    pub(super) fn run(global: &Global, work: impl FnOnce(&Self) -> Ended) -> u8 {
        Self::lenient(global, |session, fault| match fault {
            Some(error) => Err(error.into()),
            None => work(session),
        })
    }

    /// The same for work that a bad configuration does not stop.
    pub(super) fn lenient(
        global: &Global,
        work: impl FnOnce(&Self, Option<config::Error>) -> Ended,
    ) -> u8 {
        let console = Console::new(global.color);
        trace(console);
        let json = global.json.then(|| Arc::new(Json::new(console)));
        let (session, fault) = match Self::open(global, console, json.clone()) {
            Ok(both) => both,
            Err(error) => return render(console, json.as_deref(), Err(error.into())),
        };
        let ended = work(&session, fault);
        session.human.clear();
        match ended {
            Ok(exit) if session.answered.get() => exit,
            ended => render(console, json.as_deref(), ended),
        }
    }

    fn open(
        global: &Global,
        console: Console,
        json: Option<Arc<Json>>,
    ) -> Result<(Self, Option<config::Error>), dirs::Error> {
        let dirs = Dirs::from_env()?;
        let (config, fault) = match Config::load(&dirs.config) {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), Some(error)),
        };
        let human = Arc::new(Human::new(console, global.verbosity(), dirs.clone()));
        let reporter: Arc<dyn Reporter> = match &json {
            Some(json) => Arc::clone(json) as Arc<dyn Reporter>,
            None => Arc::clone(&human) as Arc<dyn Reporter>,
        };
        let answered = Cell::new(false);
        Ok((Self { console, dirs, config, json, human, reporter, answered }, fault))
    }

    /// What operations work with.
    ///
    /// # Errors
    /// When signals cannot be handled, or the sandbox cannot be made.
    pub(super) fn context(&self, run: Run) -> Result<Context, Report> {
        Ok(Context::new(Setup {
            dirs: self.dirs.clone(),
            config: self.config.clone(),
            run,
            reporter: Arc::clone(&self.reporter),
            cancel: listen()?,
            color: self.console.color() && self.json.is_none(),
        })?)
    }

    /// The same for a subcommand that works on an install root.
    ///
    /// # Errors
    /// As of [`Session::context`].
    pub(super) fn for_store(&self, root: bool, dry_run: bool) -> Result<Context, Report> {
        self.context(Run { dry_run, root, ..Run::default() })
    }

    /// Prints a result as one line of JSON.
    ///
    /// # Errors
    /// When something in it is not text, such as a path.
    pub(super) fn data(&self, value: &impl serde::Serialize) -> Result<(), Report> {
        let text = serde_json::to_string(value).map_err(|error| {
            Fault::script("not_utf8", format!("this cannot be written as JSON: {error}"))
                .hint("leave out --json: a path is not valid text")
        })?;
        self.console.data(&text);
        self.answered.set(true);
        Ok(())
    }
}

/// The signals that end a run.
///
/// # Errors
/// When they cannot be handled.
pub(super) fn listen() -> Result<Cancel, Fault> {
    Cancel::on_signals().map_err(|error| {
        let message = format!("cannot listen for signals: {error}");
        Fault::script("internal", message)
    })
}

fn render(console: Console, json: Option<&Json>, ended: Ended) -> u8 {
    match (json, ended) {
        (None, Ok(exit)) => exit,
        (None, Err(report)) => {
            report.show(console);
            report.exit
        }
        (Some(json), Ok(exit)) => {
            json.summary(exit, None);
            exit
        }
        (Some(json), Err(report)) => {
            json.summary(report.exit, Some(&report));
            report.exit
        }
    }
}
