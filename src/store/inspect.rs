//! How what is wrong on disk is found.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::layout::{Layout, Owner, TEMPORARY};
use super::problem::{Problem, ProblemKind};
use super::receipt::{self, Bin, Receipt, ReceiptFault};
use super::state::{Generation, State};
use super::{generation, inputs};
use crate::sys::fs;
use crate::sys::name::Name;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// At sizes and times, as every list does.
    Quick,
    /// At every byte and every file.
    Close,
}

/// What is wrong with one service: its generations, what is current, its links.
pub(super) fn service(layout: &Layout, state: &State, depth: Depth) -> fs::Result<Vec<Problem>> {
    let service = &state.service;
    let mut problems = Vec::new();
    for generation in &state.generations {
        let mut own = of_generation(service, generation, depth)?;
        if !state.is_current(generation) {
            let gone = |it: &&mut Problem| {
                matches!(
                    it.kind,
                    ProblemKind::Missing | ProblemKind::Corrupt | ProblemKind::Changed
                )
            };
            // An install would not mend it: another one is current.
            for problem in own.iter_mut().filter(gone) {
                problem.hint = "nobody needs it: hero verify --repair".into();
            }
        }
        problems.extend(own);
    }
    let link = layout.current_link(service);
    let names_one = state.current.as_deref().is_some_and(|name| state.find(name).is_some());
    if let Some(kind) = fs::kind(&link)?
        && !names_one
    {
        let (kind, hint) = if kind.is_symlink() {
            let hint = format!("install `{service}` again, or: hero verify --repair");
            (ProblemKind::Dangling, hint)
        } else {
            (ProblemKind::Foreign, "move it away".into())
        };
        let message = format!("it does not name a generation of `{service}`");
        problems.push(Problem::new(kind, &link, message, hint));
    }
    let usable = state.generations.iter().any(|it| it.receipt.is_ok());
    // Also after a first installation that was killed: a list does not complain.
    if depth == Depth::Close && usable && fs::kind(&link)?.is_none() {
        let message = format!("no generation of `{service}` is current");
        let hint = format!("go to the newest: hero rollback {service}, or install it again");
        problems.push(Problem::new(ProblemKind::Missing, &link, message, hint));
    }
    if let Some((current, receipt)) = state.current() {
        for bin in &receipt.bins {
            problems.extend(of_link(layout, service, &current.folder, bin)?);
        }
    }
    Ok(problems.into_iter().map(|problem| problem.with_service(service)).collect())
}

fn of_generation(
    service: &Name,
    generation: &Generation,
    depth: Depth,
) -> fs::Result<Vec<Problem>> {
    let mut problems = match &generation.receipt {
        Ok(receipt) => {
            let bins = receipt.bins.iter();
            let bins = bins.filter_map(|bin| of_binary(service, generation, bin, depth));
            let files = receipt.debug_files.iter();
            let files = files.filter_map(|file| of_debug_file(service, generation, file, depth));
            bins.chain(files).collect()
        }
        Err(fault) => vec![of_receipt(service, generation, fault)],
    };
    if depth == Depth::Close {
        problems.extend(strays(generation)?);
    }
    Ok(problems.into_iter().map(|problem| problem.in_generation(&generation.name)).collect())
}

fn of_receipt(service: &Name, generation: &Generation, fault: &ReceiptFault) -> Problem {
    let file = generation.folder.join(receipt::FILE);
    let message = format!("`{}` of `{service}` cannot be used: {fault}", generation.name);
    let (kind, path, hint) = match fault {
        ReceiptFault::Unreadable(error) => {
            return Problem { message, ..Problem::unreadable(error) };
        }
        ReceiptFault::Newer(_) => {
            let hint = format!("upgrade hero, this is version {}", env!("CARGO_PKG_VERSION"));
            (ProblemKind::Newer, &file, hint)
        }
        ReceiptFault::Missing => {
            let hint = format!("install `{service}` again, or hero uninstall {service}");
            (ProblemKind::Missing, &generation.folder, hint)
        }
        ReceiptFault::Corrupt(_) => {
            let hint = format!("install `{service}` again; the file will be set aside");
            (ProblemKind::Corrupt, &file, hint)
        }
    };
    Problem::new(kind, path, message, hint)
}

fn of_binary(service: &Name, generation: &Generation, bin: &Bin, depth: Depth) -> Option<Problem> {
    let path = generation.folder.join("bin").join(&bin.name);
    let name = &generation.name;
    let hint = format!("install `{service}` again, or: hero rollback {service}");
    let Ok(data) = fs::metadata(&path) else {
        let message = format!("the binary `{}` of `{service}` in `{name}` is missing", bin.name);
        return Some(Problem::new(ProblemKind::Missing, &path, message, hint));
    };
    let whole = match depth {
        Depth::Close if data.is_file() => match generation::has_hash(&path, &bin.sha256) {
            Ok(whole) => whole,
            Err(error) => return Some(Problem::unreadable(&error)),
        },
        Depth::Close => false,
        // That it can be run is told apart.
        Depth::Quick => {
            data.is_file() && (!is_program(&data) || generation::is_whole(&generation.folder, bin))
        }
    };
    let what = if !whole {
        "is not what its receipt says"
    } else if !is_program(&data) {
        "is not executable"
    } else {
        return None;
    };
    let message = format!("the binary `{}` of `{service}` in `{name}` {what}", bin.name);
    Some(Problem::new(ProblemKind::Changed, &path, message, hint))
}

/// What is wrong with a file with debug information. A list looks at its size only.
fn of_debug_file(
    service: &Name,
    generation: &Generation,
    file: &Bin,
    depth: Depth,
) -> Option<Problem> {
    let path = generation.folder.join("bin").join(&file.name);
    let size = fs::metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
    let (kind, what) = match size {
        None => (ProblemKind::Missing, "is missing"),
        Some(size) if size == file.size && depth == Depth::Quick => return None,
        Some(size) => match generation::has_hash(&path, &file.sha256) {
            Ok(same) if same && size == file.size => return None,
            Ok(_) => (ProblemKind::Changed, "is not what its receipt says"),
            Err(error) => return Some(Problem::unreadable(&error)),
        },
    };
    let message = format!(
        "the debug information `{}` of `{service}` in `{}` {what}",
        file.name, generation.name
    );
    Some(Problem::new(kind, &path, message, format!("install `{service}` again")))
}

/// Files in a generation's folder that no receipt knows.
fn strays(generation: &Generation) -> fs::Result<Vec<Problem>> {
    let receipt = generation.receipt.as_ref();
    let bins: Vec<&Name> =
        receipt.map(|it| it.files().map(|file| &file.name).collect()).unwrap_or_default();
    let known = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "bin"
            || name == inputs::FILE
            || name.starts_with(receipt::FILE)
            || name.starts_with(TEMPORARY)
    };
    let ours = |path: &PathBuf| bins.iter().any(|bin| path.ends_with(bin.as_str()));
    let mut strays = fs::list(&generation.folder)?;
    strays.retain(|path| !known(path));
    if generation.receipt.is_ok() {
        let inner = fs::list(&generation.folder.join("bin"))?;
        strays.extend(inner.into_iter().filter(|path| !ours(path)));
    }
    let problem = |path: PathBuf| {
        Problem::new(ProblemKind::Foreign, &path, "no receipt knows it", "move it away")
    };
    Ok(strays.into_iter().map(problem).collect())
}

/// What is wrong with the link of a binary of the current generation.
fn of_link(
    layout: &Layout,
    service: &Name,
    current: &Path,
    bin: &Bin,
) -> fs::Result<Option<Problem>> {
    let name = &bin.name;
    let (kind, message, hint) = match layout.owner(name)? {
        Owner::Service(owner) if owner == *service => return Ok(None),
        // Told with the generation.
        _ if !fs::exists(&current.join("bin").join(name)) => return Ok(None),
        Owner::Stale(_) => return Ok(None),
        Owner::Nobody => (
            ProblemKind::Missing,
            format!("the link of the binary `{name}` of `{service}` is missing"),
            format!("install `{service}` again; any change mends it"),
        ),
        Owner::Service(owner) => (
            ProblemKind::Foreign,
            format!("the binary `{name}` of `{service}` is shown of `{owner}`"),
            "rename one of the binaries".into(),
        ),
        Owner::Stranger | Owner::StrangersFolder => (
            ProblemKind::Foreign,
            format!("something else is in the place of the binary `{name}` of `{service}`"),
            "move it away, or install with `--replace`, which keeps it".into(),
        ),
    };
    Ok(Some(Problem::new(kind, &layout.bin_link(name), message, hint)))
}

/// Links in `bin/` that hero made and that lead nowhere.
pub(super) fn stale_links(layout: &Layout) -> fs::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for link in layout.own_links()? {
        if let Owner::Stale(service) = layout.owner(&link.bin)? {
            let message = format!("a link of `{service}` leads nowhere");
            let hint = format!("install `{service}` again; any change removes or mends the link");
            let problem = Problem::new(ProblemKind::Dangling, &link.path, message, hint);
            problems.push(problem.with_service(&service));
        }
    }
    Ok(problems)
}

fn is_program(data: &std::fs::Metadata) -> bool {
    data.is_file() && data.permissions().mode() & 0o111 != 0
}

/// Whether a generation can be made current as it is, by its bytes; `None` if it
/// cannot be read.
pub(super) fn is_sound(folder: &Path, receipt: &Receipt) -> Option<bool> {
    for bin in &receipt.bins {
        let path = folder.join("bin").join(&bin.name);
        let Ok(Some(_)) = fs::kind(&path) else { return Some(false) };
        let data = fs::metadata(&path).ok()?;
        if !is_program(&data) || !generation::has_hash(&path, &bin.sha256).ok()? {
            return Some(false);
        }
    }
    Some(true)
}
