//! `start` of a description: what is run, checked when it is made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::supervise::Restart;
use crate::sys::name::Name;

/// What stands for the port in arguments, variables and addresses.
pub(crate) const PORT: &str = "{port}";

/// One process of a service, with every key present once it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartSpec {
    #[serde(default)]
    pub(crate) name: Option<String>,
    pub(crate) cmd: Vec<String>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) cwd: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) after: Vec<String>,
    #[serde(default)]
    pub(crate) one_shot: bool,
    #[serde(default)]
    pub(crate) restart: Restart,
    #[serde(default)]
    pub(crate) ready: ReadySpec,
    #[serde(default = "stable")]
    pub(crate) stable: f64,
    #[serde(default = "timeout")]
    pub(crate) timeout: f64,
    #[serde(default = "stop_timeout")]
    pub(crate) stop_timeout: f64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReadySpec {
    pub(crate) port: Option<u16>,
    pub(crate) http: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) log: Option<String>,
    pub(crate) notify: Option<bool>,
    pub(crate) cmd: Option<Vec<String>>,
}

fn stable() -> f64 {
    1.0
}

fn timeout() -> f64 {
    30.0
}

fn stop_timeout() -> f64 {
    5.0
}

impl StartSpec {
    /// The processes of one service, checked.
    ///
    /// # Errors
    /// A value that cannot be, a process without a name among several.
    pub(crate) fn checked(all: Vec<Self>) -> Result<Vec<Self>, Fault> {
        for (index, start) in all.iter().enumerate() {
            start.check(all.len() > 1)?;
            if all[..index].iter().any(|other| other.name == start.name) {
                let name = start.name.as_deref().unwrap_or_default();
                return Err(wrong("name", format!("two processes of `start` are called `{name}`")));
            }
        }
        Ok(all)
    }
}

fn wrong(option: &str, message: impl Into<String>) -> Fault {
    Fault::script("wrong_option", message).option(format!("start.{option}"))
}

impl StartSpec {
    /// Checks one process.
    fn check(&self, several: bool) -> Result<(), Fault> {
        match &self.name {
            Some(name) => {
                Name::new("process", name)
                    .map_err(|error| Fault::from(error).option("start.name"))?;
            }
            None if several => {
                return Err(Fault::script(
                    "wrong_option",
                    "each of several processes needs a `name`",
                )
                .option("start")
                .hint("start: [#{ name: \"web\", cmd: […] }, #{ name: \"worker\", cmd: […] }]"));
            }
            None => {}
        }
        match self.cmd.first() {
            None => {
                return Err(wrong("cmd", "`cmd` of `start` is empty")
                    .hint("the program, then its arguments: [\"server\", \"--port\", \"8080\"]"));
            }
            Some(program) if program.is_empty() || program.contains(char::is_whitespace) => {
                return Err(wrong("cmd", format!("`{program}` is no program: there is no shell"))
                    .hint(
                        "each argument is a string of its own: [\"server\", \"--port\", \"8080\"]",
                    ));
            }
            Some(_) => {}
        }
        if self.cmd.iter().chain(self.env.values()).any(|text| text.contains('\0')) {
            return Err(wrong("cmd", "an argument or variable holds a zero byte"));
        }
        for name in self.env.keys() {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            if name.is_empty()
                || !name.chars().all(plain)
                || name.starts_with(|c: char| c.is_ascii_digit())
            {
                return Err(wrong(
                    "env",
                    format!("`{}` is not the name of a variable", name.escape_debug()),
                ));
            }
        }
        for (key, seconds, least) in [
            ("stable", self.stable, 0.0),
            ("timeout", self.timeout, 0.001),
            ("stop_timeout", self.stop_timeout, 0.0),
        ] {
            if !(least..=86_400.0).contains(&seconds) {
                return Err(wrong(
                    key,
                    format!("`{key}` is seconds, at most a day, not {seconds}"),
                ));
            }
        }
        if self.one_shot && self.ready != ReadySpec::default() {
            return Err(wrong(
                "ready",
                "a process that is `one_shot` is ready when it has ended well",
            )
            .hint("leave out one of the two"));
        }
        self.ready.check(self)
    }

    /// The program as it was written.
    pub(crate) fn program_name(&self) -> String {
        self.cmd.first().cloned().unwrap_or_default()
    }

    /// Whether `{port}` stands anywhere.
    pub(crate) fn uses_port(&self) -> bool {
        let texts = self.cmd.iter().chain(self.env.values()).chain(&self.ready.http);
        texts.chain(self.ready.cmd.iter().flatten()).any(|text| text.contains(PORT))
    }
}

impl ReadySpec {
    fn check(&self, start: &StartSpec) -> Result<(), Fault> {
        let probes = [
            ("http", self.http.is_some()),
            ("log", self.log.is_some()),
            ("notify", self.notify.is_some()),
            ("cmd", self.cmd.is_some()),
        ];
        let given: Vec<&str> = probes.iter().filter(|probe| probe.1).map(|probe| probe.0).collect();
        if let [one, other, ..] = given[..] {
            return Err(wrong(
                &format!("ready.{other}"),
                format!("`ready` asks one thing, not both `{one}` and `{other}`"),
            ));
        }
        if self.port == Some(0) {
            return Err(wrong("ready.port", "`port` is 1 to 65535"));
        }
        if start.uses_port() && self.port.is_none() {
            return Err(wrong("cmd", "`{port}` stands for `ready.port`, which is not given")
                .hint("ready: #{ port: 8080 }"));
        }
        if self.status.is_some() && self.http.is_none() {
            return Err(wrong("ready.status", "`status` goes with `http`"));
        }
        if let Some(http) = &self.http {
            self.url(http)?;
        }
        if let Some(pattern) = &self.log
            && let Err(error) = regex::Regex::new(pattern)
        {
            let why = error.to_string();
            let why =
                why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            return Err(wrong(
                "ready.log",
                format!("`{pattern}` is not a regular expression: {why}"),
            ));
        }
        if self.notify == Some(false) {
            return Err(wrong("ready.notify", "`notify` is true, or left out"));
        }
        if self.cmd.as_ref().is_some_and(Vec::is_empty) {
            return Err(wrong("ready.cmd", "`cmd` of `ready` is empty"));
        }
        Ok(())
    }

    /// The address that is asked: one is given, or a path on the port.
    pub(crate) fn url(&self, http: &str) -> Result<String, Fault> {
        match (http.starts_with('/'), self.port) {
            (true, Some(_)) => Ok(format!("http://127.0.0.1:{PORT}{http}")),
            (true, None) => {
                Err(wrong("ready.http", format!("the path `{http}` needs a `port` beside it"))
                    .hint(format!("ready: #{{ port: 8080, http: \"{http}\" }}")))
            }
            (false, _) if http.starts_with("http://") => Ok(http.to_owned()),
            (false, _) => {
                Err(wrong("ready.http", format!("`{http}` is neither a path nor an http address"))
                    .hint("http: \"/health\", with `port` beside it"))
            }
        }
    }
}

/// The ports that a service listens on, with the units that do.
pub(crate) fn ports(service: &Name, starts: &[StartSpec]) -> Vec<(Name, u16)> {
    let unit = |start: &StartSpec| {
        let name = start.name.as_ref().map(|name| format!("{service}.{name}"));
        let name = Name::new("process", name.as_deref().unwrap_or(service.as_str())).ok()?;
        Some((name, start.ready.port?))
    };
    starts.iter().filter_map(unit).collect()
}
