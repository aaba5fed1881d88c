//! Runs git and hero with a time limit.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use super::scene::Scene;

/// How a program ended, and what it printed.
pub struct Said {
    /// The exit code; `None` where it did not end in time or did not start.
    pub exit: Option<i32>,
    /// Whether it did not end in time.
    pub hung: bool,
    /// Both of its streams.
    pub text: String,
}

/// The fault in the summary of `hero run --json`.
#[derive(Debug, Default)]
pub struct Fault {
    /// The error's kind.
    pub kind: String,
    /// Message, details and hint.
    pub words: String,
}

/// Runs a program as `scene` has it, in the working directory. `timeout` ends
/// it, with its children, when the limit (in seconds) is over. It prints into
/// files: a daemon that it leaves behind must not keep a pipe open. `more` are
/// further variables.
pub fn run(
    scene: &Scene,
    program: &str,
    arguments: &[String],
    limit: f32,
    more: &[(&str, &str)],
) -> Said {
    let (out, err) = (scene.world.root().join("stdout"), scene.world.root().join("stderr"));
    let mut command = Command::new(&scene.servers.programs.timeout);
    command.args(["--kill-after=1", &limit.to_string(), program]).args(arguments);
    scene.world.environment(&mut command);
    for (name, value) in &scene.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.envs(more.iter().copied());
    command.current_dir(scene.world.work("")).stdin(Stdio::null());
    command.stdout(File::create(&out).expect("a file"));
    command.stderr(File::create(&err).expect("a file"));
    let exit = command.status().expect("timeout starts").code();
    // 124: the time was over; 137: it had to be killed.
    let hung = matches!(exit, Some(124 | 137) | None);
    Said { exit: exit.filter(|_| !hung), hung, text: read(&out) + &read(&err) }
}

/// Runs `hero run` with the scene's script.
pub fn hero(scene: &Scene, json: bool) -> Said {
    let options = scene.options.iter().map(|(name, value)| format!(", {name}: {value}"));
    let options: String = options.collect();
    let script = format!("git::fetch(#{{ name: \"x\", repo: \"{}\"{options} }});\n", scene.address);
    scene.world.write("x.rhai", &script);
    let mut arguments = vec!["run".to_owned()];
    arguments.extend(json.then(|| "--json".to_owned()));
    arguments.extend(scene.arguments.iter().cloned());
    run(scene, env!("CARGO_BIN_EXE_hero"), &arguments, scene.hero_limit, &[])
}

impl Said {
    /// The fault in the last line of JSON; `None` after success.
    pub fn fault(&self) -> Option<Fault> {
        let summary = self.text.lines().find(|line| line.contains("\"event\":\"summary\""))?;
        let summary: serde_json::Value = serde_json::from_str(summary).ok()?;
        let error = summary.get("error").filter(|error| !error.is_null())?;
        let kind = error["kind"].as_str().unwrap_or_default().to_owned();
        let mut words = Vec::new();
        texts(error, &mut words);
        Some(Fault { kind, words: words.join("\n") })
    }
}

fn texts(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => into.push(text.clone()),
        serde_json::Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
        serde_json::Value::Object(map) => map.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("the file is there");
    String::from_utf8_lossy(&bytes).into_owned()
}
