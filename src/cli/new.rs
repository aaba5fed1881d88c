//! `hero new`.

use std::path::{Path, PathBuf};

use super::Global;
use super::session::Session;
use crate::git::RemoteUrl;
use crate::script::fault::Fault;
use crate::script::simple;
use crate::sys::fs;
use crate::sys::name::Name;

/// Writes a service script to start from.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The name of the service; the script is NAME.rhai, in services/ if there is such a folder
    name: String,
    /// Where its repository is
    #[arg(long, value_name = "URL")]
    repo: String,
}

/// Runs the subcommand; its exit code.
pub fn run(global: &Global, args: &Args) -> u8 {
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    match write(args) {
        Ok(path) => {
            session.console.message(&format!("wrote {}", path.display()));
            session.console.message(&format!("\nnext: hero run {} --debug", path.display()));
            session.done(0)
        }
        Err(fault) => session.fail(&simple(&fault)),
    }
}

fn write(args: &Args) -> Result<PathBuf, Fault> {
    let name = Name::new("service", &args.name).map_err(|error| Fault::from_error(&error))?;
    RemoteUrl::parse(&args.repo).map_err(|error| Fault::from_error(&error))?;
    let folder = if Path::new("services").is_dir() { Path::new("services") } else { Path::new("") };
    let path = folder.join(format!("{name}.rhai"));
    if fs::exists(&path) {
        return Err(Fault::script(
            "script_exists",
            format!("`{}` is there already", path.display()),
        )
        .hint("choose another name, or edit it"));
    }
    fs::write(&path, template(name.as_str(), &args.repo).as_bytes())
        .map_err(|error| Fault::from_error(&error))?;
    Ok(path)
}

fn template(name: &str, repo: &str) -> String {
    // Rhai reads the same escapes in text as Rust writes.
    format!(
        "//! {name}: what it is, in one line.\n\nfn service() {{\n    #{{\n        name: {name:?},\n        repo: {repo:?},\n        // branch, tag or commit; the remote's default branch otherwise\n        // bins: [{name:?}],\n        // features: [\"tls\"],\n        check: [{name:?}, \"--version\"],\n        // start: #{{ cmd: [{name:?}, \"--port\", \"{{port}}\"], ready: #{{ port: 8080 }} }},\n    }}\n}}\n\nservice::main(service());\n"
    )
}
