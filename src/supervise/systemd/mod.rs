//! systemd, by `systemctl` and `journalctl`: the user's manager, or the system's in the
//! system's root.

mod show;
mod unit_file;

use std::path::PathBuf;

use super::{Error, Kind, Places, Status, Supervisor, Unit};
use crate::sys::cancel::Cancel;
use crate::sys::name::Name;
use crate::sys::process::{Cmd, Output, which};
use crate::sys::{fs, process};
use unit_file::{MARK, file_name};

/// Where systemd leaves a trace while it runs.
const RUNTIME: &str = "/run/systemd/system";
/// The variable that names another place, for tests.
const RUNTIME_VARIABLE: &str = "HERO_SYSTEMD_RUNTIME";
/// Lines of the journal that are read to see what a unit has said since its start.
const SAID: usize = 1000;

/// systemd as a supervisor.
pub(super) struct Systemd {
    system: bool,
    /// Where unit files are.
    folder: PathBuf,
    runtime: PathBuf,
}

impl Systemd {
    /// That of an install root.
    pub(super) fn new(places: &Places) -> Self {
        let folder = if places.system {
            let root = places.prefix.clone().unwrap_or_else(|| "/".into());
            root.join("etc/systemd/system")
        } else {
            let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
            let config = config.filter(|config| config.is_absolute());
            config.unwrap_or_else(|| places.home.join(".config")).join("systemd/user")
        };
        let runtime =
            std::env::var_os(RUNTIME_VARIABLE).map_or_else(|| RUNTIME.into(), PathBuf::from);
        Self { system: places.system, folder, runtime }
    }

    fn path(&self, unit: &Name) -> PathBuf {
        self.folder.join(file_name(unit.as_str()))
    }

    /// `systemctl` or `journalctl`, of the right manager.
    fn command(&self, program: &str) -> Cmd {
        let cmd = Cmd::new(program);
        if self.system { cmd } else { cmd.arg("--user") }
    }

    fn systemctl(&self, words: &[&str], cancel: &Cancel) -> Result<Output, Error> {
        let cmd = self.command("systemctl").args(["--no-pager", "--no-ask-password"]).args(words);
        Ok(cmd.output(cancel)?)
    }

    /// Does something, and must succeed.
    fn tell(
        &self,
        action: &'static str,
        unit: &Name,
        words: &[&str],
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let output = self.systemctl(words, cancel)?;
        if output.status.success() {
            return Ok(());
        }
        Err(refused(action, unit, said(&output)))
    }

    /// Whether a unit file is hero's; `None` if there is none.
    fn own(&self, unit: &Name) -> Result<Option<String>, Error> {
        let path = self.path(unit);
        if !fs::exists(&path) {
            return Ok(None);
        }
        let text = fs::read_to_string(&path)?;
        if text.starts_with(MARK) {
            return Ok(Some(text));
        }
        let why = format!("`{}` is not hero's", path.display());
        Err(refused("describe", unit, why))
    }

    fn unavailable(why: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::Unavailable { kind: Kind::Systemd, why: why.into(), hint: hint.into() }
    }
}

fn refused(action: &'static str, unit: &Name, why: String) -> Error {
    Error::Refused { kind: Kind::Systemd, action, unit: unit.to_string(), why }
}

/// What a command said of its failure, in a line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { output.status.to_string() } else { lines.join("; ") }
}

impl Supervisor for Systemd {
    fn kind(&self) -> Kind {
        Kind::Systemd
    }

    fn available(&self) -> Result<(), Error> {
        const ELSE: &str = "without it: --supervisor direct";
        if !fs::exists(&self.runtime) {
            return Err(Self::unavailable("this system does not run it", ELSE));
        }
        if which("systemctl").is_none() {
            return Err(Self::unavailable("there is no `systemctl` on PATH", ELSE));
        }
        let output = self.systemctl(&["is-system-running"], &Cancel::default())?;
        // One that runs says how, also where it is not well.
        if output.stdout.iter().all(u8::is_ascii_whitespace)
            || output.stdout.starts_with(b"offline")
        {
            let hint = if self.system {
                ELSE.to_owned()
            } else {
                format!("log in anew, or: loginctl enable-linger; {ELSE}")
            };
            return Err(Self::unavailable(said(&output), hint));
        }
        Ok(())
    }

    fn put(&self, unit: &Unit, cancel: &Cancel) -> Result<bool, Error> {
        if unit.user.is_some() && !self.system {
            return Err(Error::Unsupported {
                kind: Kind::Systemd,
                unit: unit.name.clone(),
                what: "the user's manager runs everything as that user".into(),
                option: "user",
                hint: "leave out `user`, or use the system's root: --root".into(),
            });
        }
        let text = unit_file::text(unit, self.system)
            .map_err(|why| refused("describe", &unit.name, why))?;
        if self.own(&unit.name)?.as_ref() == Some(&text) {
            return Ok(false);
        }
        let path = self.path(&unit.name);
        // The environment may hold secrets.
        if unit.env.is_empty() {
            fs::write(&path, text.as_bytes())?;
        } else {
            fs::write_secret(&path, text.as_bytes())?;
        }
        self.tell("describe", &unit.name, &["daemon-reload"], cancel)?;
        Ok(true)
    }

    fn start(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        let name = file_name(unit.as_str());
        // Earlier failures would count against this start.
        self.systemctl(&["reset-failed", &name], cancel)?;
        self.tell("start", unit, &["start", &name], cancel)?;
        self.tell("enable", unit, &["enable", "--quiet", &name], cancel)
    }

    fn pause(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.own(unit)?.is_none() {
            return Ok(());
        }
        self.tell("stop", unit, &["stop", &file_name(unit.as_str())], cancel)
    }

    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.own(unit)?.is_none() {
            return Ok(());
        }
        self.pause(unit, cancel)?;
        let name = file_name(unit.as_str());
        self.tell("disable", unit, &["disable", "--quiet", &name], cancel)
    }

    fn status(&self, unit: &Name, cancel: &Cancel) -> Result<Status, Error> {
        let name = file_name(unit.as_str());
        let output = self.systemctl(&["show", "-p", show::PROPERTIES, &name], cancel)?;
        if !output.status.success() {
            return Err(refused("show", unit, said(&output)));
        }
        Ok(show::status(&String::from_utf8_lossy(&output.stdout)))
    }

    fn logs(&self, unit: &Name, lines: usize, cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let cmd = self.command("journalctl").args(["--no-pager", "--quiet", "-o", "cat"]);
        let cmd = cmd.args(["-n", &lines.to_string(), "-u", &file_name(unit.as_str())]);
        Ok(cmd.output(cancel)?.stdout)
    }

    fn said(&self, unit: &Name, cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let name = file_name(unit.as_str());
        let output = self.systemctl(&["show", "-p", "InvocationID", "--value", &name], cancel)?;
        let start = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if start.is_empty() {
            return Ok(Vec::new());
        }
        let cmd = self.command("journalctl").args(["--no-pager", "--quiet", "-o", "cat"]);
        let cmd = cmd.args(["-n", &SAID.to_string(), &format!("_SYSTEMD_INVOCATION_ID={start}")]);
        Ok(cmd.output(cancel)?.stdout)
    }

    fn follow(
        &self,
        unit: &Name,
        lines: usize,
        sink: &mut dyn FnMut(&[u8]),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let cmd = self.command("journalctl").args(["--no-pager", "--quiet", "-o", "cat", "-f"]);
        let cmd = cmd.args(["-n", &lines.to_string(), "-u", &file_name(unit.as_str())]);
        match cmd.run(cancel, &mut |_, bytes| sink(bytes)) {
            // That is how it ends.
            Ok(_) | Err(process::Error::Interrupted(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.own(unit)?.is_none() {
            return Ok(());
        }
        self.stop(unit, cancel)?;
        fs::remove_file(&self.path(unit))?;
        self.tell("forget", unit, &["daemon-reload"], cancel)?;
        // It is not known any more, which is as well.
        self.systemctl(&["reset-failed", &file_name(unit.as_str())], cancel)?;
        Ok(())
    }
}
