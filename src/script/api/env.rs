//! `env`: what a script may know of the machine and the run.

use std::sync::Arc;

use rhai::{Dynamic, Map};

use super::namespace::Namespace;
use crate::script::host::Host;

/// The namespace `env`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut env = Namespace::new("env");
    env.add(
        "get(name: string) -> string",
        "
        A variable of the environment, `()` if it is not set.

            if env::get(\"CI\") != () { print(\"in CI\"); }
        ",
        |name: &str| variable(name).map_or(Dynamic::UNIT, Dynamic::from),
    );
    env.add("get(name: string, default: string) -> string", "", |name: &str, default: &str| {
        variable(name).unwrap_or_else(|| default.to_owned())
    });
    let context = Arc::clone(host);
    env.add(
        "dirs() -> map",
        "
        Where things lie: `home`, `bin` (of the install root in use), `src`
        (checkouts), `build`, `logs`, `data` (hero's own; a script may keep things there).

            print(env::dirs().src);
        ",
        move || {
            let dirs = &context.dirs;
            let mut map = Map::new();
            let data = dirs.src.parent().unwrap_or(&dirs.src);
            let folders = [
                ("home", dirs.home.as_path()),
                ("bin", context.root().bin.as_path()),
                ("src", dirs.src.as_path()),
                ("build", dirs.build.as_path()),
                ("logs", dirs.logs.as_path()),
                ("data", data),
            ];
            for (name, path) in folders {
                map.insert(name.into(), path.display().to_string().into());
            }
            map
        },
    );
    env.add(
        "os() -> string",
        "
        \"linux\" or \"macos\".

            if env::os() == \"macos\" { print(\"a Mac\"); }
        ",
        || std::env::consts::OS,
    );
    env.add(
        "arch() -> string",
        "
        The processor: \"x86_64\", \"aarch64\", …

            print(env::arch());
        ",
        || std::env::consts::ARCH,
    );
    env.add(
        "cpus() -> int",
        "
        How many processors this process may use.

            print(env::cpus());
        ",
        || {
            std::thread::available_parallelism()
                .map_or(1, |count| i64::try_from(count.get()).unwrap_or(1))
        },
    );
    env.add(
        "cwd() -> string",
        "
        The working directory.

            print(env::cwd());
        ",
        || std::env::current_dir().unwrap_or_default().display().to_string(),
    );
    env.add(
        "hero_version() -> string",
        "
        The version of hero.

            print(env::hero_version());
        ",
        || env!("CARGO_PKG_VERSION"),
    );
    env
}

/// Names that the system refuses (empty, with `=` or NUL) are not set.
fn variable(name: &str) -> Option<String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var(name).ok()
}
