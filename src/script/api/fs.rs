//! `fs`: files and folders.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rhai::{Array, Dynamic, NativeCallContext};

use super::namespace::Namespace;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::sys::fs;

/// The namespace `fs`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut files = Namespace::new("fs");
    reading(&mut files);
    writing(&mut files, host);
    paths(&mut files);
    files
}

fn reading(files: &mut Namespace) {
    files.add(
        "exists(path: string) -> bool",
        "
        Whether anything is at this path, a dangling link included.

            if fs::exists(\"Cargo.toml\") { print(\"a crate\"); }
        ",
        |path: &str| fs::exists(Path::new(path)),
    );
    files.add(
        "is_dir(path: string) -> bool",
        "
        Whether a folder is at this path.

            if fs::is_dir(\"src\") { print(\"sources\"); }
        ",
        |path: &str| Path::new(path).is_dir(),
    );
    files.add(
        "read(path: string) -> string",
        "
        The text of a file. Errors: `not_found`, `permission_denied`, `io` (also if it is not UTF-8).

            let text = fs::read(\"Cargo.toml\");
        ",
        |path: &str| fs::read_to_string(Path::new(path)).throw(),
    );
    files.add(
        "list(path: string) -> array",
        "
        The paths of what is in a folder, sorted; empty if there is none.

            for path in fs::list(\"services\") { print(path); }
        ",
        |path: &str| -> Result<Array> {
            let paths = fs::list(Path::new(path)).throw()?;
            Ok(paths.iter().map(|path| Dynamic::from(path.display().to_string())).collect())
        },
    );
    files.add(
        "size(path: string) -> int",
        "
        Bytes in a file, or in all files below a folder.

            print(human::bytes(fs::size(\"target\")));
        ",
        |path: &str| i64::try_from(fs::size(Path::new(path))).unwrap_or(i64::MAX),
    );
}

fn writing(files: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    files.add(
        "write(path: string, text: string) -> bool",
        "
        Writes a file as a whole, with the folders it needs: a crash leaves the
        old text or the new one. False if it already had this text.

            fs::write(\"notes/today.txt\", \"installed\");
        ",
        move |path: &str, text: &str| -> Result<bool> {
            let path = Path::new(path);
            if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
                return Ok(false);
            }
            if !context.plans("write", path.display().to_string()) {
                fs::write(path, text.as_bytes()).throw()?;
            }
            Ok(true)
        },
    );
    let context = Arc::clone(host);
    files.add(
        "mkdir(path: string) -> bool",
        "
        Makes a folder and those above it. False if it was there.

            fs::mkdir(\"backup/today\");
        ",
        move |path: &str| -> Result<bool> {
            let path = Path::new(path);
            if path.is_dir() {
                return Ok(false);
            }
            if !context.plans("make the folder", path.display().to_string()) {
                fs::create_dir_all(path).throw()?;
            }
            Ok(true)
        },
    );
    let context = Arc::clone(host);
    files.add(
        "copy(from: string, to: string) -> int",
        "
        Copies a file with its mode, or a folder with everything in it (links as
        links); bytes copied. `to` is the new path itself, not a folder to put it in.

            fs::copy(\"config\", \"backup/config\");
        ",
        move |from: &str, to: &str| -> Result<i64> {
            let (from, to) = (Path::new(from), Path::new(to));
            if context.plans("copy", format!("{} to {}", from.display(), to.display())) {
                return Ok(0);
            }
            copy(from, to).map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
        },
    );
    let context = Arc::clone(host);
    files.add(
        "rename(from: string, to: string)",
        "
        Renames a file or folder; a file at `to` is replaced.

            fs::rename(\"new.toml\", \"config.toml\");
        ",
        move |from: &str, to: &str| -> Result<()> {
            if context.plans("rename", format!("{from} to {to}")) {
                return Ok(());
            }
            fs::rename(Path::new(from), Path::new(to)).throw()
        },
    );
    let context = Arc::clone(host);
    files.add(
        "remove(path: string) -> bool",
        "
        Removes a file, or a folder with everything in it. False if nothing was
        there. The root, the home and the working directory are refused.

            fs::remove(\"backup/old\");
        ",
        move |path: &str| remove(&context, Path::new(path)),
    );
    let context = Arc::clone(host);
    files.add(
        "with_temp_dir(work: Fn) -> any",
        "
        Calls `work` with the path of a new folder, which is removed afterwards
        whatever happens.

            fs::with_temp_dir(|dir| fs::write(fs::join(dir, \"a\"), \"text\"));
        ",
        move |call: NativeCallContext, work: rhai::FnPtr| -> Result<Dynamic> {
            let dir = tempfile::Builder::new().prefix("hero-").tempdir();
            let dir = fs::Context::at(dir, "make a temporary folder in", &std::env::temp_dir())
                .throw()?;
            let path = dir.path().display().to_string();
            let result = work.call_within_context::<Dynamic>(&call, (path,));
            let removed = context.shield(|| fs::remove_dir_all(dir.path()));
            result.and_then(|value| removed.throw().map(|_| value))
        },
    );
}

fn copy(from: &Path, to: &Path) -> Result<u64> {
    let same = |one: &Path, other: &Path| {
        fs::canonicalize(one)
            .is_ok_and(|one| fs::canonicalize(other).is_ok_and(|other| one == other))
    };
    if same(from, to) {
        // A copy onto itself would empty it first.
        return Ok(0);
    }
    if !from.is_dir() {
        return fs::copy(from, to).throw();
    }
    let to_be = absolute(to);
    let existing = to_be.ancestors().find(|path| path.is_dir()).unwrap_or(&to_be);
    let inside = fs::canonicalize(existing)
        .is_ok_and(|parent| fs::canonicalize(from).is_ok_and(|from| parent.starts_with(from)));
    if inside {
        let message = format!("cannot copy `{}` into itself", from.display());
        return Err(Fault::script("wrong_option", message).throw());
    }
    let mut bytes = 0;
    fs::create_dir_all(to).throw()?;
    for path in fs::list(from).throw()? {
        let target = to.join(path.file_name().unwrap_or_default());
        match fs::read_link(&path) {
            Some(link) => fs::symlink(&link, &target).throw()?,
            None => bytes += copy(&path, &target)?,
        }
    }
    Ok(bytes)
}

fn remove(host: &Host, path: &Path) -> Result<bool> {
    if !fs::exists(path) {
        return Ok(false);
    }
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let cwd = std::env::current_dir().unwrap_or_default();
    let home = fs::canonicalize(&host.dirs.home).unwrap_or_else(|_| host.dirs.home.clone());
    let needed = [&home, &host.dirs.home, &cwd].iter().any(|path| path.starts_with(&real));
    if real.parent().is_none() || needed {
        return Err(Fault::script(
            "protected_path",
            format!("`{}` is not removed by a script", path.display()),
        )
        .hint("name something below it")
        .throw());
    }
    if host.plans("remove", path.display().to_string()) {
        return Ok(true);
    }
    if path.is_dir() && fs::read_link(path).is_none() {
        fs::remove_dir_all(path).throw()
    } else {
        fs::remove_file(path).throw()
    }
}

fn paths(files: &mut Namespace) {
    files.add(
        "join(base: string, path: string) -> string",
        "
        One path below another; an absolute `path` stands for itself.

            let file = fs::join(script().dir, \"data.txt\");
        ",
        |base: &str, path: &str| Path::new(base).join(path).display().to_string(),
    );
    files.add(
        "file_name(path: string) -> string",
        "
        The last part of a path.

            print(fs::file_name(\"/usr/bin/env\"));
        ",
        |path: &str| {
            Path::new(path)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        },
    );
    files.add(
        "parent(path: string) -> string",
        "
        A path without its last part.

            print(fs::parent(\"/usr/bin/env\"));
        ",
        |path: &str| {
            Path::new(path).parent().map(|path| path.display().to_string()).unwrap_or_default()
        },
    );
    files.add(
        "absolute(path: string) -> string",
        "
        The path from the root, without `.` and `..`; nothing need be there.

            print(fs::absolute(\"services\"));
        ",
        |path: &str| absolute(Path::new(path)).display().to_string(),
    );
}

fn absolute(path: &Path) -> PathBuf {
    let mut result = std::env::current_dir().unwrap_or_default();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}
