//! `hero new`.

use std::path::{Path, PathBuf};

use super::session::{Ended, Session};
use crate::error::Fault;
use crate::git::RemoteUrl;
use crate::sys::fs;
use crate::sys::name::Name;

/// Writes a service script to start from.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The name of the service; the script is NAME.rhai, in services/ if there is such a folder
    name: String,
    /// Where its repository is
    #[arg(long, value_name = "URL")]
    repo: String,
}

/// Runs the subcommand.
///
/// # Errors
/// What stopped it.
pub(super) fn run(session: &Session, args: &Args) -> Ended {
    let path = write(args)?;
    session.console.message(&format!("wrote {}", path.display()));
    session.console.message(&format!("\nnext: hero run {} --debug", path.display()));
    Ok(0)
}

fn write(args: &Args) -> Result<PathBuf, Fault> {
    let name = Name::new("service", &args.name)?;
    RemoteUrl::parse(&args.repo)?;
    let folder = if Path::new("services").is_dir() { Path::new("services") } else { Path::new("") };
    let path = folder.join(format!("{name}.rhai"));
    if fs::exists(&path) {
        return Err(Fault::script(
            "script_exists",
            format!("`{}` is there already", path.display()),
        )
        .hint("choose another name, or edit it"));
    }
    fs::write(&path, template(name.as_str(), &args.repo).as_bytes())?;
    Ok(path)
}

fn template(name: &str, repo: &str) -> String {
    // Rhai reads the same escapes in text as Rust writes.
    format!(
        "//! {name}: what it is, in one line.\n\nfn service() {{\n    #{{\n        name: {name:?},\n        repo: {repo:?},\n        // branch, tag or commit; the remote's default branch otherwise\n        // bins: [{name:?}],\n        // features: [\"tls\"],\n        check: [{name:?}, \"--version\"],\n        // start: #{{ cmd: [{name:?}, \"--port\", \"{{port}}\"], ready: #{{ port: 8080 }} }},\n    }}\n}}\n\nservice::main(service());\n"
    )
}
