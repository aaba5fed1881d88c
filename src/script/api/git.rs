//! `git`: repositories and their checkouts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext, Position};
use serde::Deserialize;

use super::namespace::Namespace;
use super::to_map;
use crate::cargo::Inputs;
use crate::git::{self, Mode, RemoteUrl, Submodules};
use crate::script::account;
use crate::script::describe::{Revision, reference, service_name};
use crate::script::fault::{ExitRequest, Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::sys::fs;
use crate::sys::name::Name;
use crate::sys::watch::Watcher;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fetch {
    repo: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    tag: Option<String>,
    #[serde(default)]
    commit: Option<String>,
    #[serde(default, rename = "ref")]
    full_ref: Option<String>,
    #[serde(default)]
    update: bool,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    submodules: Wanted,
}

/// `true`, `false`, or the paths of those wanted.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    All(bool),
    Only(Vec<String>),
    Unset(()),
}

impl Default for Wanted {
    fn default() -> Self {
        Self::All(false)
    }
}

/// The namespace `git`.
pub fn namespace(host: &Arc<Host>) -> Namespace {
    let mut git = Namespace::new("git");
    let context = Arc::clone(host);
    git.add(
        "fetch(options: map) -> map",
        r#"
        Puts the checkout of a service in place: clones it if there is none;
        else leaves it as it is, without network, unless told to move.

        Options: `repo` (https, ssh, git, `user@host:path`, `file://`, an absolute path),
        `name` (default: the last part of `repo`), one of `branch`, `tag`, `commit`, `ref`
        (a full name such as `refs/pull/7/head`; default: the remote's default branch),
        `update` (fetch, fast-forward only; local edits are kept, and stop it where they
        conflict), `reset` (exactly as upstream; a ref that a warning names keeps the local
        work), `submodules` (true, or a list of paths). Files in Git LFS are fetched too.
        A revision other than the one that is checked out is checked out without network if
        it was fetched before.

        Result: `path`, `commit`, `reference`, `changed`, `cloned`, `dirty`, `kept`, `repo`.
        Errors: `bad_url`, `remote_not_found`, `ref_not_found`, `not_here` (needs `update`),
        `auth_required`, `auth_failed`, `forbidden`, `dirty`, `diverged`, `remote_changed`,
        `timeout`, `lfs`, `program_not_found`, …

            let checkout = git::fetch(#{repo: "https://github.com/casey/just", tag: "1.42.0"});
            print(checkout.commit);
        "#,
        move |map: Map| fetch(&context, map),
    );
    let context = Arc::clone(host);
    git.add("fetch(repo: string) -> map", "", move |repo: &str| {
        let mut map = Map::new();
        map.insert("repo".into(), repo.into());
        fetch(&context, map)
    });
    git.add(
        "status(path: string) -> map",
        r#"
        What a checkout looks like: `commit`, `branch` (`()` if detached),
        `reference`, `dirty`, `edits` (paths), `ahead` and `behind` (of what was last fetched).

        Errors: `no_checkout`, `not_a_checkout`.

            if git::status(checkout.path).dirty { print("edited"); }
        "#,
        |path: &str| -> Result<Map> { to_map(git::status(Path::new(path)).throw()?) },
    );
    let context = Arc::clone(host);
    git.add(
        "watch(path: string, work: Fn)",
        r#"
        Calls `work([])`, then `work(paths)` each time files of a checkout have been saved,
        with their paths in it: those that git does not ignore. With the name of a service
        before `work`, also for whatever else its current generation was built from: ignored
        files, files outside, configuration. What is saved together comes together,
        and what is saved while `work` works comes next. Ends only when interrupted, or when
        `work` throws.

        Errors: `not_a_checkout`, `cannot_watch`.

            git::watch(git::checkout_path("just"), |paths| print(paths));
        "#,
        move |call: NativeCallContext, path: &str, work: FnPtr| -> Result<()> {
            watch(&context, &call, Path::new(path), None, &work)
        },
    );
    let context = Arc::clone(host);
    git.add(
        "watch(path: string, service: string, work: Fn)",
        "",
        move |call: NativeCallContext, path: &str, service: &str, work: FnPtr| -> Result<()> {
            let service = service_name(service)?;
            watch(&context, &call, Path::new(path), Some(&service), &work)
        },
    );
    let context = Arc::clone(host);
    git.add(
        "checkout_path(name: string) -> string",
        r#"
        Where the checkout of a service lies, whether it is there or not.

            print(git::checkout_path("just"));
        "#,
        move |name: &str| -> Result<String> {
            Ok(context.dirs.checkout(&service_name(name)?).display().to_string())
        },
    );
    git
}

fn watch(
    host: &Host,
    call: &NativeCallContext,
    path: &Path,
    service: Option<&Name>,
    work: &FnPtr,
) -> Result<()> {
    let path = fs::canonicalize(path).throw()?;
    let tracked = git::Tracked::of(&path).throw()?;
    let mut watcher = Watcher::new(&path, &host.cancel()).throw()?;
    let mut changes = Some(Vec::new());
    while let Some(changed) = changes {
        let relative =
            |file: &PathBuf| file.strip_prefix(&path).unwrap_or(file).display().to_string();
        let paths: Array = changed.iter().map(relative).map(Dynamic::from).collect();
        let _nothing: Dynamic = work.call_within_context(call, (paths,))?;
        let inputs = service.and_then(|service| inputs(host, service));
        watcher.also(inputs.iter().flat_map(Inputs::paths));
        changes = watcher.changed(|file| {
            tracked.counts(file) || inputs.as_ref().is_some_and(|it| it.has_changed(file))
        });
    }
    let exit = host.cancel.exit().map_or(0, |exit| exit as i64);
    Err(EvalAltResult::ErrorTerminated(Dynamic::from(ExitRequest(exit)), Position::NONE).into())
}

/// What the current generation of a service was built from.
fn inputs(host: &Host, service: &Name) -> Option<Inputs> {
    let store = host.store();
    account::inputs(&store, &store.service(service).ok()??.current?)
}

fn fetch(host: &Host, map: Map) -> Result<Map> {
    let options: Fetch = options::read("git::fetch", map)?;
    let url = RemoteUrl::parse(&options.repo)
        .map_err(|error| Fault::from_error(&error).option("repo").throw())?;
    let name = service_name(&options.name.unwrap_or_else(|| url.name()))?;
    let reference = reference(&Revision {
        branch: options.branch.as_deref(),
        tag: options.tag.as_deref(),
        commit: options.commit.as_deref(),
        full_ref: options.full_ref.as_deref(),
    })
    .map_err(|fault| fault.throw())?;
    let mode = match (options.reset, options.update) {
        (true, _) => Mode::Reset,
        (false, true) => Mode::Update,
        (false, false) => Mode::Keep,
    };
    let submodules = match options.submodules {
        Wanted::All(true) => Submodules::All,
        Wanted::All(false) | Wanted::Unset(()) => Submodules::None,
        Wanted::Only(paths) => Submodules::Only(paths),
    };
    let path: PathBuf = host.dirs.checkout(&name);
    if path.to_str().is_none() {
        let message =
            format!("the folder of checkouts, `{}`, is not UTF-8", host.dirs.src.display());
        return Err(Fault::script("not_utf8", message)
            .hint("cargo and scripts want paths in UTF-8: set HERO_HOME to a folder with another path")
            .throw());
    }
    let request = git::Options {
        service: &name,
        url: &url,
        reference: &reference,
        path: &path,
        mode,
        submodules,
        // Cargo writes one where none is committed.
        generated: &["Cargo.lock"],
        dry_run: host.dry_run(),
        credentials: &host.credentials,
        locks: &host.dirs.locks,
        prompt: host.prompt(),
    };
    let cancel = host.cancel();
    // Waiting for the others; without a slot nobody is kept from fetching.
    let _slot = match host.fetches() {
        Ok(slots) if mode != Mode::Keep || !path.exists() => slots.slot(&cancel).ok().flatten(),
        _ => None,
    };
    let started = Instant::now();
    host.accounts.restart(&name);
    let fetched = git::fetch(&request, &*host.reporter, &cancel).throw()?;
    host.accounts.add(&name, "fetch", started.elapsed());
    let mut map = to_map(fetched)?;
    map.insert("repo".into(), url.to_string().into());
    Ok(map)
}
