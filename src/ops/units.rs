//! From what a description says to what a supervisor is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Fault;
use crate::model::{PORT, ReadySpec, StartSpec};
use crate::supervise::{Probe, Ready, Unit};
use crate::sys::name::Name;
use crate::sys::{fs, process};

/// What the units of a service are made for.
pub(crate) struct Frame<'a> {
    /// The service.
    pub(crate) service: &'a Name,
    /// Services that are started before it.
    pub(crate) after: &'a [String],
    /// Where its current binaries are.
    pub(crate) bin: &'a Path,
    /// The folder that relative ones are of, and the default.
    pub(crate) home: &'a Path,
    /// Gives each process with a `{port}` one of its own instead.
    pub(crate) ports: Option<&'a dyn Fn() -> std::io::Result<u16>>,
    /// Variables for all of them.
    pub(crate) env: BTreeMap<String, String>,
}

impl Frame<'_> {
    /// The units of a service, in the order of their start.
    ///
    /// # Errors
    /// A program that is nowhere, processes that wait for each other.
    pub(crate) fn units(&self, starts: &[StartSpec]) -> Result<Vec<Unit>, Fault> {
        let own = |name: &str| starts.iter().any(|start| start.name.as_deref() == Some(name));
        let mut units = Vec::new();
        for start in in_order(starts)? {
            let mut after = Vec::new();
            for other in self.after.iter().chain(&start.after) {
                let other = if own(other) { self.name(Some(other)) } else { other.clone() };
                after.push(
                    Name::new("service", &other)
                        .map_err(|error| Fault::from_error(&error).option("start.after"))?,
                );
            }
            units.push(self.unit(start, after)?);
        }
        Ok(units)
    }

    fn name(&self, process: Option<&str>) -> String {
        match process {
            Some(process) => format!("{}.{process}", self.service),
            None => self.service.to_string(),
        }
    }

    fn unit(&self, start: &StartSpec, after: Vec<Name>) -> Result<Unit, Fault> {
        let name = Name::new("process", &self.name(start.name.as_deref()))
            .map_err(|error| Fault::from_error(&error).option("start.name"))?;
        let port = match (start.ready.port, self.ports) {
            (Some(_), Some(ports)) if start.uses_port() => Some(ports().map_err(|error| {
                Fault::script("no_port", format!("the system gives no free port: {error}"))
            })?),
            (port, _) => port,
        };
        let fill = |text: &String| match port {
            Some(port) => text.replace(PORT, &port.to_string()),
            None => text.clone(),
        };
        let (program, own) = self.program(&start.cmd[0])?;
        let probe = match &start.ready {
            ReadySpec { http: Some(http), status, .. } => {
                Probe::Http { url: fill(&start.ready.url(http)?), status: *status }
            }
            ReadySpec { log: Some(pattern), .. } => Probe::Log(pattern.clone()),
            ReadySpec { notify: Some(_), .. } => Probe::Notify,
            ReadySpec { cmd: Some(cmd), .. } => {
                let (asks, _) = self.program(&cmd[0])?;
                let rest = cmd[1..].iter().map(fill);
                Probe::Cmd(std::iter::once(asks.display().to_string()).chain(rest).collect())
            }
            _ => Probe::None,
        };
        let given = start.env.iter().map(|(name, value)| (name.clone(), fill(value)));
        Ok(Unit {
            name,
            service: self.service.clone(),
            program,
            own,
            args: start.cmd[1..].iter().map(fill).collect(),
            env: self.env.clone().into_iter().chain(given).collect(),
            cwd: self.home.join(start.cwd.as_deref().unwrap_or(".")).components().collect(),
            user: start.user.clone(),
            after,
            one_shot: start.one_shot,
            restart: start.restart,
            ready: Ready { port, probe },
            stable: Duration::from_secs_f64(start.stable),
            timeout: Duration::from_secs_f64(start.timeout),
            stop_timeout: Duration::from_secs_f64(start.stop_timeout),
        })
    }

    /// The program, and whether it is the service's own.
    fn program(&self, name: &str) -> Result<(PathBuf, bool), Fault> {
        let own = self.bin.join(name);
        if !name.contains('/') && process::is_program(&own) {
            return Ok((own, true));
        }
        let found = if name.contains('/') {
            Some(self.home.join(name)).filter(|path| process::is_program(path))
        } else {
            process::which(name)
        };
        found.map(|path| (path, false)).ok_or_else(|| {
            let message =
                format!("`{name}` is neither a binary of `{}` nor a program on PATH", self.service);
            let there: Vec<String> = fs::list(self.bin)
                .unwrap_or_default()
                .iter()
                .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                .collect();
            let near = crate::error::nearest(name, there.iter().map(String::as_str));
            Fault::script("no_such_program", message).option("start.cmd").hint(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its binaries are {}", there.join(", ")),
            })
        })
    }
}

/// The processes of a service so that each comes after those it waits for.
fn in_order(starts: &[StartSpec]) -> Result<Vec<&StartSpec>, Fault> {
    let items: Vec<(String, Vec<String>)> = starts
        .iter()
        .map(|start| (start.name.clone().unwrap_or_default(), start.after.clone()))
        .collect();
    let levels = crate::supervise::levels(&items)?;
    Ok(levels.into_iter().flatten().map(|index| &starts[index]).collect())
}
