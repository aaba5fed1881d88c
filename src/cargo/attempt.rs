//! cargo, run once, or twice where it is not believed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::command::{self, Circumstances};
use super::environment::absolute;
use super::inputs::{self, Folders, Found, Inputs, Record, Tracked, World};
use super::metadata::Workspace;
use super::said::Said;
use super::select::Selection;
use super::share::BuildSite;
use super::toolchain::Compiler;
use super::watch::{Seen, Watch};
use super::{Error, Options, toolchain};
use crate::event::{Event, LogLevel, Reporter};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::process::{Cmd, Status};

/// Everything that a run of cargo needs.
pub(super) struct Attempt<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) circumstances: &'a Circumstances<'a>,
    pub(super) workspace: &'a Workspace,
    pub(super) selection: &'a Selection<'a>,
    pub(super) site: &'a BuildSite,
    pub(super) cmd: Cmd,
    pub(super) reporter: &'a dyn Reporter,
    pub(super) cancel: &'a Cancel,
}

/// A build that ended well.
pub(super) struct Done {
    pub(super) seen: Seen,
    /// The compiler, as it names itself.
    pub(super) rustc: String,
    pub(super) inputs: Inputs,
    /// Files that were other in the build before.
    pub(super) changed: BTreeSet<PathBuf>,
    /// How long the last binary was linked, if that can be told.
    pub(super) link: Option<Duration>,
}

impl Attempt<'_> {
    /// Builds.
    ///
    /// # Errors
    /// When cargo fails or is interrupted.
    pub(super) fn run(&self) -> Result<Done, Error> {
        let options = self.options;
        let tracked = Tracked::new(options.checkout, options.git);
        let (build_dir, intermediate) = (absolute(options.build_dir), absolute(&self.site.dir));
        let folders = Folders {
            build_dir: &build_dir,
            intermediate: &intermediate,
            root: &self.workspace.root,
            cargo_home: inputs::home(self.circumstances.environment, "CARGO_HOME", ".cargo"),
            tracked: &tracked,
        };
        if options.rebuild {
            let members = self.workspace.members.iter();
            self.clean(&members.map(|member| member.name.clone()).collect())?;
        }
        let before = Record::read(options.build_dir);
        let (mut ended, mut found) = self.once(before, &folders)?;
        if let Some(doubt) = found.doubt.take() {
            let message = format!(
                "cargo finds `{}` up to date, but {}: building it again",
                options.service, doubt.reason
            );
            self.reporter.report(Event::Log { level: LogLevel::Info, message });
            self.clean(&doubt.packages)?;
            (ended, found) = self.once(found.record, &folders)?;
            // Believed or not: cargo is asked next time.
            found.distrust();
        }
        let (seen, compiler) = ended;
        let rustc = compiler.name;
        let world = World::look(
            (rustc.clone(), &compiler.sysroot),
            (options.source, &self.workspace.root),
            self.circumstances.settings,
            self.circumstances.environment,
        );
        let inputs = Inputs::record(options, &found, &world, &tracked);
        let units = seen.units.iter();
        let link = units.filter_map(|unit| unit.linking(&build_dir, &intermediate)).max();
        let changed = found.changed;
        Ok(Done { seen, rustc, inputs, changed, link: link.map(|(_, took)| took) })
    }

    /// Runs cargo, and writes down what it built from what, even if it failed.
    fn once(&self, before: Record, folders: &Folders) -> Result<(Ended, Found), Error> {
        let started = SystemTime::now();
        let (status, seen, compiler) = self.cargo()?;
        let mut found = inputs::look(&seen.units, before, folders, started);
        if let Ok(compiler) = &compiler {
            found.compiled_by(&compiler.version, seen.compiled);
        }
        if let Err(error) = found.record.write(self.options.build_dir) {
            tracing::debug!(%error, "the next build will not believe cargo");
        }
        let status = status?;
        if status.success() {
            return Ok(((seen, compiler?), found));
        }
        Err(Error::Build {
            service: self.options.service.to_string(),
            status: format!("cargo {status}"),
            said: seen.said.finish(seen.errors == 0),
            log: self.options.log.to_owned(),
        })
    }

    fn cargo(&self) -> Result<Run, Error> {
        let (options, cancel) = (self.options, self.cancel);
        let watch = Watch::new(options, self.selection, self.reporter, &self.cmd)?;
        // The compiler's name is asked for meanwhile: that takes as long as hero's
        // own work. Not earlier: rustup may fetch a toolchain at the first question.
        let configured = self.circumstances.settings.program("rustc");
        let environment = self.circumstances.environment;
        std::thread::scope(|scope| {
            let ask =
                || toolchain::compiler(options.source, environment, configured.as_deref(), cancel);
            let compiler = scope.spawn(ask);
            let (status, seen) = watch.run(&self.cmd, cancel);
            let compiler = compiler.join();
            let compiler = compiler.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((status, seen, compiler))
        })
    }

    /// Lets cargo forget that it has built these packages, and what it knows of the
    /// compiler.
    fn clean(&self, packages: &BTreeSet<String>) -> Result<(), Error> {
        let options = self.options;
        for folder in [options.build_dir, &self.site.dir] {
            fs::remove_file(&folder.join(".rustc_info.json"))?;
        }
        if packages.is_empty() {
            return Ok(());
        }
        let cmd = command::clean(options, packages, self.circumstances, self.site);
        let output = cmd.output(self.cancel)?;
        if output.status.success() {
            return Ok(());
        }
        let mut said = Said::default();
        String::from_utf8_lossy(&output.stderr).lines().for_each(|line| said.line(line));
        Err(Error::Build {
            service: options.service.to_string(),
            status: format!("cargo clean {}", output.status),
            said: said.finish(true),
            log: options.log.to_owned(),
        })
    }
}

type Ended = (Seen, Compiler);
/// How cargo ended, what it reported, and the compiler.
type Run = (Result<Status, Error>, Seen, Result<Compiler, Error>);
