//! What cargo will build with on this machine, and who has chosen it. Nothing
//! here changes what the user has configured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Error;
use super::chosen::{Choices, Chosen};
use super::environment::Environment;
use super::settings::Settings;
use super::{linker, share, wrapper};
use crate::error::Diagnostic;
use crate::sys::cancel::Cancel;
use crate::sys::dirs::Dirs;
use crate::sys::finding::Finding;
use crate::sys::process::which;
use crate::sys::{disk, doctor, fs};

/// How long a program may take to say its version.
const LIMIT: Duration = Duration::from_secs(10);
/// Whether rustup fetches what is missing.
const AUTO_INSTALL: &str = "RUSTUP_AUTO_INSTALL";

/// Toolchain, linker, debug information and wrapper of builds in the folder of
/// checkouts. Starts cargo and rustc once each.
pub(crate) fn examine(dirs: &Dirs, cancel: &Cancel) -> Vec<Finding> {
    let set = BTreeMap::new();
    let environment = Environment::new(&set);
    let settings = Settings::load(&dirs.src, &dirs.src, &environment);
    let choices = Choices { settings: &settings, environment: &environment, dirs };
    let ((cargo, _), (rustc, said)) = std::thread::scope(|scope| {
        let cargo = scope.spawn(|| choices.program("cargo", None, "-V", cancel));
        let rustc = choices.program("rustc", choices.compiler(), "-vV", cancel);
        // A thread that panics has said so already.
        (cargo.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), rustc)
    });
    let mut findings = vec![cargo, rustc];
    findings.extend(linker::examine(&choices, said.as_deref()));
    findings.push(choices.debug_information());
    findings.extend(choices.wrapper());
    findings.extend(choices.workspace_wrapper());
    findings
}

impl Choices<'_> {
    /// The compiler that somebody has chosen in place of PATH's.
    fn compiler(&self) -> Option<Chosen> {
        self.chosen(&["RUSTC", "CARGO_BUILD_RUSTC"], &["build", "rustc"])
    }

    /// A program of the toolchain, and what it says of its version.
    fn program(
        &self,
        what: &str,
        chosen: Option<Chosen>,
        flag: &str,
        cancel: &Cancel,
    ) -> (Finding, Option<String>) {
        let path = match &chosen {
            Some(chosen) => chosen.program(),
            None => which(what),
        };
        let Some(path) = path else {
            let finding = match chosen {
                Some(Chosen { value, by, .. }) => Finding::problem(
                    what,
                    format!("there is no `{value}`, which {by} names"),
                    format!("install it, or take it out of {by}"),
                ),
                None => Finding::problem(what, format!("no `{what}` on PATH"), self.rustup()),
            };
            return (finding, None);
        };
        let by = chosen.map(|chosen| format!(", set by the user: {}", chosen.by));
        let shown = format!("{}{}", self.dirs.display(&path), by.unwrap_or_default());
        let folder = disk::existing(&self.dirs.src);
        let cmd = self.environment.command(&path.to_string_lossy(), folder).arg(flag);
        // rustup would fetch a toolchain that a folder asks for.
        let cmd = cmd.env(AUTO_INSTALL, "0").timeout(LIMIT);
        match cmd.output(cancel) {
            Ok(output) if output.status.success() => {
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                let version = said.split_whitespace().nth(1).unwrap_or("of unknown version");
                (Finding::ok(what, format!("{version} ({shown})")), Some(said))
            }
            Ok(output) => {
                (self.silent(what, &shown, &String::from_utf8_lossy(&output.stderr)), None)
            }
            Err(error) => (self.silent(what, &shown, &error.to_string()), None),
        }
    }

    /// A program that does not say its version, but this. A toolchain that is
    /// not there yet comes with the first build, if rustup may.
    fn silent(&self, what: &str, shown: &str, said: &str) -> Finding {
        let why = said.lines().next().unwrap_or("it says nothing");
        let why = why.strip_prefix("error: ").unwrap_or(why);
        let help = said.lines().find_map(|line| line.strip_prefix("help: "));
        let hint = help.unwrap_or("see which toolchains there are: rustup show");
        let comes = why.contains("is not installed")
            && self.environment.get(AUTO_INSTALL).is_none_or(|value| value != "0");
        let detail = format!("{shown} does not run: {why}");
        if comes {
            return Finding::warning(what, format!("{detail}; the first build may fetch it"), hint);
        }
        Finding::problem(what, detail, hint)
    }

    /// How to come to a toolchain: by PATH, where rustup has put one already.
    fn rustup(&self) -> String {
        let home = self.environment.get("CARGO_HOME").map(PathBuf::from);
        let bin = home.unwrap_or_else(|| self.dirs.home.join(".cargo")).join("bin");
        if fs::exists(&bin.join("cargo")) {
            return format!(
                "put this into your shell's profile: {}",
                doctor::export(&bin, self.dirs)
            );
        }
        Error::NoCargo.hint().unwrap_or_default()
    }

    fn debug_information(&self) -> Finding {
        let detail = match self.chosen(&["CARGO_PROFILE_DEV_DEBUG"], &["profile", "dev", "debug"]) {
            Some(chosen) => format!("set by the user: debug = {} ({})", chosen.value, chosen.by),
            None => "line tables only (hero's choice; --full-debuginfo for a debugger)".into(),
        };
        Finding::ok("debug info", detail)
    }

    /// What cargo starts in place of rustc.
    fn wrapper(&self) -> Option<Finding> {
        let chosen = self.chosen_or_off(&wrapper::VARIABLES, &wrapper::KEYS)?;
        let note = |program: &Path| {
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            if name.contains("cache") {
                "; no help in the edit loop: incremental builds are not cached"
            } else {
                ""
            }
        };
        Some(around("wrapper", &chosen, "rustc", note))
    }

    /// The same for the packages of a workspace only.
    fn workspace_wrapper(&self) -> Option<Finding> {
        let chosen = self.chosen_or_off(&share::WRAPPERS, &share::KEYS)?;
        let note = |_: &Path| "; services do not share build directories";
        Some(around("workspace wrapper", &chosen, "rustc for packages of a workspace", note))
    }
}

/// The finding of a program around `what`, with a note for one that is there.
fn around(
    name: &str,
    chosen: &Chosen,
    what: &str,
    note: impl FnOnce(&Path) -> &'static str,
) -> Finding {
    let Chosen { value, by, .. } = chosen;
    match chosen.program() {
        Some(program) => {
            Finding::ok(name, format!("{value} (set by the user: {by}{})", note(&program)))
        }
        None => Finding::problem(
            name,
            format!("there is no `{value}`, which {by} wants around {what}"),
            format!("install it, or take it out of {by}"),
        ),
    }
}
